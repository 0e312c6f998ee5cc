/** The template of a match game, made as `atlas init` makes it: its bots are matched and play to the end, a person plays one of them, and its own tests hold. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MatchPlace, matchmake } from '@horizon-atlas/sdk-client/matchmaking';
import { developmentToken } from '@horizon-atlas/sdk-client/node';
import { afterEach, expect, test } from 'vitest';
import { Installation } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const command = join(root, 'packages/cli/bin/atlas.mjs');

let atlas: Installation | undefined;
afterEach(() => atlas?.destroy(), DEADLINE_MS);

test('somebody plays a duel against a bot, and wins by leaving it no time', { timeout: 4 * DEADLINE_MS }, async () => {
  atlas = await Installation.make();
  const { home } = atlas;
  // A folder that is not empty: the ports of this test stand in it.
  const wishes = ['--template', 'match', '--name', 'my-duel', '--yes', '--force', '--no-install', '--atlas', '0.1.0'];
  const made = spawnSync(process.execPath, [command, 'init', '.', ...wishes], { cwd: home, encoding: 'utf8' });
  expect(made.stdout).toContain('then open http://127.0.0.1:7700/play/');
  mkdirSync(join(home, 'node_modules'));
  for (const name of ['horizon-atlas', '@horizon-atlas', 'ws'])
    symlinkSync(join(root, 'node_modules', name), join(home, 'node_modules', name));

  const tested = spawnSync(process.execPath, ['--test'], { cwd: home, encoding: 'utf8' });
  expect(tested.stdout).toMatch(/pass 3\n[\s\S]*fail 0\n/);
  await atlas.start();
  const api = `http://127.0.0.1:${atlas.config.api.port}`;
  const secret = readFileSync(join(atlas.dir.root, 'dev-secret'), 'utf8').trim();
  const token = (): string => developmentToken(secret, 'ann', 'Ann');
  const place = await matchmake({ api, token, queue: 'duel', attributes: { name: 'Ann' } });
  expect(await play(place)).toMatchObject({ phase: 'over', last: 'Ann drew first' });
  const rating = async () => (await fetch(`${api}/api/v1/matchmaking/ratings/duel/ann`)).json();
  await until('it counts', async () => ((await rating()) as { wins: number }).wins === 1);
  expect((await fetch(`${api}/play/`)).status).toBe(200);
  expect(await atlas.interrupt()).toBe(0);
});

/** Draws as soon as the signal is there. Resolves with what was said last. */
function play({ address, token }: MatchPlace): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    let said: { phase?: string } = {};
    socket.onopen = () => socket.send(JSON.stringify({ token }));
    socket.onmessage = ({ data }) => {
      said = JSON.parse(String(data));
      if (said.phase === 'signal') socket.send(JSON.stringify({ draw: true }));
    };
    socket.onerror = () => reject(new Error('the match server cannot be reached'));
    socket.onclose = () => resolve(said);
  });
}
