/** Giving game servers away, durably: how many a second, how fast, what each costs, and whether kill -9 takes or doubles any. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlFlags } from '@horizon-atlas/atlas/control-flags';
import { must } from '@horizon-atlas/base';
import { audit, type Findings } from '../allocation/audit.ts';
import type { CallersOrder, CallersReport } from '../allocation/callers.ts';
import type { PlaneSettings } from '../allocation/plane.ts';
import { writePool } from '../allocation/pool.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';

const CLIENTS = 32;
const SERVERS = { small: 10_000, large: 100_000 } as const;
/**
 * Not counted: what warms the code up. These give each server back at once, and never get to the pool's last servers; then comes what is counted, twice over, given
 * back at its end. Without that V8 compiles twenty functions anew in the middle of what is counted, as it does once in the life of a control plane.
 */
const FIRST = 10_000;
const REHEARSALS = 2;
/** As many as there are to give: over more of them, what else the machine does tells less. */
const COUNTED = 9_000;
/** What a round took is given back before the next, and that is not counted. One round is shorter than the time between two collections of all garbage. */
const ROUNDS = 3;
const OPEN = { perS: 500, count: 4_000 } as const;
const KILL = { count: 9_000, between: [1_000, 7_000] } as const;

export const allocation: Bench = {
  about: 'giving game servers away by HTTP, durably: how many a second, how fast, and whether kill -9 loses or doubles one',
  method: [
    `${SERVERS.small} simulated game servers are ready; the control plane of a whole Atlas with its Store (SQLite, fsync before each answer), API, event log and metrics.`,
    `${CLIENTS} kept connections of a process of its own send Agones’ request with 3 selectors, each another request id. Closed: each asks again at once, ${ROUNDS} times ${COUNTED}, given back in between,`,
    `after ${FIRST} that are released at once and ${REHEARSALS} times ${COUNTED} that are released at the end, so that V8 has compiled what it runs; CPU is the control plane’s, all threads, over the counted ones. Open loop: ${OPEN.perS} a second, ${OPEN.count} in all, from the moment at which each was due; how late the load itself noticed that is told beside it.`,
    `For the ratio ${ROUNDS} times ${COUNTED} more on this pool and on one of ${SERVERS.large}, by turns. Then kill -9 in the middle of the closed load, a restart on the same data, and every answer is held against what`,
    'Atlas says: lost is what stands no more, doubled is a server of two requests; what was not answered is asked again and must get one of its own.',
  ].join('\n'),
  async run(ctx) {
    const scale = ctx.quick ? 0.01 : 1;
    const n = (full: number) => Math.max(20, Math.round(full * scale));
    const { small, turns, killed } = await onPool(ctx, n(SERVERS.small), async (few) => ({
      small: await closed(ctx, few, n),
      turns: await onPool(ctx, n(SERVERS.large), (many) => byTurns(ctx, few, many, n)),
      killed: await killInTheMiddle(ctx, few, n(KILL.count)),
    }));
    const open = await onPool(ctx, n(SERVERS.small), async (pool) => {
      await callers(ctx, pool, { kind: 'closed', count: n(FIRST), name: 'first', release: 'at-once' });
      return callers(ctx, pool, { kind: 'open', perS: OPEN.perS, count: n(OPEN.count), name: 'open' });
    });
    const all = [small, turns.few, turns.many, open];
    const refused = all.reduce((sum, each) => sum + each.refused, 0);
    const doubled = all.reduce((sum, each) => sum + each.doubled, killed.doubled);
    return {
      figures: {
        'allocations a second, closed': small.perS,
        'CPU ms each': small.cpuMs,
        'ms p50, closed': small.ms.p50,
        'ms p99, closed': small.ms.p99,
        'ms p50 at 500/s': open.ms.p50,
        'ms p99 at 500/s': open.ms.p99,
        'ms max at 500/s': open.ms.max,
        'ms p99 at 500/s, of it the load itself was late': open.lateMs.p99,
        'ms max at 500/s, of it the load itself was late': open.lateMs.max,
        'allocations a second, 100k servers': turns.many.perS,
        'CPU ms each by turns, 10k servers': turns.few.cpuMs,
        'CPU ms each by turns, 100k servers': turns.many.cpuMs,
        'CPU, 100k to 10k': turns.many.cpuMs / turns.few.cpuMs,
        'answered before kill -9': killed.answered,
        'written, but not answered': killed.unheard,
        'start after kill -9, s': killed.startS,
      },
      bars: [
        { name: 'lost', value: killed.lost, limit: 0, judge: 'worst' },
        { name: 'doubled', value: doubled, limit: 0, judge: 'worst' },
        { name: 'refused', value: refused, limit: 0, judge: 'worst' },
        ...(ctx.quick
          ? []
          : [
              { name: 'allocations a second', value: small.perS, limit: 2_000, must: 'at-least' as const },
              { name: 'ms p50 at 500/s', value: open.ms.p50, limit: 3 },
              { name: 'ms p99 at 500/s', value: open.ms.p99, limit: 10 },
              { name: 'CPU ms each', value: small.cpuMs, limit: 0.15 },
              { name: 'CPU, 100k to 10k', value: turns.many.cpuMs / turns.few.cpuMs, limit: 1.3 },
            ]),
      ],
    };
  },
};

