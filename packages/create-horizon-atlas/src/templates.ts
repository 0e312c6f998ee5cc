/** The templates: folders below `templates/`, and what is filled in when one is copied. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Template {
  readonly name: string;
  readonly description: string;
  /** What to do while `npm start` runs. */
  readonly start: string;
  /** `npm run loadtest` is there: many players at once in its world. */
  readonly loadtest: boolean;
}

/** The first one is what you get without asking. */
export const templates: readonly Template[] = [
  {
    name: 'world',
    description: 'a seamless world of four regions: walk it in the browser, pick berries, talk',
    start: 'then open http://127.0.0.1:7700/play/ in two windows',
    loadtest: true,
  },
  {
    name: 'minimal',
    description: 'two regions and a player who walks between them: the least there can be',
    start: 'and in another terminal: npm run client',
    loadtest: true,
  },
  {
    name: 'match',
    description: 'a duel: match servers, a queue with ratings, bots, and a page to play them',
    start: 'then open http://127.0.0.1:7700/play/',
    loadtest: false,
  },
];

export interface Filling {
  /** Of the package. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Of horizon-atlas, and so of this. */
  readonly release: string;
  /** Where horizon-atlas comes from, as package.json says it. */
  readonly atlas: string;
}

export interface TemplateFile {
  /** With slashes, whatever the system. */
  readonly path: string;
  readonly content: Buffer;
}

const folder = fileURLToPath(new URL('../templates/', import.meta.url));

export function filesOf(template: string, filling: Filling): TemplateFile[] {
  const home = join(folder, template);
  return filesBelow(home).map((file) => {
    const path = relative(home, file).split(sep).join('/');
    const content = readFileSync(file);
    // npm does not publish a file of that name.
    return { path: path.replace(/(^|\/)gitignore$/, '$1.gitignore'), content: isText(path) ? filled(content, filling) : content };
  });
}

function filled(content: Buffer, { name, title, release, atlas }: Filling): Buffer {
  const marks: Readonly<Record<string, string>> = { NAME: name, TITLE: title, RELEASE: release, ATLAS: atlas };
  const text = content.toString('utf8').replace(/__(NAME|TITLE|RELEASE|ATLAS)__/g, (_mark, key: string) => marks[key] ?? '');
  return Buffer.from(text, 'utf8');
}

function isText(path: string): boolean {
  return /\.(ts|json|md|html|css|svg)$|gitignore$/.test(path);
}

function filesBelow(home: string): string[] {
  return readdirSync(home, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(home, entry.name)) : [join(home, entry.name)]))
    .sort();
}
