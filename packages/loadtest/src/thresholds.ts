/** How bad a figure may be, and whether it is worse. What was not measured cannot be good. */
import type { LoadtestReport } from './report.ts';

const figure = (name: keyof NonNullable<LoadtestReport['figures']>, of: 'p50' | 'p99' | 'max') => (report: LoadtestReport) =>
  report.figures?.[name][of] ?? null;
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, n) => all + n, 0);

const readers = {
  'join-p99': figure('joinMs', 'p99'),
  'ping-p99': figure('pingMs', 'p99'),
  'round-trip-p99': figure('roundTripMs', 'p99'),
  'gap-p99': figure('crossingGapMs', 'p99'),
  'gap-max': figure('crossingGapMs', 'max'),
  'view-gap-p99': figure('viewGapMs', 'p99'),
  lost: ({ commands }: LoadtestReport) => commands.lost,
  doubled: ({ commands }: LoadtestReport) => commands.doubled,
  closed: ({ players }: LoadtestReport) => sum(players.closed),
  reconnects: ({ players }: LoadtestReport) => players.reconnects,
  failures: ({ failures }: LoadtestReport) => failures.count,
} as const;

export type ThresholdName = keyof typeof readers;
export const thresholdNames = Object.keys(readers) as readonly ThresholdName[];

export interface Threshold {
  readonly name: ThresholdName;
  /** The most that is good. */
  readonly most: number;
}

export interface Verdict extends Threshold {
  /** null: there was nothing to judge. */
  readonly found: number | null;
  readonly ok: boolean;
}

export function verdicts(report: LoadtestReport, thresholds: readonly Threshold[]): Verdict[] {
  return thresholds.map(({ name, most }) => {
    const found = readers[name](report);
    return { name, most, found, ok: found !== null && found <= most };
  });
}