interface Pool {
  readonly settings: PlaneSettings;
  plane: Helper;
  url: string;
}

async function onPool<T>(ctx: BenchContext, servers: number, use: (pool: Pool) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
  const sweep = (): void => rmSync(dataDir, { recursive: true, force: true });
  process.on('exit', sweep);
  try {
    await writePool(dataDir, servers);
    const pool = await start(ctx, { dataDir, servers });
    const result = await use(pool);
    pool.plane.send('end' as never);
    await pool.plane.exited;
    return result;
  } finally {
    process.off('exit', sweep);
    sweep();
  }
}

async function start(ctx: BenchContext, settings: PlaneSettings): Promise<Pool> {
  const plane = ctx.fork(new URL('../allocation/plane.ts', import.meta.url), [JSON.stringify(settings)], { flags: controlFlags });
  const { url } = await plane.message<{ url: string }>();
  return { settings, plane, url };
}

interface Load extends CallersReport {
  readonly doubled: number;
}

function forkCallers(ctx: BenchContext, { url }: Pool, order: Partial<CallersOrder>): Helper {
  const whole = { url, connections: CLIENTS, perS: 0, ...order };
  return ctx.fork(new URL('../allocation/callers.ts', import.meta.url), [JSON.stringify(whole)]);
}

/** `reached`: when `order.tellAt` of them have been answered. */
async function callers(ctx: BenchContext, pool: Pool, order: Partial<CallersOrder>, reached?: () => void): Promise<Load> {
  const helper = forkCallers(ctx, pool, order);
  if (reached) {
    await helper.message(120_000);
    reached();
  }
  const report = await helper.message<CallersReport>(120_000);
  if (report.unanswered.length > 0) throw new Error(`${report.unanswered.length} requests were not answered`);
  return { ...report, doubled: report.granted.length - new Set(report.granted.map(([, server]) => server)).size };
}

interface Closed extends Load {
  readonly perS: number;
  readonly cpuMs: number;
}

async function closed(ctx: BenchContext, pool: Pool, n: (full: number) => number): Promise<Closed> {
  await rehearse(ctx, pool, n);
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await round(ctx, pool, n(COUNTED), `counted${i}`));
  return whole(rounds);
}

/** One after the other would be two machines: this one is slower or faster half a minute later. */
async function byTurns(
  ctx: BenchContext,
  few: Pool,
  many: Pool,
  n: (full: number) => number,
): Promise<{ readonly few: Closed; readonly many: Closed }> {
  await rehearse(ctx, many, n);
  const rounds: { readonly few: Round; readonly many: Round }[] = [];
  for (let i = 0; i < ROUNDS; i++)
    rounds.push({
      few: await round(ctx, few, n(COUNTED), `turn${i}`),
      many: await round(ctx, many, n(COUNTED), `turn${i}`),
    });
  return { few: whole(rounds.map((each) => each.few)), many: whole(rounds.map((each) => each.many)) };
}

async function rehearse(ctx: BenchContext, pool: Pool, n: (full: number) => number): Promise<void> {
  await callers(ctx, pool, { kind: 'closed', count: n(FIRST), name: 'first', release: 'at-once' });
  for (let i = 0; i < REHEARSALS; i++)
    await callers(ctx, pool, { kind: 'closed', count: n(COUNTED), name: `rehearsal${i}`, release: 'after' });
}

interface Round extends Load {
  readonly cpuS: number;
}

async function round(ctx: BenchContext, pool: Pool, count: number, name: string): Promise<Round> {
  const before = ctx.cpuOf(pool.plane.pid);
  let cpuS = 0;
  const load = await callers(ctx, pool, { kind: 'closed', count, name, release: 'after', tellAt: count }, () => {
    cpuS = ctx.cpuOf(pool.plane.pid) - before;
  });
  return { ...load, cpuS };
}

function whole(rounds: readonly Round[]): Closed {
  const sum = (of: (round: Round) => number): number => rounds.reduce((total, each) => total + of(each), 0);
  const granted = sum((each) => each.granted.length);
  return {
    ...must(rounds.at(-1), 'there are rounds'),
    refused: sum((each) => each.refused),
    doubled: sum((each) => each.doubled),
    perS: granted / sum((each) => each.tookS),
    cpuMs: (1000 * sum((each) => each.cpuS)) / granted,
  };
}

async function killInTheMiddle(
  ctx: BenchContext,
  pool: Pool,
  count: number,
): Promise<Findings & { readonly answered: number; readonly startS: number }> {
  const [least, most] = KILL.between.map((each) => (each * count) / KILL.count) as [number, number];
  const tellAt = Math.round(least + Math.random() * (most - least));
  const helper = forkCallers(ctx, pool, { kind: 'closed', count, name: 'killed', tellAt });
  await helper.message();
  process.kill(pool.plane.pid, 'SIGKILL');
  const { granted, unanswered } = await helper.message<CallersReport>(60_000);
  await pool.plane.exited;
  const startedMs = performance.now();
  const next = await start(ctx, pool.settings);
  const startS = (performance.now() - startedMs) / 1000;
  pool.plane = next.plane;
  const findings = await audit(next.url, granted, unanswered);
  ctx.log(`kill -9 after ${granted.length} answers: ${JSON.stringify(findings)}`);
  return { ...findings, answered: granted.length, startS };
}
