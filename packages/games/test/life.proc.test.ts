import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@horizon-atlas/port-contracts';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { GameInput } from '../src/index.ts';
import { Stage, scripted } from './stage.ts';

const scripts = mkdtempSync(join(tmpdir(), 'atlas-scripts-'));
let stage: Stage | undefined;
let made = 0;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
afterAll(() => rmSync(scripts, { recursive: true }));

/** A server with a console: it says of itself what is typed, counts its starts in a file, and saves when it is told to quit. */
function game(more: Partial<GameInput> = {}) {
  const dir = mkdtempSync(join(scripts, `${made++}-`));
  const script = `
    import { createSocket } from 'node:dgram';
    import { appendFileSync, writeFileSync } from 'node:fs';
    import { createInterface } from 'node:readline';
    appendFileSync('starts', 'x');
    createSocket('udp4').bind(Number(process.argv[2]), '127.0.0.1', () => console.log('up'));
    createInterface({ input: process.stdin }).on('line', (line) => {
      console.log(line);
      if (line === 'save') { writeFileSync('world', String(Date.now())); console.log('saved the world'); }
      if (line === 'quit') { writeFileSync('world', 'kept'); process.exit(9); }
    });`;
  return scripted(dir, script, {
    argv: ['node', join(dir, 'server.mjs'), '{{port.game}}'],
    players: { join: '^(?<player>\\S+) joins$', leave: '^(?<player>\\S+) leaves$', ignore: ['^<'], capacity: 4 },
    stop: [{ write: 'quit', waitMs: 10_000 }],
    saves: { paths: ['world', 'none'], write: 'save', done: '^saved the world$', keep: 2 },
    ...more,
  });
}

