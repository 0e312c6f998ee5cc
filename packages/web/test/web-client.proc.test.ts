/** A web client as a browser meets it, bundled by the real esbuild. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeWebClient, type WebAnswer, type WebClient, type WebNews, type WebSource } from '../src/index.ts';

const decoder = new TextDecoder();

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-web-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) write(folder, name, text);
  return folder;
}

let writes = 0;
/** Each write is a little older than the one before it, never of this moment: that one counts as changed until it is past. */
function write(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const at = Date.now() / 1000 - 1000 - ++writes;
  utimesSync(file, at, at);
}

function clientOf(source: WebSource, title = 'A game'): { client: WebClient; news: WebNews[] } {
  const news: WebNews[] = [];
  const client = makeWebClient({ source, title, onNews: (each) => news.push(each) });
  onTestFinished(() => client.close());
  return { client, news };
}

async function textOf(client: WebClient, path: string): Promise<{ type: string; text: string; tag: string; trouble: boolean }> {
  const answer: WebAnswer = await client.ask(path);
  if (answer.kind === 'missing') throw new Error(`${path}: ${answer.message}`);
  return { type: answer.type, text: decoder.decode(answer.body), tag: answer.tag, trouble: answer.trouble };
}

const page = '<!doctype html><script type="module" src="main.ts"></script>';

test('a folder: the page as it is, its TypeScript bundled with what it imports, and a source map', async () => {
  const home = folderWith({
    'web/index.html': page,
    'web/main.ts':
      'import { greet } from \'../shared.ts\';\nimport "./look.css";\nimport ship from "./ship.svg";\ngreet(ship as string);\n',
    'web/look.css': 'body { color: red }',
    'web/ship.svg': '<svg/>',
    'shared.ts': 'export const greet = (who: string): void => console.log(who);\n',
  });
  const { client, news } = clientOf({ kind: 'folder', folder: join(home, 'web') });
  expect(await textOf(client, '')).toMatchObject({ type: 'text/html; charset=utf-8', text: page });
  const script = await textOf(client, 'main.ts');
  expect(script).toMatchObject({ type: 'text/javascript; charset=utf-8', trouble: false });
  expect(script.text).toContain('console.log(who)');
  expect(script.text).not.toContain(': string');
  const map = /\/\/# sourceMappingURL=(\S+)/.exec(script.text)?.[1] ?? '';
  expect(JSON.parse((await textOf(client, map)).text)).toMatchObject({
    sources: expect.arrayContaining(['main.ts', '../shared.ts']),
  });
  expect((await textOf(client, 'main.css')).text).toContain('color: red');
  const art = /"\.\/(ship-[A-Z0-9]+\.svg)"/.exec(script.text)?.[1] ?? '';
  expect(await textOf(client, art)).toMatchObject({ type: 'image/svg+xml', text: '<svg/>' });
  expect(news).toEqual([
    { kind: 'built', entry: expect.stringContaining('main.ts'), bytes: expect.any(Number), ms: expect.any(Number) },
  ]);
});

test('bundled once for all who ask, and again as soon as a file of it is another', async () => {
  const folder = folderWith({
    'index.html': page,
    'main.ts': "import { n } from './n.ts';\nconsole.log(n);\n",
    'n.ts': 'export const n = 1;\n',
  });
  const { client, news } = clientOf({ kind: 'folder', folder });
  const [first, second] = await Promise.all([textOf(client, 'main.ts'), textOf(client, 'main.ts')]);
  expect((await textOf(client, 'main.ts')).tag).toBe(first.tag);
  expect(second.tag).toBe(first.tag);
  expect(news).toHaveLength(1);
  write(folder, 'n.ts', 'export const n = 2;\n');
  const changed = await textOf(client, 'main.ts');
  expect(changed.text).toContain('n = 2');
  expect(changed.tag).not.toBe(first.tag);
  expect(news).toHaveLength(2);
});

test('what is wrong is said in the page and to its keeper, and is over when it is mended', async () => {
  const folder = folderWith({ 'index.html': page, 'main.ts': "import { x } from './missing.ts';\nconst '</script><b>' = x;\n" });
  const { client, news } = clientOf({ kind: 'folder', folder });
  const script = await textOf(client, 'main.ts');
  expect(script.trouble).toBe(true);
  expect(script.text).toContain('main.ts:2:6');
  // It is a script that runs: it must be one.
  expect(() => new Function(script.text)).not.toThrow();
  expect(news).toEqual([{ kind: 'failed', entry: join(folder, 'main.ts'), text: expect.stringContaining('main.ts:2:6') }]);
  write(folder, 'main.ts', 'console.log(3);\n');
  expect((await textOf(client, 'main.ts')).trouble).toBe(false);
});

test('server code in a page is told as such', async () => {
  const folder = folderWith({ 'index.html': page, 'main.ts': "import { readFileSync } from 'node:fs';\nreadFileSync('x');\n" });
  const { client } = clientOf({ kind: 'folder', folder });
  expect((await textOf(client, 'main.ts')).text).toContain('Could not resolve \\"node:fs\\"');
});

test('one script is enough, and nothing else of its folder is to be seen', async () => {
  const folder = folderWith({
    'main.ts': 'document.title = "x";\n',
    'atlas.config.ts': 'export default 1;\n',
    'notes.txt': 'mine',
  });
  const { client } = clientOf({ kind: 'entry', entry: join(folder, 'main.ts') }, '<b>Sol</b>');
  const { text } = await textOf(client, '');
  expect(text).toContain('<title>&lt;b&gt;Sol&lt;/b&gt;</title>');
  expect(text).toContain('<script type="module" src="main.ts"></script>');
  expect((await textOf(client, 'main.ts')).text).toContain('document.title = "x"');
  expect((await textOf(client, 'main.js.map')).type).toBe('application/json; charset=utf-8');
  for (const path of ['notes.txt', 'atlas.config.ts', '../main.ts']) expect((await client.ask(path)).kind, path).toBe('missing');
});

test('a game without a web client gets a page that joins all the same', async () => {
  const { client } = clientOf({ kind: 'generic' });
  const { text } = await textOf(client, '');
  expect(text).toContain("web: './web'");
  expect(text).not.toMatch(/<style|style=|<script(?! type="module" src=")/);
  expect((await textOf(client, 'style.css')).type).toBe('text/css; charset=utf-8');
  const script = await textOf(client, 'main.ts');
  expect(script.trouble, script.text).toBe(false);
});

test('what is not there is not there', async () => {
  const { client } = clientOf({ kind: 'folder', folder: folderWith({ 'index.html': page }) });
  for (const path of ['x.png', 'main.ts', '%2e%2e/x', 'main.js.map', 'index.html/x'])
    expect((await client.ask(path)).kind, path).toBe('missing');
});
