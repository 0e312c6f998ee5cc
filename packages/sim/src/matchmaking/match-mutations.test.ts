/** Quiet seeds are quiet, and each checker bites: with a sabotage some seed soon breaks what it watches over. */
import { describe, expect, test } from 'vitest';
import { Violation } from '../checkers/checker.ts';
import {
  allMatchCheckers,
  cancelledIsNeverMatched,
  exactlyOneMatch,
  type MatchChecker,
  noPlayerInTwoMatches,
  noServerLeaked,
  noTicketLost,
} from './match-checkers.ts';
import { type MatchTaps, MatchWorld, stormy } from './match-world.ts';

const seeds = 40;
const virtualMs = 20_000;

function firstViolation(checkers: () => readonly MatchChecker[], taps: MatchTaps): string | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      new MatchWorld(seed, checkers(), stormy, taps).run(virtualMs);
    } catch (error) {
      if (error instanceof Violation) return error.message;
      throw error;
    }
  }
  return undefined;
}

test(`${seeds} seeds of deaths, failing writes and missing servers break nothing`, () => {
  expect(firstViolation(() => allMatchCheckers.map((make) => make()), {})).toBeUndefined();
});

test('there is something to check: matches are made, cancelled and ended', () => {
  let [matched, cancelled, restarts] = [0, 0, 0];
  const counter: MatchChecker = {
    name: 'counter',
    matched: () => void matched++,
    cancelled: () => void cancelled++,
    restarted: () => void restarts++,
  };
  for (let seed = 1; seed <= 5; seed++) new MatchWorld(seed, [counter]).run(virtualMs);
  expect(matched).toBeGreaterThan(100);
  expect(cancelled).toBeGreaterThan(100);
  expect(restarts).toBeGreaterThan(10);
});

describe('a sabotage is seen', () => {
  const mutations: readonly [what: string, by: () => MatchChecker, taps: MatchTaps][] = [
    [
      'a disk that forgets matches, whose tickets wait again',
      exactlyOneMatch,
      { forgets: ({ kind }) => kind === 'match' || kind === 'ticket-gone' },
    ],
    [
      'a desk that lets players be where they were',
      noPlayerInTwoMatches,
      {
        desk: (desk) => {
          desk.left = () => undefined;
        },
      },
    ],
    ['a cancellation that is acknowledged and not done', cancelledIsNeverMatched, { cancelsNothing: true }],
    ['a disk that forgets tickets', noTicketLost, { forgets: ({ kind }) => kind === 'ticket' }],
    ['servers that are never given back', noServerLeaked, { releasesNothing: true }],
  ];
  test.each(mutations)('%s', (_what, by, taps) => {
    expect(firstViolation(() => [by()], taps)).toBeDefined();
    expect(firstViolation(() => [by()], {})).toBeUndefined();
  });
});
