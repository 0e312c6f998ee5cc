/** Decisions over time: up at once, down late and not too far, the floor of start-up times, and the same ones from the same inputs. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ScalingTerms } from './policy.ts';
import { type Decision, Scaler } from './scaler.ts';
import type { Sight } from './sight.ts';

const terms: ScalingTerms = {
  policy: {
    type: 'Buffer',
    buffer: { bufferSize: { of: 'number', number: 2 }, bufferSizeMin: 0, minReplicas: 0, maxReplicas: 1000 },
  },
  downAfterMs: 60_000,
  downKeep: 0.2,
};

/** A fleet that at once has as many servers as are asked for. */
function fleet(given: Partial<ScalingTerms> = {}, limits: { min?: number; max?: number; startMs?: number } = {}) {
  const scaler = new Scaler({ ...terms, ...given }, { holds: () => true, changesAtMs: () => Number.POSITIVE_INFINITY });
  let replicas = 0;
  return {
    scaler,
    at(nowMs: number, busy: number, waiting = 0): Decision {
      const sight: Sight = {
        replicas,
        there: Math.max(replicas, busy),
        ready: Math.max(0, replicas - busy),
        coming: 0,
        busy,
        waiting,
        min: limits.min ?? 0,
        max: limits.max ?? 1000,
        startMs: limits.startMs,
        capacities: new Map(),
      };
      const decision = scaler.step(sight, nowMs, 1_000_000 + nowMs);
      replicas = decision.to;
      return decision;
    },
  };
}

it('goes up in the step in which more are wanted', () => {
  const { at } = fleet();
  expect(at(0, 0).to).toBe(2);
  expect(at(1, 7)).toMatchObject({ from: 2, to: 9, why: 'Buffer: 7 in use and 2 ready (bufferSize 2).' });
});

it('goes down only after fewer were wanted all the time, and says when', () => {
  const { at, scaler } = fleet();
  at(0, 10);
  expect(at(1000, 3)).toMatchObject({ to: 12, wished: 5, downAtMs: 1_061_000, why: expect.stringMatching(/Fewer only once/) });
  expect(scaler.dueMs).toBe(61_000);
  expect(at(60_999, 3).to).toBe(12);
  expect(at(61_000, 3)).toMatchObject({ from: 12, to: 5, downAtMs: 0 });
});

it('goes down to the most that was wanted meanwhile', () => {
  const { at } = fleet();
  at(0, 10);
  at(1000, 1);
  at(20_000, 6);
  at(40_000, 0);
  expect(at(61_000, 0).to).toBe(8);
});

it('begins to wait anew when as many are wanted again', () => {
  const { at } = fleet();
  at(0, 10);
  at(1000, 3);
  at(30_000, 10);
  at(31_000, 3);
  expect(at(61_000, 3).to).toBe(12);
  expect(at(91_000, 3).to).toBe(5);
});

it('takes a rise back at once that no server was started for, and no other', () => {
  const scaler = new Scaler(terms, { holds: () => true, changesAtMs: () => Number.POSITIVE_INFINITY });
  const at = (nowMs: number, sight: Partial<Sight>) => scaler.step({ ...blank, ...sight }, nowMs, 1_000_000 + nowMs).to;
  expect(at(0, { replicas: 2, there: 2, ready: 2 })).toBe(2);
  // A match that is over before a spare was started in its server's place.
  expect(at(1, { replicas: 2, there: 2, ready: 1, busy: 1 })).toBe(3);
  expect(at(90, { replicas: 3, there: 2, ready: 2 })).toBe(2);
  // Two, one after the other, and the first goes on.
  expect(at(100, { replicas: 2, there: 2, ready: 1, busy: 1 })).toBe(3);
  expect(at(101, { replicas: 3, there: 2, busy: 2 })).toBe(4);
  expect(at(190, { replicas: 4, there: 2, ready: 1, busy: 1 })).toBe(3);
  expect(at(191, { replicas: 3, there: 2, ready: 2 })).toBe(2);
  expect(at(192, { replicas: 2, there: 2, ready: 1, busy: 1 })).toBe(3);
  expect(at(450, { replicas: 3, there: 3, ready: 1, busy: 1, coming: 1 })).toBe(3);
  expect(at(451, { replicas: 3, there: 3, ready: 2, coming: 1 })).toBe(3);
  expect(at(452, { replicas: 3, there: 3, ready: 3 })).toBe(3);
});

it('leaves a fifth in one step down, and the minimum always', () => {
  const { at } = fleet();
  at(0, 98);
  at(1, 0);
  expect(at(60_001, 0).to).toBe(20);
  at(60_002, 0);
  expect(at(120_002, 0).to).toBe(4);
  const held = fleet({}, { min: 30 });
  held.at(0, 98);
  held.at(1, 0);
  expect(held.at(60_001, 0).to).toBe(30);
});

