/** A load test for people: its progress in a line, and its report. Pure. */
import type { LoadtestReport, Summary, Verdict } from '@horizon-atlas/loadtest';
import { bytes, count, ms } from './figures.ts';
import type { Paint } from './paint.ts';
import { type Column, fields, type TableSpace, table } from './table.ts';
import { harmless } from './text-width.ts';

export function progressLine(
  step: 'gather' | 'measure' | 'settle',
  elapsedS: number,
  { players, commands, perS, crossings }: LoadtestReport,
): string {
  const what = { gather: 'joining', measure: 'measuring', settle: 'settling' }[step];
  const refused = total(players.refused);
  return [
    `${what} ${Math.round(elapsedS)} s`,
    `players ${players.online}/${players.wanted}${refused > 0 ? ` (${refused} refused)` : ''}`,
    `commands ${count(commands.sent)}`,
    `crossings ${crossings}`,
    ...(step === 'measure' ? [`in ${bytes(perS.bytesIn)}/s`] : []),
  ].join(', ');
}

export function reportLines(report: LoadtestReport, verdicts: readonly Verdict[], space: TableSpace): string[] {
  const { players, commands, perS, figures, failures } = report;
  const { paint } = space;
  const rows = figures ? figureRows.map(([title, name]) => ({ title, summary: figures[name] })) : [];
  const custom = Object.entries(report.samples).map(([title, summary]) => ({ title: harmless(title), summary }));
  const pairs: [string, string][] = [
    [
      'players',
      `${players.joined} of ${players.wanted} joined, ${players.online} at the end${codes(', refused: ', players.refused)}${codes(', closed: ', players.closed)}`,
    ],
    ['reconnects', String(players.reconnects)],
    ['crossings', String(report.crossings)],
    ['commands', `${commands.sent} sent, ${commands.applied} applied, ${commands.lost} lost, ${commands.doubled} doubled`],
    [
      'traffic',
      `in ${bytes(perS.bytesIn)}/s, out ${bytes(perS.bytesOut)}/s, ${count(perS.messagesIn)} and ${count(perS.messagesOut)} messages/s`,
    ],
    ...Object.entries(report.counts).map(([name, n]): [string, string] => [harmless(name), String(n)]),
    ...(failures.count > 0 ? ([['failures', `${failures.count}, the first: ${failures.first}`]] as [string, string][]) : []),
  ];
  return [
    ...(figures
      ? [...table(columns, [...rows, ...custom], space), '', ...fields(pairs, space)]
      : fields(pairs.slice(0, 1), space)),
    ...(verdicts.length > 0 ? ['', ...verdicts.map((verdict) => verdictLine(verdict, paint))] : []),
  ];
}

const figureRows = [
  ['join', 'joinMs'],
  ['ping', 'pingMs'],
  ['command → applied', 'roundTripMs'],
  ['gap at crossings', 'crossingGapMs'],
  ['between views', 'viewGapMs'],
] as const;

interface Row {
  readonly title: string;
  readonly summary: Summary;
}

const figure = (value: number | null) => (value === null ? null : ms(value));
const columns: readonly Column<Row>[] = [
  { title: 'MILLISECONDS', rank: 0, min: 12, cell: ({ title }) => title },
  { title: 'P50', rank: 0, right: true, cell: ({ summary }) => figure(summary.p50) },
  { title: 'P90', rank: 2, right: true, cell: ({ summary }) => figure(summary.p90) },
  { title: 'P99', rank: 0, right: true, cell: ({ summary }) => figure(summary.p99) },
  { title: 'MAX', rank: 1, right: true, cell: ({ summary }) => figure(summary.max) },
  { title: 'SAMPLES', rank: 3, right: true, cell: ({ summary }) => String(summary.count) },
];

function verdictLine({ name, most, found, ok }: Verdict, paint: Paint | undefined): string {
  const text = `${ok ? 'ok  ' : 'FAIL'}  ${name} ${found === null ? 'was not seen' : Number.isInteger(found) ? found : found.toFixed(1)}, at most ${most}`;
  return (ok ? paint?.green(text) : paint?.red(text)) ?? text;
}

function codes(lead: string, by: Readonly<Record<string, number>>): string {
  const all = Object.entries(by).map(([code, n]) => `${n} ${harmless(code)}`);
  return all.length === 0 ? '' : `${lead}${all.join(', ')}`;
}

function total(by: Readonly<Record<string, number>>): number {
  return Object.values(by).reduce((sum, n) => sum + n, 0);
}
