/** examples/minimal in a folder of its own: its world runs, its player walks, and a killed server is replaced. README.md shows its region server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const names = ['atlas.config.ts', 'schema.ts', 'region.ts', 'client.ts', 'page.ts'];
const files = names.map((name) => ({ name, text: readFileSync(join(root, 'examples/minimal', name), 'utf8') }));

let atlas: Installation | undefined;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await atlas?.destroy();
}, DEADLINE_MS);

test('the region server in the README is the same, less its comments', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const shown = /\/\/ region\.ts\n([\s\S]*?)\n\n/.exec(readme)?.[1]?.split('\n') ?? [];
  const real = files.find(({ name }) => name === 'region.ts')?.text.split('\n') ?? [];
  const code = real.slice(real.indexOf('const game = defineRegion({')).filter((line) => line !== '' && !/^ *\/\//.test(line));
  expect(shown).toEqual(code);
});

test('its world runs, its player walks, and a killed server is replaced', { timeout: 3 * DEADLINE_MS }, async () => {
  atlas = await Installation.make();
  const { home, url } = atlas;
  // Its own configuration is found first; only the ports come from the command line.
  for (const { name, text } of files) writeFileSync(join(home, name), text);
  writeFileSync(join(home, 'package.json'), '{ "type": "module", "private": true }');
  mkdirSync(join(home, 'node_modules'));
  symlinkSync(join(root, 'node_modules/@horizon-atlas'), join(home, 'node_modules/@horizon-atlas'));
  await atlas.start();

  let said = '';
  const ann = spawn(process.execPath, ['client.ts', 'Ann', url], { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(ann);
  ann.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await until('she walks', () => said.includes('walked from west to east'));
  expect(said).toMatch(/^Ann is in west\n/);
  await until('she hears herself', () => said.includes('Ann says: hello from east (their 1. word)'));
  kill((await atlas.serverOf('east')).pid, 'SIGKILL');
  await until('she plays on', () => /the server of east is gone, another takes over …\n[\s\S]*… and east plays on/.test(said));
  await until('she walks back', () => said.includes('hello from west (their 2. word)'));
  expect(await atlas.interrupt()).toBe(0);
});