it('serves who waits, whatever the policy would have', () => {
  const { at } = fleet();
  expect(at(0, 4, 5)).toMatchObject({ to: 9, why: expect.stringMatching(/5 requests wait\./) });
});

it('is held within the limits of the fleet', () => {
  const { at } = fleet({}, { min: 3, max: 6 });
  expect(at(0, 0)).toMatchObject({ to: 3, why: expect.stringMatching(/The fleet's minimum is 3/) });
  expect(at(1, 9)).toMatchObject({ to: 6, why: expect.stringMatching(/The fleet's maximum is 6/) });
});

it('keeps as many ready as are taken while one starts', () => {
  const { at, scaler } = fleet({}, { startMs: 20_000 });
  // 40 in 20 s, and 20 s to start one: 40 during a start, and 1.645 deviations of it.
  for (let s = 0; s < 20; s++) scaler.taken(2, s * 1000);
  const decision = at(20_000, 10);
  expect(decision.to).toBe(10 + Math.ceil(40 + 1.645 * Math.sqrt(40)));
  expect(decision.why).toMatch(/2 a second are taken and one needs 20 s to start, so 51 must be ready/);
  // A rush that is over is forgotten, and its servers go after the wait.
  expect(scaler.dueMs).toBeLessThanOrEqual(25_000);
  for (let ms = 25_000; ms <= 400_000; ms += 5000) at(ms, 10);
  expect(at(400_001, 10).to).toBe(12);
});

it('starts none for servers that are back sooner than another one has started', () => {
  const { at, scaler } = fleet({}, { startMs: 2_000 });
  const match = (n: number, tookMs: number) => {
    scaler.taken(1, n * 100);
    scaler.uses.taken(`arena_${n}`, n * 100);
    scaler.uses.back(`arena_${n}`, n * 100 + tookMs, 2_000);
  };
  for (let n = 0; n < 4; n++) match(n, 1_999);
  // Four tell too little: as if each had to be started anew.
  expect(scaler.uses.quickMs(2_300, 2_000)).toBeUndefined();
  for (let n = 4; n < 200; n++) match(n, 200);
  // 10 a second for 0.2 s: two at once, and 1.645 deviations of it; the buffer is more.
  expect(at(20_000, 4)).toMatchObject({ wished: 6, why: expect.stringMatching(/^Buffer/) });
  expect(at(20_000, 1)).toMatchObject({
    wished: 5,
    why: expect.stringMatching(/10 a second are taken and one is back after 0.2 s, so/),
  });
  // Somebody plays for longer: who comes next has to be served meanwhile.
  scaler.uses.taken('arena_long', 18_000);
  expect(at(20_000, 1)).toMatchObject({ wished: 1 + Math.ceil(20 + 1.645 * Math.sqrt(20)) });
  scaler.uses.gone('arena_long');
  match(200, 200);
  expect(at(20_100, 1).why).toMatch(/needs 2 s to start/);
});

it('takes what a forecast expects for the floor', () => {
  const scaler = new Scaler(terms, { holds: () => true, changesAtMs: () => Number.POSITIVE_INFINITY });
  const expected = { arrivalsPerS: 1, why: 'Friday evening' };
  const sight: Sight = { ...blank, startMs: 10_000, expected };
  expect(scaler.step(sight, 0, 0)).toMatchObject({ to: 16, why: expect.stringMatching(/Friday evening/) });
});

const blank: Sight = {
  replicas: 0,
  there: 0,
  ready: 0,
  coming: 0,
  busy: 0,
  waiting: 0,
  min: 0,
  max: 1000,
  startMs: undefined,
  capacities: new Map(),
};

const happenings = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 40_000 }),
    busy: fc.integer({ min: 0, max: 60 }),
    waiting: fc.integer({ min: 0, max: 5 }),
  }),
  { minLength: 1, maxLength: 80 },
);

it('whatever happens: never below what is in use, never down sooner than it may, and the same again from the same inputs', () => {
  fc.assert(
    fc.property(happenings, (steps) => {
      const runs = [fleet(), fleet()];
      let nowMs = 0;
      let upOrLevelMs = 0;
      for (const { afterMs, busy, waiting } of steps) {
        nowMs += afterMs;
        const [decision, again] = runs.map((run) => run.at(nowMs, busy, waiting));
        expect(again).toEqual(decision);
        if (!decision) continue;
        expect(decision.to).toBeGreaterThanOrEqual(busy + 2);
        expect(decision.to).toBeGreaterThanOrEqual(busy + waiting);
        if (decision.to < decision.from) {
          expect(nowMs - upOrLevelMs).toBeGreaterThanOrEqual(terms.downAfterMs);
          expect(decision.to).toBeGreaterThanOrEqual(Math.ceil(terms.downKeep * decision.from));
          upOrLevelMs = nowMs;
        }
        if (decision.wished >= decision.from) upOrLevelMs = nowMs;
      }
    }),
    { numRuns: 500 },
  );
});
