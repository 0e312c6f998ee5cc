import { expect, it } from 'vitest';
import { OwnViews } from './own-views.ts';

/** Updates at these times, and the raw gap around `cutMs` once it is known. */
function rawGap(updatesMs: readonly number[], cutMs: number): number | undefined {
  let raw: number | undefined;
  const views = new OwnViews();
  for (const atMs of updatesMs) {
    if (atMs === cutMs) {
      views.around(atMs, (rawMs) => {
        raw = rawMs;
      });
    }
    views.heard(atMs);
  }
  return raw;
}

/** Each tick from `fromMs` to `toMs`. */
const ticks = (fromMs: number, toMs: number): number[] =>
  Array.from({ length: Math.floor((toMs - fromMs) / 33) + 1 }, (_, i) => fromMs + 33 * i);

it('a crossing that nobody notices has a raw gap of a tick', () => {
  expect(rawGap(ticks(0, 1650), 825)).toBe(33);
});

it('a pause before the cut counts, and so does one after it', () => {
  expect(rawGap([...ticks(0, 660), ...ticks(760, 1500)], 760)).toBe(100);
  expect(rawGap([...ticks(0, 660), ...ticks(693, 726), ...ticks(900, 1500)], 693)).toBe(174);
});

it('a pause long before the cut is not the border’s', () => {
  expect(rawGap([...ticks(0, 330), ...ticks(600, 1800)], 996)).toBe(33);
});

it('before its window is over nothing is said', () => {
  expect(rawGap(ticks(0, 900), 825)).toBeUndefined();
});
