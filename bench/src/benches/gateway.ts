/** What it costs to pass players' messages on: the gateway against haproxy and nginx, alone and together with the game server behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bar, Bench, BenchContext } from '../bench.ts';
import { makeCertificate } from '../gateway/certificate.ts';
import { needPeers } from '../gateway/peers.ts';
import { addMeasured, COALESCE_MS, type Contestant, type Measured, type Phase, Stack } from '../gateway/stack.ts';
import { quantileMs } from '../round-trips.ts';

const CONTESTANTS: readonly Contestant[] = ['haproxy', 'atlas', 'nginx'];
const CLIENTS = 500;
/** Messages that a client has under way in saturated traffic: it sends again as soon as it was answered. */
const WINDOW = 1;

/** Each phase is measured in rounds, one contestant after the other, so that what drifts on the machine hits all alike. */
interface Plan extends Phase {
  readonly rounds: number;
  readonly contestants: readonly Contestant[];
}

/** Before anything is measured, all contestants alike: a proxy that runs for hours is not one whose code is still being compiled. */
const WARM_UP: Phase = { traffic: 'saturated', answers: 'each', delivery: 'latest', warmUpMs: 0, measureMs: 2500 };

const common = { answers: 'each', delivery: 'latest', warmUpMs: 500, contestants: CONTESTANTS, rounds: 2 } as const;
const paced: Plan = { ...common, traffic: 'paced', measureMs: 2000 };
const saturated: Plan = { ...common, traffic: 'saturated', measureMs: 1500 };
const ticks: Plan = { ...paced, answers: 'ticks', rounds: 1 };
/** Only ours has deliveries that can be told apart: what exactly-once in order adds. */
const reliable = { delivery: 'reliable', contestants: ['atlas'], rounds: 1 } as const;

const PLANS: Readonly<Record<'ws' | 'wss', Readonly<Record<string, Plan>>>> = {
  ws: {
    paced,
    saturated,
    ticks,
    'paced reliable': { ...paced, ...reliable },
    'saturated reliable': { ...saturated, ...reliable },
  },
  wss: { paced, saturated },
};

