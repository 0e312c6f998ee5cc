/**
 * Four games that nobody here wrote, as a person runs them: `atlas server add`, `atlas up`, and their real clients through Atlas's own edge. Each sleeps when nobody plays, is
 * woken by the first bytes of a player who is held meanwhile, is counted, is found to hang and replaced, and is ended gently with what it saves.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@horizon-atlas/port-contracts';
import { type Admin, connectAdmin, type GameServer } from '@horizon-atlas/sdk-admin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingOf, RealClient, type RealGame, realGames, squidModules } from './games/real-clients.ts';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const launcher = fileURLToPath(new URL('../packages/cli/bin/atlas.mjs', import.meta.url));
const games = realGames.filter((game) => !missingOf(game));
/** OpenTTD's sleeps without a process, and goes on with what it saved; the others stand still. */
const sleep = (id: string) => ({ how: id === 'openttd' ? 'stop' : 'freeze', afterMs: 2_500 });

let atlas: Installation;
let admin: Admin;
const ports = new Map<string, number>();
const clients = new Set<RealClient>();
const seen: Record<string, string>[] = [];

beforeAll(async () => {
  if (games.length === 0) return;
  atlas = await Installation.make({ world: undefined, regionServer: undefined });
  symlinkSync(squidModules, join(atlas.home, 'node_modules'));
  // Every second one: some take the next one, too.
  const free = (await freePorts(2 * games.length)).filter((_, i) => i % 2 === 0);
  for (const { id } of games) {
    const port = free.pop() ?? 0;
    ports.set(id, port);
    const vars = id === 'openttd' ? ['--var', 'mapX=6', 'mapY=6'] : [];
    execFileSync(process.execPath, [launcher, 'server', 'add', id, '--port', String(port), ...vars], { cwd: atlas.home });
  }
  // So soon that a test can wait for it.
  const file = join(atlas.home, 'atlas.config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { fleets: { name: string }[] };
  writeFileSync(file, JSON.stringify({ ...config, fleets: config.fleets.map((each) => ({ ...each, sleep: sleep(each.name) })) }));
  await atlas.start();
  admin = connectAdmin({ url: `http://127.0.0.1:${atlas.config.api.port}` });
}, 2 * DEADLINE_MS);

afterAll(async () => {
  for (const client of clients) client.end();
  if (seen.length > 0) console.table(Object.fromEntries(seen.map(({ game = '', ...rest }) => [game, rest])));
  await atlas?.destroy();
}, DEADLINE_MS);

describe.each(games)('$id', (game) => {
  it('sleeps, wakes, is counted, hangs and is replaced, and ends with its save', { timeout: 6 * DEADLINE_MS }, async () => {
    const row: Record<string, string> = { game: `${game.id} (${game.protocol})` };
    const stops = sleep(game.id).how === 'stop';
    const asleep = await server(game, 'sleeps', ({ state, pid }) => state === 'Sleeping' && (pid === 0) === stops);
    row.sleeps = asleep.pid === 0 ? 'without a process' : 'frozen';

    const first = new RealClient(game, ports.get(game.id) ?? 0);
    clients.add(first);
    const knockedMs = performance.now();
    const playing = await server(game, 'has a player', plays, first);
    row['plays after the knock'] = sinceText(knockedMs);
    expect(playing.id).toBe(asleep.id);
    expect(playing.players?.names).toEqual(['pilot']);
    const way = await until('the edge has the session', async () =>
      (await admin.edgeSessions()).items.find((each) => each.server === playing.id && each.state === 'open'),
    );
    // Of this machine's loopback, and none that a player could have: bans of an address work in the game.
    expect(way.seenAs).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
    row['seen as'] = way.seenAs.replace(/:\d+$/, '');
    row.players = `${playing.players?.count} of ${playing.players?.capacity}`;
    row.memory = `${Math.round((playing.memoryBytes ?? 0) / 1e6)} MB`;
    expect(playing.memoryBytes).toBeGreaterThan(1e6);

    kill(playing.pid, 'SIGSTOP');
    const hungMs = performance.now();
    const next = await until(`${game.id}: one that hangs is replaced`, async () => {
      const all = (await admin.gameServers({ fleet: game.id })).items;
      return all.every(({ id }) => id !== playing.id) && all.find(({ state }) => state === 'Ready' || state === 'Sleeping');
    });
    row['hang noticed, replaced'] = sinceText(hungMs);
    first.end();

    const second = new RealClient(game, ports.get(game.id) ?? 0);
    clients.add(second);
    await server(game, 'has a player again, by the same port', (now) => now.id === next.id && plays(now), second);
    second.leave();
    await server(game, 'is empty again', ({ players }) => players?.count === 0, second);

    const folder = join(atlas.dir.root, 'servers', game.id, '0');
    await admin.orderGameServer(next.id, 'shutdown');
    await until(`${game.id}: it has ended`, async () =>
      (await admin.gameServers({ fleet: game.id })).items.every(({ id }) => id !== next.id),
    );
    for (const path of game.saved) expect(existsSync(join(folder, path)), `${path} is kept`).toBe(true);
    row.saved = game.saved.join(' ') || 'nothing to save';
    seen.push(row);
  });
});

it.runIf(games.length > 0)('all of it ends gently with Atlas', { timeout: 2 * DEADLINE_MS }, async () => {
  expect(await atlas.interrupt()).toBe(0);
  expect(atlas.processes()).toEqual([]);
});

const plays = ({ players }: GameServer): boolean => players?.count === 1 && players.names?.join() === 'pilot';

function server(game: RealGame, what: string, fits: (server: GameServer) => boolean, client?: RealClient): Promise<GameServer> {
  let last = '';
  return until(`${game.id} ${what}`, async () => {
    const all = (await admin.gameServers({ fleet: game.id })).items;
    last = all.map(({ id, state, players, why }) => `${id} ${state} ${players?.count ?? '–'} ${why}`).join('; ');
    const found = all.find(fits);
    if (!found) throw new Error(`it has ${last}${client ? `; the client says ${client.said.slice(-600)}` : ''}`);
    return found;
  });
}

function sinceText(fromMs: number): string {
  return `${((performance.now() - fromMs) / 1000).toFixed(1)} s`;
}
