import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MetricsSample, renderMetrics } from './metrics-text.ts';

/** The rules of promtool's linter that a page of ours could break, and the grammar of the format. */
function lint(text: string): string[] {
  const complaints: string[] = [];
  const types = new Map<string, string>();
  const seen = new Set<string>();
  let current = '';
  for (const row of text.split('\n').slice(0, -1)) {
    const help = /^# HELP ([a-z_:][a-z0-9_:]*) .+$/.exec(row);
    const type = /^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge|summary)$/.exec(row);
    const sample =
      /^([a-z_:][a-z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (NaN|[+-]Inf|-?\d+(\.\d+)?(e[+-]\d+)?)$/.exec(
        row,
      );
    if (help) {
      current = help[1] ?? '';
      if (types.has(current)) complaints.push(`${current} comes twice`);
    } else if (type) {
      if (type[1] !== current) complaints.push(`TYPE without HELP: ${row}`);
      types.set(current, type[2] ?? '');
      const counter = type[2] === 'counter';
      if (counter !== current.endsWith('_total')) complaints.push(`${current}: _total is for counters`);
      if (/_(ms|s|milliseconds|kb|mb)(_total)?$/.test(current)) complaints.push(`${current}: base units`);
    } else if (sample) {
      const name = (sample[1] ?? '').replace(types.get(current) === 'summary' ? /_(sum|count)$/ : /$^/, '');
      if (name !== current) complaints.push(`a sample outside its family: ${row}`);
      const id = `${sample[1]}${sample[2] ?? ''}`;
      if (seen.has(id)) complaints.push(`sampled twice: ${id}`);
      seen.add(id);
    } else complaints.push(`not of the format: ${row}`);
  }
  return complaints;
}

function check(samples: MetricsSample[], lines: string[]): void {
  const text = renderMetrics(samples);
  expect(lint(text)).toEqual([]);
  expect(text.split('\n').filter((row) => row !== '' && !row.startsWith('#'))).toEqual(lines);
}

describe('metrics', () => {
  it('of each kind, by name', () =>
    check(
      [
        { kind: 'gauge', name: 'atlas_servers', labels: { state: 'ready' }, value: 3 },
        { kind: 'counter', name: 'atlas_handoffs_total', labels: {}, value: 41 },
        { kind: 'gauge', name: 'atlas_servers', labels: { state: 'error' }, value: 0 },
      ],
      ['atlas_handoffs_total 41', 'atlas_servers{state="ready"} 3', 'atlas_servers{state="error"} 0'],
    ));

  it('turn milliseconds into seconds', () =>
    check(
      [
        {
          kind: 'summary',
          name: 'atlas_handoff_gap_ms',
          labels: {},
          count: 2,
          sum: 41,
          quantiles: [
            [0.5, 16],
            [0.99, 25],
          ],
        },
        { kind: 'counter', name: 'atlas_wait_ms', labels: {}, value: 1500 },
      ],
      [
        'atlas_handoff_gap_seconds{quantile="0.5"} 0.016',
        'atlas_handoff_gap_seconds{quantile="0.99"} 0.025',
        'atlas_handoff_gap_seconds_sum 0.041',
        'atlas_handoff_gap_seconds_count 2',
        'atlas_wait_seconds_total 1.5',
      ],
    ));

  it('give a counter its ending', () =>
    check([{ kind: 'counter', name: 'atlas_joins', labels: {}, value: 1 }], ['atlas_joins_total 1']));

  it('escape labels', () =>
    check(
      [{ kind: 'gauge', name: 'atlas_x', labels: { region: 'a"b\\c\nd' }, value: Number.NaN }],
      ['atlas_x{region="a\\"b\\\\c\\nd"} NaN'],
    ));

  it('drop what would make the page unreadable: a second kind under one name, a sample twice', () =>
    check(
      [
        { kind: 'gauge', name: 'atlas_x', labels: {}, value: 1 },
        { kind: 'summary', name: 'atlas_x', labels: {}, count: 0, sum: 0, quantiles: [] },
        { kind: 'gauge', name: 'atlas_x', labels: {}, value: 2 },
      ],
      ['atlas_x 1'],
    ));

  it('stay clean whatever the names, labels and values are', () => {
    const labels = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).map((key) => `l${key.replace(/\W/g, '')}`),
      fc.string(),
      { maxKeys: 3 },
    );
    const name = fc.stringMatching(/^[a-zA-Z_ -]{1,20}$/).map((tail) => `atlas_x${tail}y`);
    const plain = fc.record({ kind: fc.constantFrom('counter' as const, 'gauge' as const), name, labels, value: fc.double() });
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 8 }), (samples) => {
        expect(lint(renderMetrics(samples))).toEqual([]);
      }),
    );
  });
});
