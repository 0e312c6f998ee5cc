import { readFileSync } from 'node:fs';
import { Prng } from '@horizon-atlas/base';
import { MatchQueue, readRuleSet, type Ticket } from '@horizon-atlas/matchmaker';
import { describe, expect, it } from 'vitest';

function queueOf(name: string): MatchQueue {
  const read = readRuleSet(JSON.parse(readFileSync(new URL(`../rules/${name}.json`, import.meta.url), 'utf8')));
  if (!read.ok) throw new Error(JSON.stringify(read.complaints));
  return new MatchQueue(read.ruleSet);
}

const prng = new Prng(7);
/** `sizes`: of parties; skills as they are distributed: around 1500. */
function fill(queue: MatchQueue, sizes: readonly number[], spread: number, createdMs = 0): void {
  for (const [t, size] of sizes.entries()) {
    const skill = 1500 + (prng.unit() + prng.unit() + prng.unit() - 1.5) * spread;
    const players = Array.from({ length: size }, (_, i) => ({ id: `p${t}-${i}`, attributes: { skill }, latencyMs: {} }));
    const ticket: Ticket = { id: `t${t}`, createdMs, players };
    expect(queue.add(ticket)).toEqual({ ok: true });
  }
}

interface Story {
  readonly mode: string;
  readonly parties: readonly number[];
  readonly spread: number;
  readonly atMs: number;
  /** Players of each team of each match. */
  readonly matches: readonly (readonly number[])[];
}

function check({ mode, parties, spread, atMs, matches }: Story): void {
  const queue = queueOf(mode);
  fill(queue, parties, spread);
  const formed = queue.form(atMs);
  expect(formed.map(({ teams }) => teams.map(({ tickets }) => tickets.flatMap(({ players }) => players).length))).toEqual(
    matches,
  );
  const players = formed.flatMap(({ teams }) => teams.flatMap(({ tickets }) => tickets.flatMap((each) => each.players)));
  expect(new Set(players.map(({ id }) => id)).size).toBe(players.length);
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('the arena', () => {
  it('is two teams of five', () => check({ mode: 'arena', parties: times(10, 1), spread: 100, atMs: 0, matches: [[5, 5]] }));
  it('keeps parties together', () => check({ mode: 'arena', parties: [3, 2, 2, 3], spread: 50, atMs: 0, matches: [[5, 5]] }));
  it('is not begun by five at once', () => check({ mode: 'arena', parties: times(5, 1), spread: 100, atMs: 0, matches: [] }));
  it('is begun by five who have waited ten seconds', () =>
    check({ mode: 'arena', parties: times(5, 1), spread: 100, atMs: 10_000, matches: [[3, 2]] }));
  it('needs two on each side', () => check({ mode: 'arena', parties: times(3, 1), spread: 100, atMs: 60_000, matches: [] }));
});

describe('battle royale', () => {
  it('makes of 2,000 who are queued 20 matches of 100', () =>
    check({ mode: 'royale', parties: times(2000, 1), spread: 300, atMs: 0, matches: times(20, times(25, 4)) }));
  it('takes squads that have formed already', () =>
    check({ mode: 'royale', parties: times(25, 4), spread: 300, atMs: 0, matches: [times(25, 4)] }));
});

describe('skirmish, a mode of twelve', () => {
  it('is three teams of four', () =>
    check({ mode: 'skirmish', parties: times(12, 1), spread: 100, atMs: 0, matches: [[4, 4, 4]] }));
  it('makes five matches of sixty', () =>
    check({ mode: 'skirmish', parties: times(60, 1), spread: 100, atMs: 0, matches: times(5, [4, 4, 4]) }));
});
