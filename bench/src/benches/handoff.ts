/** What a border costs a player: crossings between real processes under traffic, against a client that reconnects there. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AtlasConfigInput } from '@horizon-atlas/atlas';
import { must, percentile } from '@horizon-atlas/base';
import type { CrossersOrder, CrossersReport, CrossersSettings } from '../atlas/crossers.ts';
import { freePorts, Installation, solRegion } from '../atlas/installation.ts';
import type { LineSettings } from '../atlas/line.ts';
import type { Bar, Bench, BenchContext, Outcome } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';

const PLAYERS = 96;
/** Few, since they are there to be compared with: who reconnects, and both kinds over a long line. */
const RECONNECTORS = 6;
const FAR = 6;
const ONE_WAY_MS = 20;
/** Processes that the players are spread over. */
const LOADS = 2;
const HASTE = 4;
/** Borders, in units: 4 × 2 regions, and matches laid over the three places where four of them meet. */
const BORDERS = { x: [500, 2000, 3500], y: [0] } as const;
const EDGES = { x: [-1000, ...BORDERS.x, 5000], y: [-1000, ...BORDERS.y, 1000] } as const;
const MIDDLES = BORDERS.x.map((x) => ({ x, y: 0 }));
/** From the join to their places in the world; compilers warm up meanwhile. */
const WARM_UP_MS = 12_000;
const MEASURE_MS = 66_000;
const JOIN_MS = 60_000;
const TICK_MS = 1000 / 30;
/** Only to see that all of it works. */
const QUICK = { players: 12, warmUpMs: 6000, measureMs: 4000 } as const;

export const handoff: Bench = {
  about: 'the gap at a border, and commands across it, between real processes under traffic; against a client that reconnects',
  method: [
    `${PLAYERS} players over WSS in ${LOADS} processes, 8 region servers at 30 ticks a second, one gateway; each player steers 4 and sends 10`,
    `numbered commands a second. They replay recorded human movement, ${HASTE} times faster and ${HASTE} times smaller (so at its speeds), laid over three`,
    'places where four regions meet. Raw gap: the largest distance between two updates of the own entity, as they arrive at the client, within',
    '250 ms before and after the first update of the new owner; gap: that less the tick of 33 ms between any two. "calm": the raw measure at',
    'moments without a crossing, which is what machine and network do by themselves; "border alone": raw gap less what the others of the same',
    'process saw around the same moment. The reconnecting client closes its socket at the border and does TLS, auth and join again; its gap is',
    `from the last update of the old connection to the first of the new one, less the tick. "far": both over a line of ${2 * ONE_WAY_MS} ms round trip.`,
  ].join('\n'),
  async run(ctx) {
    const atlas = await Installation.start(ctx, {
      ...{ regionServer: { entry: solRegion }, api: { port: 0 }, gateway: { port: await freePorts(1) } },
      world: { regions: regions(), spawn: { region: '1-0' } },
    });
    try {
      return await measure(ctx, atlas);
    } finally {
      await atlas.stop();
    }
  },
};

