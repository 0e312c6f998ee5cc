import { expect, test } from 'vitest';
import { Turn } from './turn.ts';

const afterImmediates = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A turn whose clock is set by hand. */
function make(coalesceMs: number): { turn: Turn; clock: { ms: number }; ends: number[] } {
  const clock = { ms: 0 };
  const ends: number[] = [];
  const turn = new Turn({
    clock: { now: () => clock.ms, wall: () => 0, at: () => () => {} },
    coalesceMs,
    end: () => ends.push(clock.ms),
  });
  return { turn, clock, ends };
}

/** So many wake-ups in each of many turns, each so long after the one before; the work of a turn takes `workMs`. */
async function traffic(coalesceMs: number, wakeUps: number, everyMs: number, workMs = 0): Promise<number> {
  const { turn, clock } = make(coalesceMs);
  for (let i = 0; i < 50; i++) {
    clock.ms += everyMs - workMs;
    for (let n = 0; n < wakeUps; n++) turn.wokenUp();
    clock.ms += workMs;
    await afterImmediates();
  }
  return turn.naps;
}

test('time stands still within a turn, and there is one end to it', async () => {
  const { turn, clock, ends } = make(0);
  clock.ms = 5;
  expect(turn.enter()).toBe(5);
  clock.ms = 6;
  expect(turn.enter()).toBe(5);
  await afterImmediates();
  expect(ends).toEqual([6]);
  expect(turn.enter()).toBe(6);
  turn.stop();
  await afterImmediates();
  expect(ends).toEqual([6]);
});

test('what was put aside is worked on within the turn, before its end', async () => {
  const clock = { ms: 1 };
  const order: string[] = [];
  const turn: Turn = new Turn({
    clock: { now: () => clock.ms, wall: () => 0, at: () => () => {} },
    coalesceMs: 0,
    gather: () => order.push(`gather at ${turn.wokenUp()}`),
    end: () => order.push('end'),
  });
  turn.enter();
  clock.ms = 2;
  await afterImmediates();
  await afterImmediates();
  expect(order).toEqual(['gather at 1', 'end']);
});

test('naps only where they pay', async () => {
  expect(await traffic(0, 10, 1), 'switched off').toBe(0);
  expect(await traffic(0.5, 1, 10), 'thin: 100 a second').toBe(0);
  expect(await traffic(0.5, 1, 1), 'still thin: 1,000 a second').toBe(0);
  expect(await traffic(0.5, 5, 0.5), 'paced: 10,000 a second').toBeGreaterThan(25);
  expect(await traffic(0.5, 200, 2, 1.9), 'busy').toBe(0);
});
