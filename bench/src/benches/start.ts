/** What it takes to run Atlas at all: time from the command to the first player in the world, memory at rest, memory of an idle client. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { dataDirAt, holderOf, type Status } from '@horizon-atlas/atlas';
import { must, percentile } from '@horizon-atlas/base';
import { makeStaleBundles } from '@horizon-atlas/bundles';
import type { IdlersOrder, IdlersReport } from '../atlas/idlers.ts';
import { freePorts, Installation, memoryOf } from '../atlas/installation.ts';
import { killLeftovers } from '../atlas/leftovers.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';

const STARTS = 3;
/** After the last start, until memory is looked at: what starting has left is collected by then. */
const REST_MS = 6_000;
/** Clients that are there before counting begins, so that what is made once is not counted, and those that are counted. */
const IDLE = { first: 200, counted: 1_800 } as const;
const BARE = { first: 100, counted: 600 } as const;
const LOOK_MS = 10;
const WITHIN_MS = 60_000;

const cli = fileURLToPath(new URL('../../../packages/cli/bin/atlas.mjs', import.meta.url));
const sol = fileURLToPath(import.meta.resolve('@horizon-atlas/example-sol/atlas.config.ts'));
const idleRegion = fileURLToPath(new URL('../atlas/idle-region.ts', import.meta.url));

export const start: Bench = {
  about: 'from a warm `atlas up` to the first bot in the world; memory of an idle Atlas, and of an idle client',
  method: [
    '`atlas up` of examples/sol on a data directory that has been used before and with the bundles that an earlier start has left, from the start of the command to the first player that the status',
    `tells of; median of ${STARTS} starts a run. Idle Atlas: its own processes (supervisor, control plane, gateway) after ${REST_MS / 1000} s with nobody in the`,
    'world: what each has for itself, and what they share (Node.js) once. Region servers are the game, and told apart.',
    `Idle client: growth of the gateway’s private memory from ${IDLE.first} to ${IDLE.first + IDLE.counted} joined players who see only themselves, once a second;`,
    'a TLS socket of Node.js: the same growth of a server that does nothing but keep such sockets. A gateway in Bun is what runs outside of',
    'development; idle Atlas is that of a developer, whose gateway is in Node.js.',
  ].join('\n'),
  runs: 1,
  async run(ctx) {
    const figures = { ...(await starts(ctx)), ...(await atRest(ctx)), ...(await idleClients(ctx)) };
    const of = (name: string): number => figures[name as keyof typeof figures] ?? Number.NaN;
    const bars = [
      { name: 'first bot in the world, s', value: of('first bot in the world, s'), limit: 3 },
      { name: 'idle Atlas, MB', value: of('idle Atlas, MB'), limit: 150 },
      { name: 'idle WSS client, kB', value: of('idle WSS client, kB'), limit: 20 },
      { name: 'idle WS client, kB', value: of('idle WS client, kB'), limit: 20 },
    ];
    return { figures, bars: ctx.quick ? [] : bars };
  },
};

async function starts(ctx: BenchContext): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
  const dir = dataDirAt(join(folder, 'data'));
  const sweep = (): void => killLeftovers(dir);
  process.on('exit', sweep);
  const tookS: number[] = [];
  // As an Atlas does that has run for some seconds.
  await makeStaleBundles();
  const joinableS: number[] = [];
  try {
    // The first one is cold: it makes the certificate and the database, and fills the cache of compiled code.
    for (let turn = 0; turn <= (ctx.quick ? 1 : STARTS); turn++) {
      const port = await freePorts(2);
      const argv = [process.execPath, cli, 'up', sol, '--plain', '--data-dir', dir.root];
      const startedMs = performance.now();
      const atlas = ctx.spawn([...argv, '--api-port', String(port), '--gateway-port', String(port + 1)]);
      const api = `http://127.0.0.1:${port}`;
      await until(api, ({ gateways, regions }) => gateways.some(isReady) && regions.some(({ state }) => state === 'active'));
      const joinableMs = performance.now() - startedMs;
      await until(api, ({ players }) => players.online > 0);
      if (turn > 0) {
        tookS.push((performance.now() - startedMs) / 1000);
        joinableS.push(joinableMs / 1000);
      }
      await stopGently(atlas);
    }
  } finally {
    sweep();
    process.off('exit', sweep);
    rmSync(folder, { recursive: true, force: true });
  }
  return { 'first bot in the world, s': percentile(tookS, 0.5), 'players can join, s': percentile(joinableS, 0.5) };
}

