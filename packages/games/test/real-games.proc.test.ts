/**
 * The definitions that Atlas brings along, with the real servers and real clients: started, ready, players counted by log and query, frozen and woken, and
 * ended gently with what they save. BZFlag has a test of its own beside this one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@horizon-atlas/port-contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { loadGame } from '../src/index.ts';
import { Stage } from './stage.ts';

let stage: Stage | undefined;
let client: ChildProcess | undefined;
const homes: string[] = [];
afterEach(async () => {
  client?.kill('SIGKILL');
  await stage?.close();
  stage = undefined;
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

/** Skipped where a program is missing, except in CI. */
function needs(games: string, programs: readonly string[]): boolean {
  const missing = programs.filter((path) => !existsSync(path));
  if (missing.length === 0 || process.env.CI) return false;
  console.warn(`SKIPPED ${games}: ${missing.join(' and ')} missing`);
  return true;
}

function home(): string {
  const path = mkdtempSync(join(tmpdir(), 'atlas-player-'));
  homes.push(path);
  return path;
}

function play(argv: readonly string[], env: Record<string, string>): ChildProcess {
  const [program = '', ...args] = argv;
  // A client may end with what it reads from.
  client = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'ignore'] });
  return client;
}

const openttd = ['/usr/games/openttd', '/usr/share/games/openttd/baseset/opengfx'];
describe.skipIf(needs('OpenTTD (apt-get install openttd openttd-opengfx)', openttd))('OpenTTD', () => {
  it('plays, is counted, saves when it is asked to end, and goes on with what it saved', { timeout: 120_000 }, async () => {
    stage = new Stage([{ game: await loadGame('openttd', '.'), variables: { mapX: 6, mapY: 6 } }]);
    const { fleet } = stage;
    const { game } = await stage.start();
    await fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready', 60_000);
    await fleet.until('gs_1', ({ players }) => players?.count === 0 && players.capacity === 25, 'a query was answered', 20_000);
    const folder = home();
    // Without a name it would ask for one.
    writeFileSync(join(folder, 'client.cfg'), '[network]\nclient_name = pilot\n');
    const argv = [
      '-v',
      'null:ticks=2000000000',
      '-s',
      'null',
      '-m',
      'null',
      '-c',
      join(folder, 'client.cfg'),
      '-n',
      `127.0.0.1:${game}`,
    ];
    play(['/usr/games/openttd', ...argv], { HOME: folder });
    const view = await fleet.until('gs_1', ({ players }) => players?.count === 1, 'one plays', 60_000);
    expect(view.players).toEqual({ count: 1, capacity: 25, names: ['pilot'] });
    client?.kill('SIGKILL');
    await fleet.until('gs_1', ({ players }) => players?.count === 0, 'nobody plays any more', 60_000);
    const saves = join(stage.games.launched('gs_1')?.folder ?? '', 'save');
    const backup = await stage.games.backup('gs_1');
    expect(statSync(join(backup, 'save', 'backup.sav')).size).toBeGreaterThan(1000);
    expect(await fleet.stop('gs_1')).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(statSync(join(saves, 'atlas.sav')).size).toBeGreaterThan(1000);
    await stage.start('gs_2');
    await fleet.until('gs_2', ({ state }) => state === 'Ready', 'it is ready again', 60_000);
    expect(stage.log('gs_2')).not.toContain('Generating map');
  });
});

const minetest = ['/usr/games/minetestserver', '/usr/games/minetest'];
describe.skipIf(needs('Minetest (apt-get install minetest-server minetest)', minetest))('Minetest', () => {
  it('plays, is counted by its own list of players, sleeps frozen, and wakes', { timeout: 120_000 }, async () => {
    stage = new Stage([{ game: await loadGame('minetest', '.'), sleep: { how: 'freeze', afterMs: 4000 } }]);
    const { fleet } = stage;
    const { game } = await stage.start();
    await fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready', 60_000);
    await fleet.until('gs_1', ({ state }) => state === 'Sleeping', 'it sleeps, since nobody plays', 30_000);
    expect(fleet.wake('gs_1')).toBeUndefined();
    const folder = home();
    // A client without a window.
    writeFileSync(join(folder, 'client.conf'), 'video_driver = null\nenable_sound = false\nenable_shaders = false\n');
    play(
      [
        '/usr/games/minetest',
        '--config',
        join(folder, 'client.conf'),
        '--go',
        '--address',
        '127.0.0.1',
        '--port',
        String(game),
        '--name',
        'pilot',
        '--password',
        'x',
      ],
      { HOME: folder },
    );
    const view = await fleet.until('gs_1', ({ players }) => players?.count === 1, 'one plays', 60_000);
    expect(view.players).toEqual({ count: 1, capacity: 15, names: ['pilot'] });
    client?.kill('SIGINT');
    await fleet.until('gs_1', ({ players }) => players?.count === 0, 'nobody plays any more', 60_000);
    const folderOf = stage.games.launched('gs_1')?.folder ?? '';
    expect(await fleet.stop('gs_1')).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(readdirSync(join(folderOf, 'world')).length).toBeGreaterThan(0);
  });
});

/** Installed on demand, since it is half a gigabyte; see e2e/minecraft/README.md. */
const squid = join(import.meta.dirname, '../../../e2e/minecraft');
describe.skipIf(needs('Minecraft (npm ci --prefix e2e/minecraft)', [join(squid, 'node_modules/flying-squid')]))(
  'Minecraft by flying-squid',
  () => {
    it('plays, is counted, is found to hang, and saves its world', { timeout: 120_000 }, async () => {
      Stage.project = squid;
      stage = new Stage([{ game: await loadGame('minecraft', '.') }]);
      const { fleet } = stage;
      const { game } = await stage.start();
      await fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready', 60_000);
      play([process.execPath, join(squid, 'bot.mjs'), '127.0.0.1', String(game), 'pilot'], {});
      const view = await fleet.until('gs_1', ({ players }) => players?.names?.join() === 'pilot', 'one plays', 60_000);
      expect(view.players).toEqual({ count: 1, capacity: 10, names: ['pilot'] });
      client?.kill('SIGTERM');
      await fleet.until('gs_1', ({ players }) => players?.count === 0, 'nobody plays any more', 60_000);
      const folder = stage.games.launched('gs_1')?.folder ?? '';
      await fleet.stop('gs_1');
      await until(() => existsSync(join(folder, 'world', 'level.dat')), 'its world is saved');

      await stage.start('gs_2');
      const second = await fleet.until('gs_2', ({ state }) => state === 'Ready', 'it is ready again', 60_000);
      process.kill(second.pid, 'SIGSTOP');
      const hung = await fleet.until('gs_2', ({ state }) => state === 'Unhealthy', 'it is found to hang', 60_000);
      expect(hung.why).toMatch(/queries in a row/);
    });
  },
);
