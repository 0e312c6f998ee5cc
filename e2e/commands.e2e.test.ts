/**
 * The commands that go on until they are told to stop, and the load test, as people type them against a real Atlas: what they print while the world
 * changes under them, and with which exit code they end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const sol = fileURLToPath(new URL('../examples/sol/', import.meta.url));
const launcher = fileURLToPath(new URL('../packages/cli/bin/atlas.mjs', import.meta.url));
const BOTS = 12;

let atlas: Installation;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  const bounds = (minX: number) => ({ minX, maxX: minX + 2000, minY: -1000, maxY: 1000, minZ: -100, maxZ: 100 });
  atlas = await Installation.make({
    world: {
      regions: [
        { id: 'alpha', name: 'Solar System Alpha', bounds: bounds(-1000) },
        { id: 'beta', name: 'Solar System Beta', bounds: bounds(1000) },
      ],
      spawn: { region: 'alpha' },
    },
    regionServer: { entry: `${sol}region.ts`, spares: 1, startTimeoutMs: 20_000 },
    companions: [{ name: 'bots', entry: `${sol}bots.ts`, args: [String(BOTS)] }],
    gateway: { limits: { connections: BOTS + 8 } },
    sleepAfterMs: 600_000,
  });
  await atlas.start();
  await until('the bots play', async () => (await atlas.status()).players.online >= BOTS);
}, 2 * DEADLINE_MS);
afterAll(async () => {
  for (const child of running) kill(child.pid ?? 0, 'SIGKILL');
  await atlas?.destroy();
}, DEADLINE_MS);

interface Typed {
  /** What it has printed so far, both streams. */
  said(): string;
  /** Of that, what went to stdout. */
  printed(): string;
  type(keys: string): void;
  interrupt(): void;
  readonly ended: Promise<number>;
}

/** `terminal`: within one, as `script` of every Linux makes it. */
function atlasCommand(args: readonly string[], terminal = false): Typed {
  const argv = [process.execPath, launcher, ...args];
  const [program, ...rest] = terminal ? ['script', '-qefc', argv.map((arg) => `'${arg}'`).join(' '), '/dev/null'] : argv;
  const child = spawn(program as string, rest, {
    cwd: atlas.home,
    env: { ...process.env, TERM: 'xterm', COLUMNS: '100', LINES: '30' },
  });
  running.add(child);
  let text = '';
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk));
  return {
    said: () => text,
    printed: () => printed,
    type: (keys) => child.stdin.write(keys),
    interrupt: () => child.kill('SIGINT'),
    ended: new Promise((resolve) => child.on('close', (code) => resolve(code ?? -1))),
  };
}

const story = (what: string, tell: () => Promise<void>) => it(what, tell, 4 * DEADLINE_MS);
const says = (command: Typed, what: RegExp) =>
  until(`it says ${what}; it said:\n${command.said()}`, () => what.test(command.said()));

describe('commands that go on', () => {
  story('logs -f goes on with whoever takes the place of a server that died', async () => {
    const logs = atlasCommand(['logs', '-f', 'beta', '--json']);
    const { id, pid } = await atlas.serverOf('beta');
    await says(logs, new RegExp(id));
    kill(pid, 'SIGKILL');
    const heir = await until('somebody else plays beta', async () => {
      const now = await atlas.serverOf('beta');
      return now.pid !== pid && now;
    });
    await says(logs, new RegExp(heir.id));
    logs.interrupt();
    expect(await logs.ended).toBe(0);
    for (const line of logs.printed().trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ region: 'beta' });
  });

  story('watch tells events as they happen, and ends with the one that a script waits for', async () => {
    const watch = atlasCommand(['watch', '--last', '1', '--until', 'region.recovered', '--timeout', '60s']);
    await says(watch, /\d\d:\d\d:\d\d/);
    kill((await atlas.serverOf('alpha')).pid, 'SIGKILL');
    expect(await watch.ended).toBe(0);
    expect(watch.said()).toMatch(/region\.recovered.*Solar System Alpha/);
    const inVain = atlasCommand(['watch', '--until', 'no.such.event', '--timeout', '1s']);
    expect(await inVain.ended).toBe(1);
    expect(inVain.said()).toMatch(/no event of type no\.such\.event came in time/);
  });

  story('top draws the world on a terminal, answers keys, and leaves the terminal as it was', async () => {
    const top = atlasCommand(['top'], true);
    await says(top, /Solar System Alpha|alpha/);
    top.type('2');
    await says(top, /MEMORY/);
    top.type('q');
    expect(await top.ended).toBe(0);
    expect(top.said().lastIndexOf('\x1b[?1049l')).toBeGreaterThan(top.said().lastIndexOf('\x1b[?1049h'));
    const once = atlasCommand(['top', '--once']);
    expect(await once.ended).toBe(0);
    expect(once.said()).toMatch(/alpha/);
    expect(once.said()).not.toContain('\x1b');
  });
});

describe('loadtest', () => {
  const script = `${sol}loadtest.ts`;
  const run = async (...args: string[]): Promise<{ code: number; said: string; printed: string }> => {
    const command = atlasCommand(['loadtest', script, '--duration', '2s', ...args]);
    return { code: await command.ended, said: command.said(), printed: command.printed() };
  };

  story('tells what players saw, and holds it against thresholds', async () => {
    const good = await run('--players', '4', '--max-lost', '0', '--json');
    expect(good).toMatchObject({ code: 0 });
    expect(JSON.parse(good.printed)).toMatchObject({
      complete: true,
      players: { wanted: 4, joined: 4 },
      thresholds: [{ ok: true }],
    });
    const missed = await run('--players', '4', '--max-round-trip-p99', '0');
    expect(missed.said).toMatch(/THRESHOLD_MISSED/);
    expect(missed.code).toBe(9);
  });

  story('refuses an authority to trust that is none at once, and not after a while in which nobody could join', async () => {
    const { code, said } = await run('--url', 'wss://127.0.0.1:9', '--ca', script);
    expect(said).toMatch(/loadtest\.ts holds no certificate in PEM, as --ca takes it.*REQUEST_INVALID/);
    expect(code).toBe(1);
  });

  story('reports nothing when not everybody joined', async () => {
    const { code, said } = await run('--players', '12', '--join-timeout', '2s', '--max-lost', '0');
    expect(said).toMatch(/of 12 players did not join, so there are no figures.*LOADTEST_INCOMPLETE/);
    expect(code).toBe(10);
  });
});

describe('a hundred consoles', () => {
  story('are all told what happens, and players notice nothing of it', async () => {
    const api = `http://127.0.0.1:${atlas.config.api.port}`;
    const end = new AbortController();
    const heard = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const { status, body } = await fetch(`${api}/api/v1/watch?topics=status,players,events,scene`, { signal: end.signal });
        expect(status).toBe(200);
        const topics = new Set<string>();
        void (async () => {
          for await (const chunk of body ?? [])
            for (const [, topic] of String(Buffer.from(chunk)).matchAll(/^event: (\w+)/gm)) topics.add(topic ?? '');
        })().catch(() => {});
        return topics;
      }),
    );
    const { pid } = await atlas.serverOf('beta');
    kill(pid, 'SIGKILL');
    const missing = () =>
      heard.filter((topics) => !['status', 'players', 'events', 'scene'].every((topic) => topics.has(topic))).length;
    await until(`all consoles were told all; ${missing()} were not`, () => missing() === 0);
    await until('beta plays again', async () => (await atlas.serverOf('beta')).pid !== pid);
    expect((await atlas.status()).players.online).toBeGreaterThanOrEqual(BOTS);
    end.abort();
  });
});
