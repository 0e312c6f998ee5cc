/** What is said about several runs of a bench: a table for people, one line of JSON for scripts. */
import { percentile } from '@horizon-atlas/base';
import type { Bar, Outcome } from './bench.ts';
import type { Machine } from './machine.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Verdict {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly ok: boolean;
}

/** The last line of `--json`, just so. */
export interface Report {
  readonly bench: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly runs: number;
  readonly figures: Readonly<Record<string, Spread>>;
  readonly bars: readonly Verdict[];
}

export function summarize(bench: string, commit: string, machine: Machine, outcomes: readonly Outcome[]): Report {
  const names = new Set(outcomes.flatMap((each) => Object.keys(each.figures)));
  const figures = [...names].map((name) => [name, spread(outcomes.map((each) => each.figures[name] ?? Number.NaN))] as const);
  const bars = new Map<string, Bar[]>();
  for (const bar of outcomes.flatMap((each) => each.bars)) bars.set(bar.name, [...(bars.get(bar.name) ?? []), bar]);
  return {
    bench,
    commit,
    machine,
    runs: outcomes.length,
    figures: Object.fromEntries(figures),
    bars: [...bars.values()].map((runs) => judge(runs, outcomes.length)),
  };
}

export function formatReport(report: Report, method: string): string {
  const { machine, figures, bars } = report;
  const heading = `${report.bench} · ${report.commit} · ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}`;
  const rows = Object.entries(figures).map(([name, s]) => [name, round(s.median), `(${round(s.min)} – ${round(s.max)})`]);
  const verdicts = bars.map((bar) => [bar.ok ? '✓' : '✗', bar.name, round(bar.value), `limit ${round(bar.limit)}`]);
  return [heading, method, '', `median of ${report.runs} (min – max)`, ...table(rows), '', ...table(verdicts)].join('\n');
}

/** A bar that a run did not report is one that it did not reach. */
function judge(runs: readonly Bar[], expected: number): Verdict {
  const { name, limit, must = 'at-most', judge: which = 'median' } = runs[0] as Bar;
  const { median, min, max } = spread(runs.map((run) => run.value));
  const worst = must === 'at-most' ? max : min;
  const value = which === 'median' ? median : worst;
  const reached = must === 'at-most' ? value <= limit : value >= limit;
  const whole = runs.length === expected && runs.every((run) => Number.isFinite(run.value));
  return { name, value, limit, ok: reached && whole };
}

function spread(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** Three significant digits: more would not be true. */
function round(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(value !== 0 && Math.abs(value) < 1 ? 3 : digits)));
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, i) => Math.max(cell.length, widest[i] ?? 0)), []);
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
}
