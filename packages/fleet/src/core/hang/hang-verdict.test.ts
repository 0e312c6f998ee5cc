import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HangSigns, hangPolicy, hangsAtOnce, judgeHang } from './hang-verdict.ts';

/** 400 ms on an idle machine, in which it did nothing and wanted nothing. */
const still: HangSigns = { overMs: 400, doing: 'asleep', ranMs: 0, queuedMs: 0, turns: 0, idleShare: 0.9, lateMs: 0 };
const verdictOf = (but: Partial<HangSigns>, silentMs = 400) => judgeHang({ ...still, ...but }, silentMs);

const figure = (max: number) => fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max, noNaN: true }));
const anySigns = fc.record<HangSigns>({
  overMs: fc.double({ min: 1, max: 2000, noNaN: true }),
  doing: fc.constantFrom('stopped', 'runnable', 'blocked', 'asleep', 'unknown'),
  ranMs: figure(4000),
  queuedMs: figure(4000),
  turns: figure(1000),
  idleShare: figure(1),
  lateMs: fc.double({ min: 0, max: 2000, noNaN: true }),
});
const anySilence = fc.double({ min: 0, max: 60_000, noNaN: true });

describe('a verdict on silence', () => {
  it('is a hang of one that is stopped, whatever the machine does', () => {
    fc.assert(
      fc.property(anySigns, anySilence, (signs, silentMs) => {
        expect(judgeHang({ ...signs, doing: 'stopped' }, silentMs)).toMatchObject({ hung: true, sure: true });
      }),
    );
  });
  it('is a hang after the grace, whatever excuses there are', () => {
    fc.assert(
      fc.property(anySigns, anySilence, (signs, silentMs) => {
        expect(judgeHang(signs, silentMs + hangPolicy.graceMs).hung).toBe(true);
      }),
    );
  });
  it('never becomes milder with more silence', () => {
    fc.assert(
      fc.property(anySigns, anySilence, anySilence, (signs, one, more) => {
        if (judgeHang(signs, one).hung) expect(judgeHang(signs, one + more).hung).toBe(true);
      }),
    );
  });
  it('is certain of nobody whom the machine or Atlas kept from speaking', () => {
    fc.assert(
      fc.property(anySigns, anySilence, (signs, silentMs) => {
        const kept = signs.queuedMs >= signs.overMs * hangPolicy.starvedShare || signs.lateMs >= signs.overMs;
        const verdict = judgeHang(signs, silentMs);
        if (kept && signs.doing !== 'stopped' && verdict.hung) expect(verdict.sure).toBe(false);
      }),
    );
  });
  it.each<[string, Partial<HangSigns>]>([
    ['sleeps on an idle machine', {}],
    ['runs in an endless loop on a core of its own', { doing: 'runnable', ranMs: 390, turns: 9, idleShare: 0.4 }],
    ['lives, but does not dial, with idle cores', { ranMs: 3, turns: 12 }],
    [
      'is not known more of',
      { doing: 'unknown', ranMs: Number.NaN, queuedMs: Number.NaN, turns: Number.NaN, idleShare: Number.NaN },
    ],
  ])('is a hang of one that %s', (_, but) => expect(verdictOf(but).hung).toBe(true));
  it.each<[string, Partial<HangSigns>, RegExp]>([
    ['waited in line for a core', { turns: 5, queuedMs: 220, ranMs: 20 }, /wait for a core/],
    ['is in line since the last look', { doing: 'runnable' }, /waits for a core/],
    ['loops, and shares its core with ten others', { doing: 'runnable', ranMs: 40, queuedMs: 350, turns: 12 }, /wait for a core/],
    ['waits for the disk', { doing: 'blocked' }, /disk/],
    ['was not woken while no core was idle', { idleShare: 0.01 }, /idle/],
    ['Atlas was too late to hear', { lateMs: 120, turns: 3 }, /Atlas itself/],
  ])('is none of one that %s', (_, but, why) => expect(verdictOf(but)).toEqual({ hung: false, why: expect.stringMatching(why) }));
  it('lets few be given up on at once', () => {
    expect([0, 1, 9, 10, 55, 1000].map(hangsAtOnce)).toEqual([1, 1, 1, 1, 5, 100]);
  });
});
