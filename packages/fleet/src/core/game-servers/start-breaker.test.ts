import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startPolicy } from './policy.ts';
import { closedBreaker, crashed, failed, type StartBreaker, succeeded } from './start-breaker.ts';

const fail = (breaker: StartBreaker, begunMs: number, nowMs: number) =>
  failed(breaker, 'SERVER_CRASHED', 'exit code 1', begunMs, nowMs);

/** Sixteen that are started together whenever starts are allowed, and fail one after the other; the pauses before each wave. */
function pausesOf(waves: number, sideBySide: number): number[] {
  let breaker = closedBreaker;
  let nowMs = 0;
  const pauses: number[] = [];
  for (let wave = 0; wave < waves; wave++) {
    const begunMs = Math.max(nowMs, breaker.openMs);
    pauses.push(begunMs - nowMs);
    nowMs = begunMs + 5;
    for (let i = 0; i < sideBySide; i++) breaker = fail(breaker, begunMs, nowMs++);
  }
  return pauses;
}

describe('a fleet whose starts fail', () => {
  it('waits as long whether one is started at a time or sixteen are', () => {
    // What passes while the others of the wave fail is part of the pause.
    const withWave = pausesOf(9, 16).map((ms, wave) => (wave === 0 || ms === 0 ? ms : ms + 15));
    expect(withWave).toEqual(pausesOf(9, 1));
    expect(pausesOf(7, 16).filter((ms) => ms > 10_000).length).toBe(2);
  });
  it('is in a loop after five waves, and not after five servers of one', () => {
    let breaker = closedBreaker;
    for (let i = 0; i < 100; i++) breaker = fail(breaker, 0, 10 + i);
    expect(breaker).toMatchObject({ failures: 1, loops: 0, openMs: 10, trouble: { code: 'SERVER_CRASHED' } });
    for (let wave = 1; wave < startPolicy.failures; wave++) breaker = fail(breaker, breaker.openMs, breaker.openMs + 200);
    expect(breaker).toMatchObject({ loops: 1, trouble: { code: 'SERVER_CRASH_LOOP' } });
  });
  it('doubles the pause after a loop once for all that are tried then', () => {
    let breaker = closedBreaker;
    for (let wave = 0; wave < startPolicy.failures; wave++) breaker = fail(breaker, wave * 10_000, wave * 10_000 + 1);
    const begunMs = breaker.openMs;
    for (let i = 0; i < 16; i++) breaker = fail(breaker, begunMs, begunMs + 10 + i);
    expect(breaker.loops).toBe(2);
    expect(breaker.openMs).toBe(begunMs + 10 + 2 * startPolicy.errorMs);
  });
  it('counts a start of a former Atlas as one at most', () => {
    let breaker = fail(closedBreaker, Number.NEGATIVE_INFINITY, 5);
    breaker = fail(breaker, Number.NEGATIVE_INFINITY, 6);
    expect(breaker.failures).toBe(1);
  });
  it('counts no more failures than there were waves, however they fall', () => {
    const starts = fc.array(fc.tuple(fc.nat(10_000), fc.nat(2_000)), { maxLength: 60 });
    fc.assert(
      fc.property(starts, (drawn) => {
        const all = drawn.map(([begunMs, tookMs]) => ({ begunMs, endMs: begunMs + tookMs })).sort((a, b) => a.endMs - b.endMs);
        // The most starts of which each was begun after the end of the one before.
        let [waves, lastMs] = [0, Number.NEGATIVE_INFINITY];
        for (const { begunMs, endMs } of all) if (begunMs >= lastMs) [waves, lastMs] = [waves + 1, endMs];
        let breaker = closedBreaker;
        let counted = 0;
        for (const { begunMs, endMs } of all) {
          const next = fail(breaker, begunMs, endMs);
          if (next !== breaker) counted++;
          breaker = next;
        }
        expect(counted).toBe(waves);
      }),
    );
  });
  it('is open again as soon as one works', () => {
    expect(succeeded(fail(closedBreaker, 0, 10), 20)).toEqual(closedBreaker);
    expect(succeeded(crashed(closedBreaker, 4, 'SIGSEGV', 10), 20).crashesMs).toEqual([10]);
  });
});