export const gateway: Bench = {
  about: 'CPU of the gateway a message, 500 WebSocket clients with and without TLS, against haproxy and nginx',
  method: [
    `CPU seconds of the proxy, and of proxy and game server, per million messages. ${CLIENTS} clients in two processes, 64 B up, 128 B down, all`,
    'joined by a JWT. Paced: each sends 20 times a second and is answered at once; ticks: the server speaks to all 20 times a second instead;',
    'saturated: each sends again as soon as it was answered. Peers: one worker, in front of a server by the package ws; ours: all',
    'limits checked, in front of a server on a link that does the same for each message. All have the same clients, which count every message,',
    `and all have carried saturated traffic for ${WARM_UP.measureMs / 1000} s before anything is measured.`,
    `Ours gathers messages for ${COALESCE_MS} ms at most (gateway.coalesceMs; the bars allow 1, the default is 0.5: ATLAS_BENCH_COALESCE_MS=0.5).`,
    'Ours runs in Bun, as outside of development; with ATLAS_BENCH_ENGINE=node in Node.js.',
  ].join('\n'),
  runs: 3,
  async run(ctx) {
    needPeers();
    const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
    try {
      const figures = { ...(await measureAll(ctx, 'ws', folder)), ...(await measureAll(ctx, 'wss', folder)) };
      return { figures, bars: ctx.quick ? [lostBar(figures)] : barsOf(figures) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureAll(ctx: BenchContext, transport: 'ws' | 'wss', folder: string): Promise<Record<string, number>> {
  const certificate = transport === 'wss' ? await makeCertificate(folder) : undefined;
  const settings = { folder, clients: ctx.quick ? 20 : CLIENTS, window: WINDOW, certificate };
  const stacks = new Map<Contestant, Stack>();
  // One after the other: five hundred handshakes at a time are enough.
  for (const contestant of CONTESTANTS) stacks.set(contestant, await Stack.start(ctx, contestant, settings));
  for (const stack of stacks.values()) await stack.measure(ctx.quick ? { ...WARM_UP, measureMs: 50 } : WARM_UP);
  const figures: Record<string, number> = {};
  for (const [name, plan] of Object.entries(PLANS[transport])) {
    for (const [contestant, measured] of await measure(ctx, stacks, plan)) {
      Object.assign(figures, figuresOf(`${contestant} ${transport} ${name}`, plan, measured));
    }
    ctx.log(`  ${transport} ${name}`);
  }
  await Promise.all([...stacks.values()].map((stack) => stack.stop()));
  return figures;
}

async function measure(
  ctx: BenchContext,
  stacks: ReadonlyMap<Contestant, Stack>,
  plan: Plan,
): Promise<readonly (readonly [Contestant, Measured])[]> {
  const phase = ctx.quick ? { ...plan, warmUpMs: 50, measureMs: 150 } : plan;
  const sums = new Map<Contestant, Measured>();
  for (let round = 0; round < (ctx.quick ? 1 : plan.rounds); round++) {
    for (const i of plan.contestants.keys()) {
      // Each begins once.
      const contestant = plan.contestants[(i + round + ctx.run) % plan.contestants.length] as Contestant;
      const measured = await stacks.get(contestant)?.measure(phase);
      const before = sums.get(contestant);
      if (measured) sums.set(contestant, before ? addMeasured(before, measured) : measured);
    }
  }
  return [...sums].sort(([a], [b]) => CONTESTANTS.indexOf(a) - CONTESTANTS.indexOf(b));
}

function figuresOf(name: string, phase: Phase, measured: Measured): Record<string, number> {
  const { proxyS, serverS, messages, wallS, rtt, lost } = measured;
  const timed = phase.traffic === 'paced' && phase.answers === 'each';
  return {
    [`${name}, proxy CPU-s/M`]: (proxyS / messages) * 1e6,
    [`${name}, proxy + server CPU-s/M`]: ((proxyS + serverS) / messages) * 1e6,
    ...(timed
      ? {
          [`${name}, there and back p50 ms`]: quantileMs(rtt, 0.5),
          [`${name}, there and back p99 ms`]: quantileMs(rtt, 0.99),
        }
      : { [`${name}, messages a second`]: messages / wallS }),
    [`${name}, lost`]: lost,
  };
}

function barsOf(figures: Readonly<Record<string, number>>): Bar[] {
  const figure = (name: string): number => figures[name] ?? Number.NaN;
  const alone = (what: string, peer: Contestant): number =>
    figure(`atlas ${what}, proxy CPU-s/M`) / figure(`${peer} ${what}, proxy CPU-s/M`);
  const both = (what: string, peer: Contestant): number =>
    figure(`atlas ${what}, proxy + server CPU-s/M`) / figure(`${peer} ${what}, proxy + server CPU-s/M`);
  const p50 = 'ws paced, there and back p50 ms';
  return [
    { name: 'ws paced: proxy, of haproxy', value: alone('ws paced', 'haproxy'), limit: 0.5 },
    { name: 'ws paced: p50 added to haproxy, ms', value: figure(`atlas ${p50}`) - figure(`haproxy ${p50}`), limit: 2.5 },
    { name: 'ws saturated: proxy, of haproxy', value: alone('ws saturated', 'haproxy'), limit: 0.75 },
    { name: 'wss saturated: proxy, of nginx', value: alone('wss saturated', 'nginx'), limit: 0.9 },
    { name: 'ws paced: proxy + server, of haproxy', value: both('ws paced', 'haproxy'), limit: 0.4 },
    { name: 'ws saturated: proxy + server, of haproxy', value: both('ws saturated', 'haproxy'), limit: 0.55 },
    lostBar(figures),
  ];
}

function lostBar(figures: Readonly<Record<string, number>>): Bar {
  const lost = Object.entries(figures).filter(([name]) => name.endsWith(', lost'));
  return { name: 'lost', value: lost.reduce((sum, [, count]) => sum + count, 0), limit: 0, judge: 'worst' };
}
