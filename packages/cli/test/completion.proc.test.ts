/** Completion scripts as shells read them. bash is always there; zsh and fish only say whether they can parse theirs. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bashScript } from '../src/completion/bash.ts';
import { fishScript } from '../src/completion/fish.ts';
import { commandModels } from '../src/completion/model.ts';
import { zshScript } from '../src/completion/zsh.ts';
import { makeProgram } from '../src/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'atlas-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));
const models = commandModels(makeProgram());
const files = { bash: join(folder, 'atlas.bash'), zsh: join(folder, '_atlas'), fish: join(folder, 'atlas.fish') };
writeFileSync(files.bash, bashScript(models));
writeFileSync(files.zsh, zshScript(models));
writeFileSync(files.fish, fishScript(models));
writeFileSync(join(folder, 'world.ts'), '');
// Stands for the command itself, which would ask a running world: it answers with what it was asked for.
const command = join(folder, 'atlas');
writeFileSync(command, '#!/bin/sh\nprintf "%s-1\\n%s-2\\n" "$3" "$3"\n');
chmodSync(command, 0o755);

/** What bash offers for a line, the last word of which is being typed. */
function check(line: string, expected: (offered: string[]) => void): void {
  const words = [command, ...line.split(' ')];
  const script = `source ${files.bash}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _atlas; printf '%s\\n' "\${COMPREPLY[@]}"`;
  // With a pipe for its input bash may take itself for a login from afar, and read the machine's own settings.
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-u', '-c', script], {
    ...{ cwd: folder, encoding: 'utf8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expected(stdout.split('\n').filter((word) => word !== ''));
}
const exactly =
  (...words: string[]) =>
  (offered: string[]) =>
    expect(offered).toEqual(words);
const among =
  (...words: string[]) =>
  (offered: string[]) =>
    expect(offered).toEqual(expect.arrayContaining(words));

describe('bash', () => {
  it('parses it', () =>
    expect(spawnSync('bash', ['-n', files.bash], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' }));
  it('offers commands', () => check('', among('up', 'status', 'kill', 'completion')));
  it('offers those that fit', () => check('re', among('regions', 'restart')));
  it('offers options of the command', () => check('players --s', exactly('--state', '--sort')));
  it('offers shared options before the command', () => check('--da', exactly('--data-dir')));
  it('offers values of an option', () => check('regions --output ', exactly('table', 'json', 'yaml')));
  it('offers commands within a command', () => check('keys ', exactly('create', 'delete')));
  it('offers options within it', () => check('keys create x --sc', exactly('--scope')));
  it('offers ids of the running world', () => check('kick ', exactly('player-1', 'player-2')));
  it('offers ids as values', () => check('players --region ', exactly('region-1', 'region-2')));
  it('offers files', () => check('up wor', exactly('world.ts')));
  it('offers nothing where anything may stand', () => check('players -n ', exactly()));
});

describe.each([
  ['zsh', 'zsh', files.zsh],
  ['fish', 'fish', files.fish],
])('%s', (shell, debian, file) => {
  const there = spawnSync(shell, ['--version']).error === undefined;
  if (!there && !process.env.CI) it.skip(`is not here: apt-get install ${debian}`, () => {});
  else
    it('parses it', () => expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' }));
});
