/** What it costs to pass players' messages on: the gateway against haproxy and nginx, alone and together with the game server behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bar, Bench, BenchContext } from '../bench.ts';
import { type CertificateFiles, makeCertificate } from '../gateway/certificate.ts';
import { needPeers } from '../gateway/peers.ts';
import { type Contestant, type Measured, type Phase, Stack, type StackSettings } from '../gateway/stack.ts';

const CONTESTANTS: readonly Contestant[] = ['haproxy', 'atlas', 'nginx'];
const CLIENTS = 500;
const WINDOW = 4;

const paced: Phase = { traffic: 'paced', answers: 'each', delivery: 'latest', warmUpMs: 1000, measureMs: 4000 };
const saturated: Phase = { traffic: 'saturated', answers: 'each', delivery: 'latest', warmUpMs: 700, measureMs: 3000 };
const ticks: Phase = { traffic: 'paced', answers: 'ticks', delivery: 'latest', warmUpMs: 300, measureMs: 3000 };

/** By transport, in this order on the same connections. */
const PHASES = {
  ws: { paced, saturated, ticks },
  wss: { paced, saturated },
} as const;
/** Only ours has deliveries that can be told apart: what exactly-once in order adds. */
const OWN_PHASES = {
  'paced reliable': { ...paced, delivery: 'reliable', warmUpMs: 500, measureMs: 3000 },
  'saturated reliable': { ...saturated, delivery: 'reliable', measureMs: 2000 },
} as const satisfies Record<string, Phase>;

export const gateway: Bench = {
  about: 'CPU of the gateway a message, 500 WebSocket clients with and without TLS, against haproxy and nginx',
  method: [
    `CPU seconds of the proxy, and of proxy and game server, per million messages. ${CLIENTS} clients in two processes, 64 B up, 128 B down, all`,
    `joined by a JWT. Paced: each sends 20 times a second and is answered at once; ticks: the server speaks to all 20 times a second instead;`,
    `saturated: each keeps ${WINDOW} messages under way. Peers: one worker, in front of a server by the package ws; ours: all limits checked, in`,
    'front of a server on a link that does the same for each message. Every message is counted at both ends.',
  ].join('\n'),
  runs: 3,
  async run(ctx) {
    needPeers();
    const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
    try {
      const figures: Record<string, number> = {};
      const certificate = await makeCertificate(folder);
      for (const transport of ['ws', 'wss'] as const) {
        // In another order each run, so that what drifts on the machine hits all alike.
        for (const i of CONTESTANTS.keys()) {
          const contestant = CONTESTANTS[(i + ctx.run) % CONTESTANTS.length] as Contestant;
          const settings = settingsFor(ctx, folder, transport === 'wss' ? certificate : undefined);
          Object.assign(figures, await measure(ctx, contestant, transport, settings));
        }
      }
      return { figures, bars: ctx.quick ? [lostBar(figures)] : barsOf(figures) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function settingsFor(ctx: BenchContext, folder: string, certificate: CertificateFiles | undefined): StackSettings {
  return { folder, clients: ctx.quick ? 20 : CLIENTS, window: WINDOW, certificate };
}

async function measure(
  ctx: BenchContext,
  contestant: Contestant,
  transport: 'ws' | 'wss',
  settings: StackSettings,
): Promise<Record<string, number>> {
  const stack = await Stack.start(ctx, contestant, settings);
  const figures: Record<string, number> = {};
  const own = contestant === 'atlas' && transport === 'ws' ? OWN_PHASES : {};
  for (const [name, phase] of Object.entries<Phase>({ ...PHASES[transport], ...own })) {
    const measured = await stack.measure(ctx.quick ? { ...phase, warmUpMs: 50, measureMs: 150 } : phase);
    Object.assign(figures, figuresOf(`${contestant} ${transport} ${name}`, phase, measured));
    ctx.log(`  ${contestant} ${transport} ${name}: ${measured.proxyCpu.toFixed(1)} CPU-s/M, both ${measured.bothCpu.toFixed(1)}`);
  }
  await stack.stop();
  return figures;
}

function figuresOf(name: string, phase: Phase, measured: Measured): Record<string, number> {
  const timed = phase.traffic === 'paced' && phase.answers === 'each';
  return {
    [`${name}, proxy CPU-s/M`]: measured.proxyCpu,
    [`${name}, proxy + server CPU-s/M`]: measured.bothCpu,
    ...(timed
      ? { [`${name}, there and back p50 ms`]: measured.rttP50Ms, [`${name}, there and back p99 ms`]: measured.rttP99Ms }
      : { [`${name}, messages a second`]: measured.messagesPerS }),
    [`${name}, lost`]: measured.lost,
  };
}

/** The bars of the road map: see docs/figures.md. */
function barsOf(figures: Readonly<Record<string, number>>): Bar[] {
  const figure = (name: string): number => figures[name] ?? Number.NaN;
  const ratio = (what: string, peer: Contestant): number => figure(`atlas ${what}`) / figure(`${peer} ${what}`);
  const p50 = 'ws paced, there and back p50 ms';
  return [
    { name: 'proxy, ws paced, of haproxy', value: ratio('ws paced, proxy CPU-s/M', 'haproxy'), limit: 0.5 },
    { name: 'ws paced, added to haproxy p50 ms', value: figure(`atlas ${p50}`) - figure(`haproxy ${p50}`), limit: 2.5 },
    { name: 'proxy, ws saturated, of haproxy', value: ratio('ws saturated, proxy CPU-s/M', 'haproxy'), limit: 0.75 },
    { name: 'proxy, wss saturated, of nginx', value: ratio('wss saturated, proxy CPU-s/M', 'nginx'), limit: 0.9 },
    { name: 'proxy + server, ws paced, of haproxy', value: ratio('ws paced, proxy + server CPU-s/M', 'haproxy'), limit: 0.4 },
    {
      name: 'proxy + server, ws saturated, of haproxy',
      value: ratio('ws saturated, proxy + server CPU-s/M', 'haproxy'),
      limit: 0.55,
    },
    lostBar(figures),
  ];
}

function lostBar(figures: Readonly<Record<string, number>>): Bar {
  const lost = Object.entries(figures).filter(([name]) => name.endsWith(', lost'));
  return { name: 'lost', value: lost.reduce((sum, [, count]) => sum + count, 0), limit: 0, judge: 'worst' };
}