describe('a server with a console', () => {
  it('is counted by its log, and not by what players write', async () => {
    stage = new Stage([{ game: game() }]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    for (const line of ['ann joins', '<ann> bob joins', 'cid joins']) stage.games.type('gs_1', line);
    const view = await stage.fleet.until('gs_1', ({ players }) => players?.count === 2, 'two play');
    expect(view.players).toEqual({ count: 2, capacity: 4, names: ['ann', 'cid'] });
    stage.games.type('gs_1', 'ann leaves');
    await stage.fleet.until('gs_1', ({ players }) => players?.names?.join() === 'cid', 'one is left');
  });

  it('is asked to end as its definition says, saves, and keeps its folder', async () => {
    stage = new Stage([{ game: game() }]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    const folder = stage.games.launched('gs_1')?.folder ?? '';
    expect(await stage.fleet.stop('gs_1')).toMatchObject({ kind: 'exited', exitCode: 9 });
    await stage.start('gs_2');
    await stage.fleet.until('gs_2', ({ state }) => state === 'Ready', 'the next one is ready');
    expect(stage.games.launched('gs_2')?.folder).toBe(folder);
    expect(readFileSync(join(folder, 'world'), 'utf8')).toBe('kept');
    expect(readFileSync(join(folder, 'starts'), 'utf8')).toBe('xx');
  });

  it('is backed up after it has saved, and old backups go', async () => {
    stage = new Stage([{ game: game() }]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    const backups = [];
    for (let i = 0; i < 3; i++) backups.push(await stage.games.backup('gs_1'));
    expect(readFileSync(join(backups[2] ?? '', 'world'), 'utf8')).toMatch(/^\d+$/);
    expect(readdirSync(join(backups[2] ?? '', '..'))).toHaveLength(2);
    await expect(stage.games.backup('gs_none')).rejects.toMatchObject({ code: 'PROCESS_UNKNOWN' });
  });

  it('goes on over a restart of Atlas, with its players and its console', async () => {
    stage = new Stage([{ game: game() }]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    stage.games.type('gs_1', 'ann joins');
    await stage.fleet.until('gs_1', ({ players }) => players?.count === 1, 'one plays');
    const first = stage.games.launched('gs_1');
    await stage.restart();
    await stage.fleet.until('gs_1', ({ players }) => players?.names?.join() === 'ann', 'she is still known to play');
    expect(stage.games.launched('gs_1')).toMatchObject({ folder: first?.folder, ports: first?.ports });
    // It was ready before: nobody says so again.
    expect(stage.fleet.words.filter(({ word }) => word.say === 'ready')).toEqual([]);
    stage.games.type('gs_1', 'bob joins');
    await stage.fleet.until('gs_1', ({ players }) => players?.count === 2, 'the console still reaches it');
  });
});

describe('a server that nobody plays on', () => {
  it('is frozen, uses no CPU, and goes on where it stood', async () => {
    stage = new Stage([{ game: game(), sleep: { how: 'freeze', afterMs: 1000 } }]);
    await stage.start();
    const { pid } = await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    await stage.fleet.until('gs_1', ({ state }) => state === 'Sleeping', 'it sleeps');
    await until(() => stateOf(pid) === 'T', 'its process stands still');
    // Nothing judges it meanwhile.
    stage.games.edged('gs_1', 1);
    expect(stage.fleet.wake('gs_1')).toBeUndefined();
    stage.games.type('gs_1', 'ann joins');
    await stage.fleet.until('gs_1', ({ players }) => players?.count === 1, 'it goes on, in the same process');
    expect(stage.fleet.get('gs_1')?.pid).toBe(pid);
  });

  it('is stopped with its world saved, and started again by who comes, in its folder and on its port', async () => {
    stage = new Stage([{ game: game(), sleep: { how: 'stop', afterMs: 1000 } }]);
    const { game: port } = await stage.start();
    const { pid } = await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    await stage.fleet.until('gs_1', (view) => view.state === 'Sleeping' && view.pid === 0, 'it sleeps without a process');
    const folder = stage.games.launched('gs_1')?.folder ?? '';
    expect(readFileSync(join(folder, 'world'), 'utf8')).toBe('kept');
    stage.fleet.wake('gs_1');
    const awake = await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is awake');
    expect(awake.pid).not.toBe(pid);
    expect(awake.ports[0]?.port).toBe(port);
    expect(readFileSync(join(folder, 'starts'), 'utf8')).toBe('xx');
  });

  it('stays awake while the edge has sessions, or somebody plays', async () => {
    stage = new Stage([{ game: game(), sleep: { how: 'freeze', afterMs: 1000 } }]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    stage.games.edged('gs_1', 1);
    stage.games.type('gs_1', 'ann joins');
    await stage.fleet.until('gs_1', ({ players }) => players?.count === 1, 'one plays');
    stage.games.edged('gs_1', 0);
    stage.games.type('gs_1', 'still here');
    await until(() => stage?.log().includes('still here') === true, 'it runs on');
    expect(stage.fleet.get('gs_1')?.state).toBe('Ready');
    stage.games.type('gs_1', 'ann leaves');
    await stage.fleet.until('gs_1', ({ state }) => state === 'Sleeping', 'it sleeps once she has left');
  });
});

describe('a secret', () => {
  it('is made up once, reaches the server by file and environment, and is shown to nobody', async () => {
    stage = new Stage([
      {
        game: game({
          variables: { password: { type: 'string', secret: true, generate: 24 } },
          env: { PASSWORD: '{{password}}' },
          files: [{ path: 'server.cfg', text: 'password = {{password}}\n' }],
        }),
      },
    ]);
    await stage.start();
    const { pid } = await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    const folder = stage.games.launched('gs_1')?.folder ?? '';
    const secret = /password = (\S{24})/.exec(readFileSync(join(folder, 'server.cfg'), 'utf8'))?.[1] ?? '';
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toContain(`PASSWORD=${secret}`);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(secret);
    expect(statSync(join(folder, 'server.cfg')).mode & 0o077).toBe(0);
    expect(stage.games.redacted('gs_1', `login with ${secret}!`)).toBe('login with •••!');
    await stage.fleet.stop('gs_1');
    // What was made up before somebody gave a value still stands in the log.
    writeFileSync(join(folder, '.atlas-secrets.json'), JSON.stringify({ password: secret, former: 'a former one', odd: 7 }));
    await stage.start('gs_2');
    expect(readFileSync(join(folder, 'server.cfg'), 'utf8')).toContain(secret);
    expect(stage.games.redacted('gs_2', `${secret}, a former one`)).toBe('•••, •••');
  });
});

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}
