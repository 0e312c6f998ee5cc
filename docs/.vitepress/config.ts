/** The documentation as a site: `npm run docs:build`, `npm run docs:dev`. Search is local, and nothing is asked of anybody else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { defineConfig } from 'vitepress';

const docs = resolve(import.meta.dirname, '..');

const guides = [
  ['first-world', 'Your first world'],
  ['connect-a-client', 'Connect a game client'],
  ['write-a-region-server', 'Write a region server'],
  ['handle-a-handoff', 'Handle a handoff'],
  ['simulator', 'Test with the simulator'],
  ['matchmaking', 'Matches: queue, server, players'],
  ['fleets', 'Run fleets of game servers'],
  ['dedicated-servers', 'Dedicated servers as they are'],
  ['edges', 'Public ports of game servers'],
  ['secure-the-gateway', 'Secure the gateway'],
  ['operate', 'Operate'],
  ['metrics', 'Metrics, a board and traces'],
  ['another-language', 'A client in another language'],
] as const;

export default defineConfig({
  title: 'Horizon Atlas',
  description: 'Runs multiplayer worlds without loading screens.',
  lang: 'en',
  cleanUrls: true,
  outDir: join(docs, '../dist/docs'),
  // Icons and fonts are in the build; a page asks nobody else for anything.
  head: [['link', { rel: 'icon', href: '/atlas.svg', type: 'image/svg+xml' }]],
  markdown: {
    config: (md) => {
      md.core.ruler.push('outside-links', (state) => outsideLinks(state));
      // Game definitions have {{placeholders}}, which are none of the page's own.
      const plain = md.renderer.rules.code_inline;
      md.renderer.rules.code_inline = (tokens, at, ...more) => {
        tokens[at]?.attrSet('v-pre', '');
        return plain?.(tokens, at, ...more) ?? '';
      };
    },
  },
  themeConfig: {
    logo: '/atlas.svg',
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Guides', link: '/guides/first-world' },
      { text: 'Reference', link: '/reference/config' },
      { text: 'Decisions', link: '/decisions/0001-node-24-brought-along' },
    ],
    sidebar: {
      '/guides/': [{ text: 'Guides', items: [...listed('guides', guides)] }],
      '/reference/': [{ text: 'Reference', items: listed('reference') }],
      '/decisions/': [{ text: 'Decisions', items: listed('decisions') }],
    },
  },
});

/** In a given order first, then whatever else lies in the folder. */
function listed(folder: string, first: readonly (readonly [string, string])[] = []): { text: string; link: string }[] {
  const rest = readdirSync(join(docs, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replace(/\.md$/, ''))
    .filter((name) => !first.some(([known]) => known === name))
    .map((name): readonly [string, string] => [name, headingOf(join(docs, folder, `${name}.md`))]);
  return [...first.filter(([name]) => existsSync(join(docs, folder, `${name}.md`))), ...rest].map(([name, text]) => ({
    text,
    link: `/${folder}/${name}`,
  }));
}

function headingOf(file: string): string {
  return /^# (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? file;
}

interface MarkdownToken {
  readonly type: string;
  readonly children: MarkdownToken[] | null;
  attrGet(name: string): string | null;
  tag: string;
  hidden: boolean;
}

/** Pages are read in the repository, too, and link to its files. Here such a link is only its text, if the file exists; else the build fails. */
function outsideLinks(state: { env: { path?: string }; tokens: unknown }): void {
  const page = state.env.path ?? '';
  let within = false;
  for (const token of (state.tokens as MarkdownToken[]).flatMap(({ children }) => children ?? [])) {
    if (token.type === 'link_open') {
      const href = (token.attrGet('href') ?? '').split('#')[0] ?? '';
      const target = resolve(dirname(page), decodeURI(href));
      within = href.startsWith('.') && !target.startsWith(`${docs}/`) && page !== '';
      if (within && !existsSync(target)) throw new Error(`${page} links to ${target}, which does not exist`);
    }
    if (within && (token.type === 'link_open' || token.type === 'link_close')) {
      token.tag = 'span';
      (token as unknown as { attrs: unknown }).attrs = null;
      if (token.type === 'link_close') within = false;
      (token as { type: string }).type = token.type === 'link_open' ? 'em_open' : 'em_close';
    }
  }
}
