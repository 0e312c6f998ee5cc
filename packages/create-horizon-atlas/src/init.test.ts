import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type InitOptions, initProject } from './init.ts';
import { explain } from './install.ts';
import type { Ask } from './questions.ts';
import { templates } from './templates.ts';

let home = '';
let said: string[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'create-'));
  said = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const init = (options: InitOptions, ask?: Ask) =>
  initProject({ install: false, atlas: '0.1.0', ...options }, { say: (text) => void said.push(text), ask });
const read = (...path: string[]) => readFileSync(join(home, ...path), 'utf8');

test.each(templates)('$name: everything that a project needs, filled in', async ({ name: template, loadtest }) => {
  await init({ folder: join(home, 'My World'), template });
  const manifest = JSON.parse(read('My World', 'package.json')) as Record<string, Record<string, string>>;
  expect(manifest).toMatchObject({ name: 'my-world', dependencies: { 'horizon-atlas': '0.1.0' } });
  const scripts = Object.keys(manifest.scripts ?? {});
  expect(scripts).toEqual(expect.arrayContaining(['start', 'test', 'types']));
  expect(scripts.includes('loadtest')).toBe(loadtest);
  expect(read('My World', 'atlas.config.ts')).toContain("name: 'My world'");
  expect(readdirSync(join(home, 'My World'))).toEqual(
    expect.arrayContaining(['.gitignore', 'README.md', 'atlas.config.ts', 'tsconfig.json', 'test']),
  );
  // No placeholder is left, no folder beside it, nothing of npm's.
  for (const name of readdirSync(join(home, 'My World'), { recursive: true, withFileTypes: true })) {
    if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name), 'utf8'), name.name).not.toMatch(/__[A-Z]+__/);
  }
  expect(readdirSync(home)).toEqual(['My World']);
  expect(said.join('\n')).toMatch(/Next:\n {2}cd .*'\n {2}npm install\n {2}npm start/);
});

test('a folder that is not empty is refused, and stays as it was', async () => {
  writeFileSync(join(home, 'thesis.txt'), 'years of work');
  await expect(init({ folder: home })).rejects.toMatchObject({
    code: 'FOLDER_NOT_EMPTY',
    message: expect.stringContaining('thesis.txt'),
  });
  expect(readdirSync(home)).toEqual(['thesis.txt']);
});

test('a fresh repository is as good as an empty folder', async () => {
  mkdirSync(join(home, '.git'));
  await init({ folder: home, name: 'mine' });
  expect(existsSync(join(home, '.git'))).toBe(true);
  expect(JSON.parse(read('package.json'))).toMatchObject({ name: 'mine' });
});

test('with --force what is missing is added, and nothing is written over', async () => {
  writeFileSync(join(home, 'package.json'), '{ "name": "old" }');
  writeFileSync(join(home, 'game.ts'), '// mine');
  const { kept } = await init({ folder: home, force: true });
  expect(kept).toEqual(['game.ts', 'package.json']);
  expect([read('package.json'), read('game.ts')]).toEqual(['{ "name": "old" }', '// mine']);
  expect(read('schema.ts')).toContain('defineGame');
  expect(said.join('\n')).toContain('your package.json needs "horizon-atlas": "0.1.0"');
});

test('what cannot be is told before anything is made', async () => {
  writeFileSync(join(home, 'file'), '');
  await expect(init({ folder: join(home, 'file') })).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  await expect(init({ folder: join(home, 'x'), name: 'Not A Name' })).rejects.toMatchObject({ code: 'NAME_INVALID' });
  await expect(init({ folder: join(home, 'x'), template: 'maze' })).rejects.toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
  await expect(init({ folder: join(home, 'x'), atlas: './no-such.tgz' })).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  await expect(init({ folder: join(home, 'file', 'below') })).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  expect(readdirSync(home)).toEqual(['file']);
});

test('on a terminal what was not said is asked', async () => {
  const asked: string[] = [];
  const ask: Ask = {
    async text(question, usual) {
      asked.push(question);
      return question.startsWith('Where') ? join(home, 'asked') : usual;
    },
    async choice(question) {
      asked.push(question);
      return 'minimal';
    },
  };
  await init({}, ask);
  expect(asked).toHaveLength(3);
  expect(existsSync(join(home, 'asked', 'client.ts'))).toBe(true);
  asked.length = 0;
  await init({ folder: join(home, 'told'), yes: true }, ask);
  expect(asked).toEqual([]);
});

test.each([
  ['spawn npm ENOENT', /npm was not found/],
  ['npm error code ENOTFOUND', /registry cannot be reached/],
  ["npm error 404  'horizon-atlas@0.1.0' is not in this registry.", /has no horizon-atlas@0\.1\.0/],
  ['npm error code ENOSPC', /disk is full/],
  ['something else\nlast words', /last words/],
])('npm says %j', (output, sentence) => expect(explain(output)).toMatch(sentence));