async function measure(ctx: BenchContext, atlas: Installation): Promise<Outcome> {
  const { players, warmUpMs, measureMs } = ctx.quick ? QUICK : { players: PLAYERS, warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS };
  const base = { doors: atlas.doors, middles: MIDDLES, haste: HASTE };
  const loads = Array.from({ length: LOADS }, (_, i) =>
    fork(ctx, { ...base, players: players / LOADS, first: (i * players) / LOADS, reconnect: undefined }),
  );
  const far = { ...base, doors: { ...atlas.doors, gateways: [await longLine(ctx, atlas)] } };
  const reconnecting = fork(ctx, { ...base, players: RECONNECTORS, first: 1000, reconnect: BORDERS });
  const farAway = fork(ctx, { ...far, players: FAR, first: 2000, reconnect: undefined });
  const farReconnecting = fork(ctx, { ...far, players: FAR, first: 3000, reconnect: BORDERS });
  const all = [...loads, reconnecting, farAway, farReconnecting];
  for (const each of all) await each.message(JOIN_MS);
  await sleep(warmUpMs, undefined, { signal: ctx.signal });
  const cpuBefore = await cpuOf(ctx, atlas);
  const loadBefore = cpuOfAll(ctx, all);
  for (const each of all) each.send({ kind: 'begin' } satisfies CrossersOrder);
  await sleep(measureMs, undefined, { signal: ctx.signal });
  const cpu = (await cpuOf(ctx, atlas)) - cpuBefore;
  const loadCpu = cpuOfAll(ctx, all) - loadBefore;
  for (const each of all) each.send({ kind: 'end' } satisfies CrossersOrder);
  const reports = await Promise.all(all.map((each) => each.message<CrossersReport>()));
  const [ofReconnecting, ofFar, ofFarReconnecting] = reports.splice(LOADS) as [CrossersReport, CrossersReport, CrossersReport];
  const { handoffs } = await atlas.status();
  const sum = (of: (report: CrossersReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const raw = spreadOf(reports.flatMap(({ rawGapsMs }) => rawGapsMs));
  const calm = spreadOf(reports.flatMap(({ calmMs }) => calmMs));
  const [reconnect, far_, farReconnect] = [ofReconnecting, ofFar, ofFarReconnecting].map(({ rawGapsMs }) =>
    less(spreadOf(rawGapsMs)),
  );
  const figures = {
    crossings: sum(({ crossings }) => crossings),
    ...named('raw gap', raw),
    ...named('calm', calm),
    ...named('gap', less(raw)),
    ...named('border alone', spreadOf(reports.flatMap(({ aloneMs }) => aloneMs))),
    reconnects: ofReconnecting.rawGapsMs.length,
    ...named('reconnect gap', reconnect),
    'far crossings': ofFar.rawGapsMs.length,
    ...named('far gap', far_),
    'far reconnects': ofFarReconnecting.rawGapsMs.length,
    ...named('far reconnect gap', farReconnect),
    'pre-sync hit %': 100 * (await atlas.metric('atlas_handoffs_warm_ratio')),
    commands: sum(({ commands }) => commands),
    'commands lost': sum(({ lost }) => lost),
    'commands doubled': sum(({ doubled }) => doubled),
    'commands reordered': sum(({ reordered }) => reordered),
    'sockets closed': sum(({ socketsClosed }) => socketsClosed),
    'handoffs that failed': handoffs.failed,
    'handoffs rolled back': handoffs.rolledBack,
    'CPU of Atlas and its servers, cores': cpu / (measureMs / 1000),
    'CPU of the players, cores': loadCpu / (measureMs / 1000),
  };
  return { figures, bars: barsOf(figures, ctx.quick) };
}

function barsOf(figures: Readonly<Record<string, number>>, quick: boolean): Bar[] {
  const of = (name: string): number => figures[name] ?? Number.NaN;
  const never = ['commands lost', 'commands doubled', 'commands reordered', 'sockets closed'];
  const bars: Bar[] = never.map((name) => ({ name, value: of(name), limit: 0, judge: 'worst' }));
  if (quick) return bars;
  return [
    { name: 'gap p50, ms', value: of('gap p50, ms'), limit: 33 },
    { name: 'gap p99, ms', value: of('gap p99, ms'), limit: 67 },
    { name: 'gap max, ms', value: of('gap max, ms'), limit: 250 },
    { name: 'pre-sync hit %', value: of('pre-sync hit %'), limit: 99, must: 'at-least' },
    { name: 'crossings of a run', value: of('crossings'), limit: 667, must: 'at-least' },
    ...bars,
  ];
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const NOTHING: Spread = { p50: Number.NaN, p99: Number.NaN, max: Number.NaN };

function spreadOf(values: readonly number[]): Spread {
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: Math.max(...values) };
}

function less({ p50, p99, max }: Spread): Spread {
  return { p50: p50 - TICK_MS, p99: p99 - TICK_MS, max: max - TICK_MS };
}

function named(name: string, { p50, p99, max }: Spread = NOTHING): Record<string, number> {
  return { [`${name} p50, ms`]: p50, [`${name} p99, ms`]: p99, [`${name} max, ms`]: max };
}

function cpuOfAll(ctx: BenchContext, helpers: readonly Helper[]): number {
  return helpers.reduce((sum, { pid }) => sum + ctx.cpuOf(pid), 0);
}

async function cpuOf(ctx: BenchContext, atlas: Installation): Promise<number> {
  const { control, gateways, servers } = await atlas.processes();
  return [control, ...gateways.map(({ pid }) => pid), ...servers.map(({ pid }) => pid)].reduce(
    (sum, pid) => sum + ctx.cpuOf(pid),
    0,
  );
}

function fork(ctx: BenchContext, settings: CrossersSettings): Helper {
  return ctx.fork(new URL('../atlas/crossers.ts', import.meta.url), [JSON.stringify(settings)]);
}

function regions(): NonNullable<AtlasConfigInput['world']>['regions'] {
  return EDGES.x.slice(1).flatMap((maxX, i) =>
    EDGES.y.slice(1).map((maxY, j) => {
      const bounds = { minX: EDGES.x[i] ?? 0, maxX, minY: EDGES.y[j] ?? 0, maxY, minZ: -100, maxZ: 100 };
      return { id: `${i}-${j}`, bounds };
    }),
  );
}

/** The address of a gateway at the end of a long line. */
async function longLine(ctx: BenchContext, atlas: Installation): Promise<string> {
  const port = Number(new URL(must(atlas.doors.gateways[0], 'there is a gateway')).port);
  const line = ctx.fork(new URL('../atlas/line.ts', import.meta.url), [
    JSON.stringify({ port, oneWayMs: ONE_WAY_MS } satisfies LineSettings),
  ]);
  return `wss://127.0.0.1:${(await line.message<{ port: number }>()).port}`;
}
