import { expect, it } from 'vitest';
import type { Period } from './core/policy.ts';
import { changesAtMs, holds } from './schedule.ts';

const hour = 3_600_000;
const at = (text: string) => Date.parse(text);
const period = (fields: Partial<Period>): Period => ({
  startMs: 0,
  endMs: Number.MAX_SAFE_INTEGER,
  startCron: '',
  timezone: 'UTC',
  durationMs: 0,
  ...fields,
});
const evening = period({ startCron: '0 18 * * *', durationMs: 6 * hour });

function check(of: Period, moment: string, held: boolean, changes: string): void {
  expect(holds(of, at(moment))).toBe(held);
  expect(new Date(changesAtMs(of, at(moment))).toISOString()).toBe(new Date(changes).toISOString());
}

it('holds from each start on for its duration', () => {
  check(evening, '2026-03-01T17:59:59.999Z', false, '2026-03-01T18:00:00Z');
  check(evening, '2026-03-01T18:00:00Z', true, '2026-03-02T00:00:00Z');
  check(evening, '2026-03-01T23:59:59.999Z', true, '2026-03-02T00:00:00Z');
  check(evening, '2026-03-02T00:00:00Z', false, '2026-03-02T18:00:00Z');
});

it('holds only between its moments', () => {
  const between = period({ startMs: at('2026-03-01T00:00:00Z'), endMs: at('2026-03-02T00:00:00Z') });
  check(between, '2026-02-28T23:00:00Z', false, '2026-03-01T00:00:00Z');
  check(between, '2026-03-01T00:00:00Z', true, '2026-03-02T00:00:00Z');
  expect(holds(between, at('2026-03-02T00:00:00Z'))).toBe(false);
  expect(changesAtMs(between, at('2026-03-02T00:00:00Z'))).toBe(Number.POSITIVE_INFINITY);
});

it('holds from its first start on without a duration', () => {
  const from = period({ startMs: at('2026-03-01T10:00:00Z'), startCron: '0 12 * * *' });
  expect(holds(from, at('2026-03-01T11:00:00Z'))).toBe(false);
  expect(holds(from, at('2026-03-01T12:00:00Z'))).toBe(true);
  expect(holds(from, at('2026-04-01T03:00:00Z'))).toBe(true);
});

it('begins at the same hour of the place over daylight saving', () => {
  const berlin = period({ startCron: '0 18 * * *', timezone: 'Europe/Berlin', durationMs: hour });
  check(berlin, '2026-03-28T17:00:00Z', true, '2026-03-28T18:00:00Z');
  check(berlin, '2026-03-29T16:00:00Z', true, '2026-03-29T17:00:00Z');
});
