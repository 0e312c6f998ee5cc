/** What it costs to carry datagrams: an edge that routes by token and limits each player, against nginx's stream module, which only passes on. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EdgeStats, EdgeTokens } from '@horizon-atlas/edges';
import { bunEnvironment, findBun } from '@horizon-atlas/gateway';
import { type Bar, type Bench, type BenchContext, PeerMissing } from '../bench.ts';
import type { Helper, SpawnOptions } from '../helper-processes.ts';
import { addRoundTrips, quantileMs } from '../round-trips.ts';
import type { LoadCounts, LoadOrder } from '../udp/load.ts';
import { allowedCores, type Cores, pin } from '../udp/pinning.ts';
import { needStreamProxy, streamProxy } from '../udp/stream-proxy.ts';

const PLAYERS = 64;
const BYTES = 64;
const WINDOW = 4;
const PACED_PER_S = 10_000;
/** Each way is measured so often, one after the other, and all rounds count together: what others do on the machine meets all of them. */
const ROUNDS = 3;

interface Way {
  readonly name: string;
  readonly load: Helper;
  /** undefined: straight to the server. */
  readonly proxy: Helper | undefined;
}

interface Measured extends LoadCounts {
  readonly proxyS: number;
}

export const udp: Bench = {
  about: "CPU of an edge a datagram, token routing and limits on, against nginx's stream module",
  method: [
    `${PLAYERS} players with a socket each, ${BYTES} B up and as many down; the server has one socket. Every player has a socket of its own between proxy and server,`,
    'with a loopback address of its own at the edge. CPU seconds of the proxy per million datagrams, both directions counted. Saturated: with the edge as it comes (naps of 0.5 ms); each player has',
    `${WINDOW} datagrams under way and sends with each answer. Paced: ${PACED_PER_S} a second up, each at a moment of its own, without naps at the edge. Both in ${ROUNDS} rounds of each way in turn.`,
    'Players and server are light (system calls from Bun), and the kernel notes when a datagram came to either of them: "on the way" is there and back without the time until the server answered,',
    'so it has what the proxy does and its waking up, and not how late players and server woke up; "there and back" has the server, too. "Added" is over the same players straight to the server, in the same run.',
    'In paced traffic the proxies have one core, and players and server another, all ways alike (taskset): otherwise they take it from one another, and the figure says how the system shares out cores. Where',
    'it is allowed, proxies run at nice -5, as edges do. Half load: half of what the edge carried when saturated. The edge checks tokens, limits and',
    'proofs and keeps its sessions in a file; nginx: one worker, no limits. Ours runs in Bun, as outside of development; ATLAS_BENCH_ENGINE=node for Node.js.',
  ].join('\n'),
  runs: 3,
  async run(ctx) {
    needStreamProxy();
    const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
    try {
      return await measureAll(ctx, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureAll(ctx: BenchContext, folder: string): Promise<{ figures: Record<string, number>; bars: Bar[] }> {
  const ms = ctx.quick ? 200 : 2_000;
  const server = ctx.fork(new URL('../udp/echo-server.ts', import.meta.url), [], inBun());
  const { port: upstream } = await server.message<{ port: number }>();
  const direct: Way = { name: 'direct', load: await loadOf(ctx, upstream), proxy: undefined };
  const nginx = await nginxWay(ctx, folder, upstream);
  const napping = await edgeWay(ctx, folder, upstream, 0.5);
  const awake = await edgeWay(ctx, folder, upstream, 0);
  const ways = [nginx, napping, awake];
  // Until compilers have seen all of it.
  for (const way of [direct, ...ways]) await measure(ctx, way, { perS: undefined, window: WINDOW, ms: 2 * ms });
  const saturated = await inRounds(ctx, ways, { perS: undefined, window: WINDOW, ms });
  ctx.log('  saturated');
  const paced = await pacedOf(ctx, [direct, ...ways], server, ms);
  ctx.log('  paced');
  const own = saturated.get(awake) as Measured;
  const half = await measure(ctx, awake, { perS: own.heard / own.wallS / 2, window: 0, ms });
  const figures: Record<string, number> = {};
  for (const [way, { heard, wallS, proxyS }] of saturated) {
    figures[`${way.name} saturated, CPU-s/M`] = (proxyS / (2 * heard)) * 1e6;
    figures[`${way.name} saturated, datagrams a second`] = (2 * heard) / wallS;
  }
  for (const [way, { sent, heard, proxyS, ...times }] of paced) {
    if (way.proxy) figures[`${way.name} paced, CPU-s/M`] = (proxyS / (2 * heard)) * 1e6;
    figures[`${way.name} paced, lost`] = sent - heard;
    for (const [name, counts] of [
      ['on the way', times.way],
      ['there and back', times.rtt],
      ['sent late', times.late],
    ] as const)
      for (const q of [50, 99]) figures[`${way.name} paced, ${name} p${q} ms`] = quantileMs(counts, q / 100);
  }
  figures['edge half load, datagrams a second'] = (2 * half.heard) / half.wallS;
  figures['edge half load, lost'] = half.sent - half.heard;
  const refused = await statsOf(awake);
  figures['edge, sessions'] = refused.sessionsNow;
  return { figures, bars: ctx.quick ? [] : barsOf(figures, saturated, ways) };
}

function barsOf(
  figures: Readonly<Record<string, number>>,
  saturated: ReadonlyMap<Way, Measured>,
  [nginx, napping]: readonly Way[],
): Bar[] {
  const cpu = (way: Way | undefined): number => {
    const { proxyS, heard } = saturated.get(way as Way) as Measured;
    return proxyS / heard;
  };
  const p99 = (name: string): number => figures[`${name} paced, on the way p99 ms`] ?? Number.NaN;
  return [
    { name: "saturated: CPU a datagram, of nginx's", value: cpu(napping) / cpu(nginx), limit: 0.8 },
    { name: 'paced 10k/s: p99 added, ms', value: p99('edge') - p99('direct'), limit: 1 },
    { name: 'half load: lost', value: figures['edge half load, lost'] ?? Number.NaN, limit: 0, judge: 'worst' },
  ];
}

/** One after the other, each first in turn. */
async function inRounds(ctx: BenchContext, ways: readonly Way[], order: LoadOrder): Promise<Map<Way, Measured>> {
  const sums = new Map<Way, Measured>();
  for (let round = 0; round < (ctx.quick ? 1 : ROUNDS); round++) {
    for (const i of ways.keys()) {
      const way = ways[(i + ctx.run + round) % ways.length] as Way;
      const now = await measure(ctx, way, order);
      const before = sums.get(way);
      sums.set(way, before ? addMeasured(before, now) : now);
    }
  }
  return new Map(ways.map((way) => [way, sums.get(way) as Measured]));
}

/** With proxies on a core of their own; where there is but one, all share it. */
async function pacedOf(ctx: BenchContext, ways: readonly Way[], server: Helper, ms: number): Promise<Map<Way, Measured>> {
  const cores = allowedCores();
  const [first = 0, second] = cores;
  const use = (others: Cores, proxies: Cores): void => {
    pin([server.pid, ...ways.map(({ load }) => load.pid)], others);
    pin(
      ways.flatMap(({ proxy }) => (proxy ? [proxy.pid] : [])),
      proxies,
    );
  };
  if (second !== undefined) use([first], [second]);
  const sums = await inRounds(ctx, ways, { perS: PACED_PER_S, window: 0, ms });
  if (second !== undefined) use(cores, cores);
  return sums;
}

function addMeasured(a: Measured, b: Measured): Measured {
  return {
    sent: a.sent + b.sent,
    heard: a.heard + b.heard,
    wallS: a.wallS + b.wallS,
    proxyS: a.proxyS + b.proxyS,
    rtt: addRoundTrips(a.rtt, b.rtt),
    way: addRoundTrips(a.way, b.way),
    late: addRoundTrips(a.late, b.late),
  };
}

async function measure(ctx: BenchContext, { load, proxy }: Way, order: LoadOrder): Promise<Measured> {
  const before = proxy ? ctx.cpuOfTree(proxy.pid) : 0;
  load.send(order);
  const counts = await load.message<LoadCounts>(order.ms + 20_000);
  return { ...counts, proxyS: (proxy ? ctx.cpuOfTree(proxy.pid) : 0) - before };
}

async function loadOf(ctx: BenchContext, port: number, tokens?: readonly string[]): Promise<Helper> {
  const players = ctx.quick ? 4 : PLAYERS;
  const settings = { port, players, tokens, bytes: BYTES };
  const load = ctx.fork(new URL('../udp/load.ts', import.meta.url), [JSON.stringify(settings)], inBun());
  await load.message();
  return load;
}

async function nginxWay(ctx: BenchContext, folder: string, upstream: number): Promise<Way> {
  const { port, process } = await streamProxy(ctx, folder, upstream);
  return { name: 'nginx', load: await loadOf(ctx, port), proxy: process };
}

async function edgeWay(ctx: BenchContext, folder: string, upstream: number, coalesceMs: number): Promise<Way> {
  const secret = randomBytes(32);
  const own = join(folder, `edge-${coalesceMs}`);
  mkdirSync(own);
  const order = JSON.stringify({ folder: own, upstream, secret: secret.toString('base64'), coalesceMs });
  const proxy = ctx.fork(new URL('../udp/edge-process.ts', import.meta.url), [order], engine());
  const { port } = await proxy.message<{ port: number }>();
  const tokens = new EdgeTokens(Date.now, [{ secret }]);
  const sealed = Array.from({ length: PLAYERS }, (_, i) =>
    Buffer.from(tokens.seal({ server: 'srv_1', player: `player_${i}`, validS: 600 })).toString('base64'),
  );
  return { name: coalesceMs === 0 ? 'edge' : 'edge with naps', load: await loadOf(ctx, port, sealed), proxy };
}

async function statsOf({ proxy }: Way): Promise<EdgeStats> {
  proxy?.send({});
  return (await proxy?.message<EdgeStats>()) as EdgeStats;
}

function engine(): SpawnOptions {
  return process.env.ATLAS_BENCH_ENGINE === 'node' ? {} : inBun();
}

function inBun(): SpawnOptions {
  const found = findBun();
  if ('missing' in found) throw new PeerMissing('Bun', found.missing);
  return { program: found.program, env: bunEnvironment };
}
