import { describe, expect, it } from 'vitest';
import type { Bar, Outcome } from './bench.ts';
import { nearestName } from './nearest-name.ts';
import { formatReport, summarize } from './report.ts';

const machine = { cores: 2, cpu: 'a processor', memoryGb: 8, node: '24.0.0' };
const report = (...runs: readonly Outcome[]) => summarize('some', 'c0ffee', machine, runs);
const verdict = (...values: readonly (readonly [number, Partial<Bar>?])[]) =>
  report(...values.map(([value, more]) => ({ figures: {}, bars: [{ name: 'it', value, limit: 10, ...more }] }))).bars.at(0);

describe('a report', () => {
  it('is, as JSON, just what scripts expect', () => {
    const run = (x: number): Outcome => ({ figures: { x }, bars: [{ name: 'x small', value: x, limit: 5 }] });
    expect(JSON.parse(JSON.stringify(report(run(3), run(1), run(2))))).toEqual({
      bench: 'some',
      commit: 'c0ffee',
      machine,
      runs: 3,
      figures: { x: { median: 2, min: 1, max: 3 } },
      bars: [{ name: 'x small', value: 2, limit: 5, ok: true }],
    });
  });

  it('judges by the median, or by the worst run where one is too many', () => {
    expect(verdict([9], [11], [10])).toMatchObject({ value: 10, ok: true });
    expect(verdict([11], [11], [10])).toMatchObject({ value: 11, ok: false });
    expect(
      verdict([0, { limit: 0, judge: 'worst' }], [1, { limit: 0, judge: 'worst' }], [0, { limit: 0, judge: 'worst' }]),
    ).toMatchObject({
      value: 1,
      ok: false,
    });
    expect(verdict([9, { must: 'at-least' }], [12, { must: 'at-least' }], [10, { must: 'at-least' }])?.ok).toBe(true);
    expect(verdict([9, { must: 'at-least', judge: 'worst' }], [12, { must: 'at-least', judge: 'worst' }])).toMatchObject({
      value: 9,
      ok: false,
    });
  });

  it('takes a bar that a run left out, or that is no number, as not reached', () => {
    expect(report({ figures: {}, bars: [{ name: 'it', value: 1, limit: 5 }] }, { figures: {}, bars: [] }).bars[0]?.ok).toBe(
      false,
    );
    expect(verdict([1], [Number.NaN], [1])?.ok).toBe(false);
  });

  it('is a table for people', () => {
    const text = formatReport(
      report({ figures: { 'a figure': 1234.5678 }, bars: [{ name: 'it', value: 11, limit: 10 }] }),
      'How.',
    );
    expect(text).toContain('a figure  1235  (1235 – 1235)');
    expect(text).toContain('✗  it  11  limit 10');
    expect(text).toContain('How.');
  });
});

describe('a mistyped name', () => {
  it('is told from the right one, if there is a near one', () => {
    expect(nearestName('wrold', ['gateway', 'world'])).toBe('world');
    expect(nearestName('gate', ['gateway', 'world'])).toBe('gateway');
    expect(nearestName('nonsense', ['gateway', 'world'])).toBeUndefined();
  });
});
