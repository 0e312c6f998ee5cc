import type { LoadtestReport, Summary } from '@horizon-atlas/loadtest';
import { expect, it } from 'vitest';
import { progressLine, reportLines } from './loadtest-lines.ts';

const some: Summary = { count: 20, mean: 5, p50: 4.4, p90: 9, p99: 12.3, max: 15 };
const none: Summary = { count: 0, mean: null, p50: null, p90: null, p99: null, max: null };
const report: LoadtestReport = {
  script: 'loadtest.ts',
  urls: ['wss://127.0.0.1:7777'],
  complete: true,
  players: { wanted: 20, joined: 20, online: 19, refused: {}, closed: { SESSION_KICKED: 1 }, reconnects: 0 },
  measuredS: 30,
  figures: { joinMs: some, pingMs: some, roundTripMs: some, crossingGapMs: none, viewGapMs: some },
  crossings: 0,
  commands: { sent: 58, applied: 58, lost: 0, doubled: 0 },
  perS: { bytesIn: 117_000, bytesOut: 274, messagesIn: 432, messagesOut: 30 },
  failures: { count: 0, first: '' },
  counts: {},
  samples: { 'own\u001b[2J': some },
};
const check = (change: Partial<LoadtestReport>, width: number, lines: string[]) =>
  expect(reportLines({ ...report, ...change }, [{ name: 'lost', most: 0, found: 0, ok: true }], { width })).toEqual(lines);

it('a report', () =>
  check({}, 100, [
    'MILLISECONDS       P50  P90  P99  MAX  SAMPLES',
    'join               4.4  9.0   12   15       20',
    'ping               4.4  9.0   12   15       20',
    'command → applied  4.4  9.0   12   15       20',
    'gap at crossings     –    –    –    –        0',
    'between views      4.4  9.0   12   15       20',
    'own\ufffd[2J            4.4  9.0   12   15       20',
    '',
    'players     20 of 20 joined, 19 at the end, closed: 1 SESSION_KICKED',
    'reconnects  0',
    'crossings   0',
    'commands    58 sent, 58 applied, 0 lost, 0 doubled',
    'traffic     in 117 kB/s, out 274 B/s, 432 and 30 messages/s',
    '',
    'ok    lost 0, at most 0',
  ]));

it('at 40 columns is cut, not wrapped', () => {
  const lines = reportLines(report, [], { width: 40 });
  expect(lines[0]).toBe('MILLISECONDS       P50  P90  P99  MAX');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
});

it('without figures says who did not join', () =>
  expect(
    reportLines(
      {
        ...report,
        complete: false,
        figures: null,
        players: { ...report.players, joined: 18, refused: { REGION_FULL: 2 }, closed: {} },
      },
      [],
      {
        width: 100,
      },
    ),
  ).toEqual(['players  18 of 20 joined, 19 at the end, refused: 2 REGION_FULL']));

it('progress', () =>
  expect(progressLine('measure', 12.4, report)).toBe('measuring 12 s, players 19/20, commands 58, crossings 0, in 117 kB/s'));