async function atRest(ctx: BenchContext): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
  const dir = dataDirAt(join(folder, 'data'));
  const sweep = (): void => killLeftovers(dir);
  process.on('exit', sweep);
  const port = await freePorts(2);
  const ports = ['--api-port', String(port), '--gateway-port', String(port + 1)];
  const quiet = fileURLToPath(new URL('../atlas/quiet.config.ts', import.meta.url));
  try {
    // Twice: as a rule there is a cache of compiled code.
    const argv = [process.execPath, cli, 'up', quiet, '--plain', '--data-dir', dir.root, ...ports];
    for (const restMs of [500, ctx.quick ? 1000 : REST_MS]) {
      const atlas = ctx.spawn(argv);
      const status = await until(`http://127.0.0.1:${port}`, ({ gateways, regions }) => {
        return gateways.some(isReady) && regions.some(({ state }) => state === 'active');
      });
      await sleep(restMs, undefined, { signal: ctx.signal });
      const pids = {
        supervisor: atlas.pid,
        'control plane': holderOf(dir)?.pid ?? 0,
        gateway: status.gateways[0]?.pid ?? 0,
        'region server': status.servers[0]?.pid ?? 0,
      };
      const memory = Object.entries(pids).map(([name, pid]) => [name, memoryOf(pid)] as const);
      await stopGently(atlas);
      if (restMs === 500) continue;
      const own = memory.filter(([name]) => name !== 'region server').map(([, of]) => of);
      const shared = Math.max(...own.map(({ rssMb, privateMb }) => rssMb - privateMb));
      return {
        'idle Atlas, MB': shared + own.reduce((sum, { privateMb }) => sum + privateMb, 0),
        'of that Node.js itself, MB': shared,
        ...Object.fromEntries(
          memory.flatMap(([name, { privateMb, rssMb }]) => [
            [`${name} private, MB`, privateMb],
            [`${name} RSS, MB`, rssMb],
          ]),
        ),
      };
    }
    return {};
  } finally {
    sweep();
    process.off('exit', sweep);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function idleClients(ctx: BenchContext): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, tls, engine] of [
    ['WSS client', { dev: true }, 'bun'],
    ['WS client', { off: true }, 'bun'],
    ['WSS client in Node.js', { dev: true }, 'node'],
    ['WS client in Node.js', { off: true }, 'node'],
  ] as const) {
    const atlas = await Installation.start(ctx, {
      regionServer: { entry: idleRegion },
      api: { port: 0 },
      gateway: {
        port: await freePorts(1),
        tls,
        engine,
        limits: { connectionsPerAddress: 10_000, connectsPerSecondPerAddress: 5_000 },
      },
      world: { regions: [{ id: 'plain', bounds: { minX: -400, maxX: 40_000, minY: -400, maxY: 40_000 } }] },
    });
    try {
      const idlers = ctx.fork(new URL('../atlas/idlers.ts', import.meta.url), [JSON.stringify(atlas.doors)]);
      const with_ = async (players: number): Promise<number> => {
        idlers.send({ players } satisfies IdlersOrder);
        const { online } = await idlers.message<IdlersReport>();
        if (online !== players) throw new Error(`${online} of ${players} idle clients are online`);
        const { pid } = must((await atlas.processes()).gateways[0], 'a gateway runs');
        await sleep(ctx.quick ? 500 : REST_MS, undefined, { signal: ctx.signal });
        return memoryOf(pid).privateMb;
      };
      const first = ctx.quick ? 20 : IDLE.first;
      const counted = ctx.quick ? 100 : IDLE.counted;
      const before = await with_(first);
      figures[`idle ${name}, kB`] = (((await with_(first + counted)) - before) * 1024) / counted;
      if (name === 'WSS client in Node.js')
        figures['of that a TLS socket of Node.js, kB'] = await bareSocket(ctx, join(atlas.dir.tls, 'dev-pair.pem'));
    } finally {
      await atlas.stop();
    }
  }
  return figures;
}

/** A server of nothing but TLS sockets, counted in the same way. */
async function bareSocket(ctx: BenchContext, pairFile: string): Promise<number> {
  const server = ctx.fork(new URL('../atlas/bare-sockets.ts', import.meta.url), [pairFile]);
  const { port } = await server.message<{ port: number }>();
  const sockets: TLSSocket[] = [];
  const with_ = async (wanted: number): Promise<number> => {
    while (sockets.length < wanted) sockets.push(await greeted(port));
    await sleep(ctx.quick ? 500 : REST_MS, undefined, { signal: ctx.signal });
    return memoryOf(server.pid).privateMb;
  };
  const first = ctx.quick ? 20 : BARE.first;
  const counted = ctx.quick ? 100 : BARE.counted;
  const before = await with_(first);
  const bytes = (((await with_(first + counted)) - before) * 1024) / counted;
  for (const socket of sockets) socket.destroy();
  await server.stop();
  return bytes;
}

/** One that has said something and was answered, as a client has. */
function greeted(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => socket.write('hello'));
    socket.once('data', () => resolve(socket));
    socket.once('error', reject);
  });
}

function isReady({ state }: { readonly state: string }): boolean {
  return state === 'ready';
}

async function until(api: string, is: (status: Status) => boolean): Promise<Status> {
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    const status = await fetch(`${api}/api/v1/status`).then(
      async (answer) => (await answer.json()) as Status,
      () => undefined,
    );
    if (status && is(status)) return status;
    await sleep(LOOK_MS);
  }
  throw new Error('Atlas did not come up');
}

async function stopGently(atlas: Helper): Promise<void> {
  process.kill(atlas.pid, 'SIGINT');
  await atlas.exited;
}
