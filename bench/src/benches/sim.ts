/** Whole worlds on one thread from seeds, under faults: how many a CPU-minute, and whether an invariant was broken in any of them. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchContext } from '../bench.ts';

/** Of each process in each run. */
const SEEDS = 600;
const QUICK_SEEDS = 10;
const PROCESSES_MAX = 4;
/** A world that takes a second would be a bug, too. */
const SEED_MS_MAX = 1_000;

interface Summary {
  readonly worlds: number;
  readonly virtualS: number;
  readonly violations: number;
  readonly crossed: number;
  readonly applied: number;
  readonly cpuS: number;
}

export const sim: Bench = {
  about: 'simulated worlds of 60 virtual seconds a CPU-minute, and broken invariants in them',
  method: [
    'Each seed is a world of 2 gateways, a coordinator, 3 regions with a server each and a spare, and mostly 4 players, with the faults and',
    'habits that the seed draws; the last 20 of its 60 virtual seconds are calm. Different seeds in each run; CPU of the simulating processes.',
  ].join('\n'),
  runs: 3,
  async run(ctx) {
    const processes = ctx.quick ? 1 : Math.min(availableParallelism(), PROCESSES_MAX);
    const seeds = ctx.quick ? QUICK_SEEDS : SEEDS;
    const summaries = await Promise.all(
      Array.from({ length: processes }, (_, i) => simulate(ctx, 1 + ((ctx.run - 1) * processes + i) * seeds, seeds)),
    );
    const sum = (of: (summary: Summary) => number): number => summaries.reduce((total, each) => total + of(each), 0);
    const aMinute = sum((each) => each.worlds) / (sum((each) => each.cpuS) / 60);
    const violations = sum((each) => each.violations);
    return {
      figures: {
        'seeds a CPU-minute': aMinute,
        'CPU ms a seed': 60_000 / aMinute,
        seeds: sum((each) => each.worlds),
        violations,
        'virtual seconds a seed': sum((each) => each.virtualS) / sum((each) => each.worlds),
        'crossings a seed': sum((each) => each.crossed) / sum((each) => each.worlds),
        'commands a seed': sum((each) => each.applied) / sum((each) => each.worlds),
      },
      bars: [
        { name: 'seeds a CPU-minute', value: aMinute, limit: 1_000, must: 'at-least' },
        { name: 'violations', value: violations, limit: 0, judge: 'worst' },
      ],
    };
  },
};

async function simulate(ctx: BenchContext, from: number, seeds: number): Promise<Summary> {
  const main = fileURLToPath(import.meta.resolve('@horizon-atlas/sim/main'));
  const args = ['--seeds', String(seeds), '--from', String(from), '--keep-going', '--json'];
  const helper = ctx.spawn([process.execPath, main, ...args]);
  const [json] = await helper.line(/^\{"worlds".*\}$/, seeds * SEED_MS_MAX);
  return JSON.parse(json) as Summary;
}
