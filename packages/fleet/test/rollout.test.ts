/** Rollouts whatever players do meanwhile: the old version's ready servers come to an end in bounded time, enough stay ready, nobody's server is stopped. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRollout } from '../src/core/rollout/rollout-plan.ts';
import { defaultRolloutTerms, type RolloutTerms } from '../src/core/rollout/terms.ts';
import { type Happening, type ModelSettings, RolloutModel } from './rollout-model.ts';

const startMs = 1000;
const amount = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((share) => ({ share })),
);
const rolling: fc.Arbitrary<RolloutTerms> = fc.record({
  strategy: fc.constant('RollingUpdate' as const),
  maxSurge: amount,
  maxUnavailable: amount,
  canary: fc.constant(undefined),
  abort: fc.constant(undefined),
});
const happening: fc.Arbitrary<Happening> = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
  take: fc.option(fc.nat(30), { nil: undefined }),
  prefer: fc.constantFrom('any', 'new', 'old'),
  sessionMs: fc.integer({ min: 0, max: 5000 }),
});
const settings: fc.Arbitrary<ModelSettings> = fc.record({
  terms: rolling,
  warm: fc.integer({ min: 0, max: 8 }),
  fixed: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
  startMs: fc.constant(startMs),
  reuse: fc.boolean(),
});

/** Undefined: all is well. */
function wrongWith(given: ModelSettings, before: readonly Happening[], after: readonly Happening[]): string | undefined {
  const model = new RolloutModel(given);
  for (const each of before) model.happen(each);
  const oldFree = model.oldReady + model.count('v1', 'ready', 'coming');
  const begunMs = model.nowMs;
  model.begin('v2');
  // At worst one old server for each start, and one start more for what was under way.
  const boundMs = (oldFree + 1) * startMs;
  for (const each of after) {
    model.happen(each);
    if (model.nowMs - begunMs > boundMs && model.oldReady > 0)
      return `${model.oldReady} old ones ready after ${model.nowMs - begunMs} ms`;
  }
  // Whatever happened: taken at once as soon as they are ready, for as long as it may last.
  for (let ms = 0; ms <= boundMs; ms += 100) {
    model.pass(100);
    while (model.count('v2', 'ready') > 0 && model.oldReady > 0) model.take(0, 'new', 3000);
  }
  if (model.oldReady > 0) return `${model.oldReady} old ones are still ready`;
  return model.complaints[0];
}

const any = fc.tuple(settings, fc.array(happening, { maxLength: 25 }), fc.array(happening, { maxLength: 60 }));

