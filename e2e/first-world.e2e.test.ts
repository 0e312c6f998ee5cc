/**
 * docs/guides/first-world.md is done as it is written, from the packed packages and nothing else of ours: a project is made in an empty folder,
 * runs, is changed as the guide says, tested, type-checked and put under load.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PackedProject } from './packed-project.ts';
import { DEADLINE_MS, until } from './until.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const guide = readFileSync(join(root, 'docs/guides/first-world.md'), 'utf8');
const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
const edits = [...guide.matchAll(/^In `([\w./]+)`, after `(.+)`:\n\n```ts\n([\s\S]*?)^```$/gm)];
const files = [...guide.matchAll(/^`([\w./-]+)`\n\n```ts\n([\s\S]*?)^```$/gm)];

/** npm has everything to fetch. */
const INSTALL_MS = 300_000;

let project: PackedProject;
beforeAll(async () => {
  project = await PackedProject.make();
}, INSTALL_MS);
afterAll(async () => project?.destroy(), DEADLINE_MS);

test('it takes ten commands at most, and these are all of them', () => {
  expect(commands).toEqual([
    'npm create horizon-atlas@latest my-world -- --yes',
    'cd my-world',
    'npm start',
    'npm test',
    'npm run types',
    'npm run loadtest -- --players 20 --duration 5s',
  ]);
});

test('the project is made, and refused where something is already', { timeout: INSTALL_MS }, async ({ skip }) => {
  const { code, output } = await project.create('my-world', '--yes');
  if (code !== 0 && !process.env.CI && /registry cannot be reached/.test(output)) skip('the npm registry cannot be reached');
  expect(output).toMatch(/^my-world is in .*my-world: \d+ files of the template world\.$/m);
  expect(output).toContain('\nNext:\n  cd my-world\n  npm start ');
  expect(code, output).toBe(0);
  const again = await project.create('my-world', '--yes');
  expect([again.code, again.output]).toEqual([1, expect.stringContaining('(FOLDER_NOT_EMPTY)')]);
  // What runs is compiled code from the tarball and the Node that came along, nothing of this checkout.
  expect((await project.npm('exec', '--', 'node', '--version')).output.trim()).toMatch(/^v24\./);
  expect(readFileSync(join(project.home, 'package-lock.json'), 'utf8')).not.toContain(root);
});

test('it runs, players join and cross, and it stops', { timeout: 4 * DEADLINE_MS }, async () => {
  await project.start();
  // The machine may be doing other things: how long a crossing takes is not what is tested here.
  const load = await project.npm('run', '-s', 'loadtest', '--', '--players', '5', '--duration', '4s', '--max-gap-max', '20000');
  expect(load.output).toMatch(/5 of 5/);
  expect(load.code, load.output).toBe(0);
  expect(await project.status()).toMatchObject({ regions: expect.arrayContaining([expect.objectContaining({ id: 'forest' })]) });
  const meadow = await until('the meadow is played', () => project.pidOf('meadow'));
  process.kill(meadow, 'SIGKILL');
  await until('another server plays it', async () => {
    const now = await project.pidOf('meadow');
    return now !== undefined && now !== meadow;
  });
  expect(await project.interrupt()).toContain('Stopped. Nothing is left running');
  expect(project.processes()).toEqual([]);
});

test('it is changed as the guide says, and its tests and types pass', { timeout: 4 * DEADLINE_MS }, async () => {
  expect(edits).toHaveLength(2);
  for (const [, file = '', line = '', text = ''] of edits) {
    const before = readFileSync(join(project.home, file), 'utf8');
    expect(before.split(line), `${file} has "${line}" once`).toHaveLength(2);
    writeFileSync(join(project.home, file), before.replace(`${line}\n`, `${line}\n${text}`));
  }
  expect(files.map(([, file]) => file)).toEqual(['test/drop.test.ts']);
  for (const [, file = '', text = ''] of files) writeFileSync(join(project.home, file), text);
  const tested = await project.npm('test');
  expect(tested.output).toMatch(/pass 6\n[\s\S]*fail 0\n/);
  expect(tested.code, tested.output).toBe(0);
  const typed = await project.npm('run', 'types');
  expect(typed.code, typed.output).toBe(0);
});

test('what the schema does not say is no type anywhere', { timeout: 2 * DEADLINE_MS }, async () => {
  const wrong = [
    "import { connect } from 'horizon-atlas/client';",
    "import { schema } from './schema.ts';",
    "const atlas = await connect({ url: '', token: '', schema });",
    "atlas.send('berry/drop', { count: 'two' });",
    "atlas.on('chat/shouted', () => {});",
    "atlas.on('chat/said', ({ from }) => from.toFixed());",
  ];
  writeFileSync(join(project.home, 'wrong.ts'), wrong.join('\n'));
  const { code, output } = await project.npm('run', 'types');
  expect(code).not.toBe(0);
  const lines = [...output.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line));
  expect([...new Set(lines)]).toEqual([4, 5, 6]);
  expect(output).not.toMatch(/^(?!wrong)\S+\.ts\(/m);
});
