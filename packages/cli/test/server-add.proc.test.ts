/** `atlas server add` as it is typed: what it writes into the configuration, and what it says of what it cannot. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const launcher = fileURLToPath(new URL('../bin/atlas.mjs', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-add-'));
  writeFileSync(join(folder, 'atlas.config.json'), '{ "name": "games" }');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function add(...args: string[]): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'server', 'add', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { code: status, said: stdout + stderr };
}

const fleets = () => (JSON.parse(readFileSync(join(folder, 'atlas.config.json'), 'utf8')) as { fleets?: unknown[] }).fleets ?? [];

it('leads players by the edge, unless somebody wants them not to', { timeout: 120_000 }, () => {
  const { code, said } = add('bzflag', '--port', '5200', '--var', 'maxPlayers=8', 'teams');
  expect(said).toMatch(/players join 127\.0\.0\.1:5200/);
  expect(said).toMatch(/apt-get install bzflag-server/);
  expect(code).toBe(0);
  expect(add('bzflag', '--name', 'direct', '--port', '5201', '--direct').code).toBe(0);
  expect(fleets()).toEqual([
    {
      name: 'bzflag',
      game: 'bzflag',
      vars: { maxPlayers: 8, teams: true },
      ports: [{ name: 'game', edge: { port: 5200 } }],
    },
    { name: 'direct', game: 'bzflag', ports: [{ name: 'game', port: 5201 }] },
  ]);
});

it.each([
  [
    'a port that is none',
    ['bzflag', '--port', 'many'],
    /--port many is no port: a whole number from 1 to 65535/,
    'REQUEST_INVALID',
  ],
  ['a variable that the game has not', ['bzflag', '--var', 'maxPlayer=8'], /did you mean maxPlayers\?/, 'GAME_VARIABLE_INVALID'],
  ['a number that is none', ['bzflag', '--var', 'maxPlayers=many'], /maxPlayers is a number/, 'GAME_VARIABLE_INVALID'],
  ['a number that may not be', ['bzflag', '--var', 'maxPlayers=999'], /maxPlayers.*200/s, 'GAME_VARIABLE_INVALID'],
  ['a switch that is none', ['bzflag', '--var', 'teams=perhaps'], /teams is true or false/, 'GAME_VARIABLE_INVALID'],
  ['a game that nobody knows', ['bzflg'], /bzflag/, 'GAME_UNKNOWN'],
])('refuses %s, and writes nothing', { timeout: 60_000 }, (_what, args, says, named) => {
  const { code, said } = add(...args);
  expect(said).toMatch(says);
  expect(said).toContain(named);
  expect(code).not.toBe(0);
  expect(fleets()).toEqual([]);
  expect(existsSync(join(folder, 'atlas.config.atlas-check.json'))).toBe(false);
});