describe('RollingUpdate', () => {
  it('ends in bounded time whatever the allocations are, keeps enough ready, and stops nobody’s server', () => {
    fc.assert(
      fc.property(any, ([given, before, after]) => {
        expect(wrongWith(given, before, after)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  const mutations: readonly [what: string, change: Partial<ModelSettings>][] = [
    [
      'new ones that are taken at once let no old one go',
      { plan: (sight, phase, terms) => planRollout({ ...sight, arrived: 0 }, phase, terms) },
    ],
    ['servers in use come back', { retires: false }],
    [
      'all old ones are stopped at once',
      { plan: (sight, phase, terms) => ({ ...planRollout(sight, phase, terms), stopFormerReady: sight.former.free }) },
    ],
    [
      'servers that somebody has are stopped',
      {
        plan: (sight, phase, terms) => ({
          ...planRollout(sight, phase, terms),
          stopFormer: sight.former.free + sight.former.coming + sight.former.inUse,
        }),
      },
    ],
    [
      'neither more nor fewer may there be',
      {
        plan: (sight, phase, terms) => {
          const step = planRollout(sight, phase, terms);
          const room = sight.wanted - sight.next.free - sight.next.coming - sight.former.free;
          const stopFormerReady = Math.min(step.stopFormerReady, Math.max(0, -room));
          return {
            ...step,
            startNext: Math.max(0, Math.min(step.startNext, room)),
            stopFormerReady,
            stopFormer: stopFormerReady,
          };
        },
      },
    ],
  ];
  it.each(mutations)('would be caught: %s', (_, change) => {
    const result = fc.check(
      fc.property(any, ([given, before, after]) => wrongWith({ ...given, ...change }, before, after) === undefined),
      { numRuns: 2000 },
    );
    expect(result.failed).toBe(true);
  });
});

const quiet: ModelSettings = { terms: defaultRolloutTerms, warm: 4, fixed: undefined, startMs, reuse: false };

it('a quarter goes first by default, and each that comes lets one go', () => {
  const model = new RolloutModel(quiet);
  model.begin('v2');
  expect([model.count('v1', 'ready'), model.count('v2', 'coming')]).toEqual([3, 2]);
  model.pass(startMs);
  expect([model.count('v1', 'ready'), model.count('v2', 'ready'), model.count('v2', 'coming')]).toEqual([1, 2, 2]);
  model.pass(startMs);
  expect([model.oldReady, model.count('v2', 'ready'), model.state.phase]).toEqual([0, 4, 'steady']);
});

it('Recreate stops all free ones first, and leaves those in use', () => {
  const model = new RolloutModel({ ...quiet, terms: { ...defaultRolloutTerms, strategy: 'Recreate' } });
  model.take(0, 'any', 60_000);
  model.pass(startMs);
  model.begin('v2');
  expect([model.ready, model.count('v1', 'taken')]).toEqual([0, 1]);
  model.pass(1);
  model.pass(2 * startMs);
  expect([model.count('v2', 'ready'), model.count('v1', 'taken')]).toEqual([4, 1]);
});

describe('a trial', () => {
  const terms: RolloutTerms = {
    ...defaultRolloutTerms,
    canary: { replicas: 1, forMs: 10_000 },
    abort: { failures: 2, rate: 0.5 },
  };

  it('is one server of the new version, and goes on when it has lasted', () => {
    const model = new RolloutModel({ ...quiet, terms });
    model.begin('v2');
    model.pass(startMs);
    expect([model.count('v1', 'ready'), model.count('v2', 'ready'), model.state.phase]).toEqual([3, 1, 'canary']);
    model.take(0, 'old', 500_000);
    model.pass(9999);
    expect([model.count('v1', 'ready', 'taken', 'coming'), model.count('v2', 'ready'), model.state.phase]).toEqual([
      4,
      1,
      'canary',
    ]);
    model.pass(1);
    expect(model.state.phase).toBe('rolling');
    model.pass(5 * startMs);
    expect([model.oldReady, model.count('v2', 'ready'), model.count('v1', 'taken')]).toEqual([0, 4, 1]);
  });

  it('that fails goes back by itself, loses nobody, and is not begun again', () => {
    const model = new RolloutModel({ ...quiet, terms, broken: true });
    model.begin('v2');
    for (let i = 0; i < 10; i++) model.pass(startMs);
    expect(model.state).toMatchObject({
      phase: 'steady',
      target: 'v1',
      previous: 'v2',
      refused: 'v2',
      why: '2 of 2 servers of version v2 failed; the last: exit code 1',
    });
    expect([model.count('v1', 'ready'), model.count('v2', 'ready', 'coming')]).toEqual([4, 0]);
    // The trial took nobody's place but its own.
    expect(model.complaints).toEqual([]);
  });

  it('loses nothing whatever happens, and ends', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 3 }), fc.boolean(), ([given, before, after], replicas, broken) => {
        const trial = { ...given.terms, canary: { replicas, forMs: 2000 }, abort: { failures: 2, rate: 0.5 } };
        const model = new RolloutModel({ ...given, terms: trial, broken });
        for (const each of before) model.happen(each);
        model.begin('v2');
        for (const each of after) model.happen(each);
        for (let i = 0; i < 80; i++) model.pass(500);
        expect(model.complaints).toEqual([]);
        expect(model.state.target).toBe(broken ? 'v1' : 'v2');
        expect(model.oldReady).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
