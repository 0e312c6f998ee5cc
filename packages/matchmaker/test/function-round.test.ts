/** What of a match function's proposals becomes matches. */
import { describe, expect, it } from 'vitest';
import { FunctionRound } from '../src/core/function-round.ts';
import type { MatchPool } from '../src/core/match-function.ts';
import { type MatchProposal, replayWith } from '../src/index.ts';
import { line, queueOf, skills, teamsOf, ticket } from './story.ts';

const near = { name: 'near', type: 'distance', measurements: [skills], referenceValue: `avg(${skills})`, maxDistance: 10 };
const loosens = [{ target: 'rules[near].maxDistance', steps: [{ waitTimeSeconds: 5, value: 100 }] }];

/** Solo players a to f with skills 0, 10, … 50, who came at 0, and what becomes of proposals at `nowMs`. */
function proposed(proposals: readonly unknown[], { rules = {}, nowMs = 0, between = () => {} }: Wishes = {}) {
  const queue = queueOf({ rules: [near], expansions: loosens, ...rules });
  for (const [i, id] of [...'abcdef'].entries()) queue.add(ticket({ id, attributes: { skill: 10 * i } }));
  const round = new FunctionRound(queue.engine, 'duel', 0);
  between(queue);
  const { matches, ...rest } = round.settle(proposals, nowMs);
  return { lines: matches.map(line), matches, ...rest, left: queue.size, pool: round.pool, queue };
}

interface Wishes {
  readonly rules?: object;
  readonly nowMs?: number;
  readonly between?: (queue: ReturnType<typeof queueOf>) => void;
}

const duel = (red: string, blue: string, place?: string) => ({ teams: { red: [red], blue: [blue] }, ...(place && { place }) });

describe('a round of a match function', () => {
  it('is shown who waits: the teams, and tickets by priority and age', () => {
    const queue = queueOf({});
    queue.add(ticket({ id: 'young', atMs: 50, attributes: { skill: 7 }, latencyMs: { eu: 20 } }));
    queue.add({ ...ticket({ id: 'urgent', atMs: 60 }), priority: 5 });
    queue.add(ticket({ id: 'old', atMs: 10 }));
    const { pool } = new FunctionRound(queue.engine, 'duel', 100);
    expect(pool).toMatchObject({ queue: 'duel', nowMs: 100, more: 0, teams: [{ name: 'red', maxPlayers: 1 }, { name: 'blue' }] });
    expect(pool.tickets.map(({ id, ageMs, priority }) => [id, ageMs, priority])).toEqual([
      ['urgent', 40, 5],
      ['old', 90, 0],
      ['young', 50, 0],
    ]);
    expect(pool.tickets[2]?.players).toEqual([{ id: 'player-young', attributes: { skill: 7 }, latencyMs: { eu: 20 } }]);
  });

  it('makes matches of what the rules let be, and takes their tickets out', () => {
    const { lines, refused, left } = proposed([duel('a', 'b'), duel('d', 'c')]);
    expect({ lines, refused, left }).toEqual({ lines: ['a | b', 'c | d'], refused: 0, left: 2 });
  });

  it('refuses what breaks a rule, until it loosens', () => {
    expect(proposed([duel('a', 'f')])).toMatchObject({
      lines: [],
      refused: 1,
      refusals: ['proposal 1: it breaks near (distances up to 25)'],
      left: 6,
    });
    expect(proposed([duel('a', 'f')], { nowMs: 5_000 })).toMatchObject({ lines: ['a | f'], matches: [{ level: 1 }] });
  });

  it.each([
    [duel('a', 'nobody'), 'it was shown no ticket nobody'],
    [duel('a', 'a'), 'ticket a is in it twice'],
    [{ teams: { red: ['a', 'b'], blue: ['c'] } }, 'team red has 2 players, and 1 play in it'],
    [{ teams: { red: ['a'] } }, 'team blue has 0 players, and 1 play in it'],
    [{ teams: { red: ['a'], green: ['b'] } }, 'there is no team green; there are red, blue'],
    [{ teams: {} }, 'nobody is in it'],
    [duel('a', 'b', 'mars'), 'ticket a knows no round trip to mars'],
    [{ teams: { red: 'a' } }, "expected { teams: { red: ['ticket_1', …], … } }, found a as team red"],
    [{ teams: { red: [1] } }, "expected { teams: { red: ['ticket_1', …], … } }, found [1] as team red"],
    [{ teams: [['a'], ['b']] }, 'expected { teams: { red: [\'ticket_1\', …], … } }, found teams [["a"],["b"]]'],
    [{ teams: { red: ['a'], blue: ['b'] }, place: 5 }, 'expected the name of a place, found 5'],
    [null, "expected { teams: { red: ['ticket_1', …], … } }, found null"],
    ['a b', "expected { teams: { red: ['ticket_1', …], … } }, found a b"],
  ])('refuses %j and goes on with the next', (proposal, why) => {
    const { lines, refusals } = proposed([proposal, duel('c', 'd')]);
    expect({ lines, refusals }).toEqual({ lines: ['c | d'], refusals: [`proposal 1: ${why}`] });
  });

  it('gives a ticket to the first proposal that has it', () => {
    const { lines, refusals } = proposed([duel('a', 'b'), duel('b', 'c'), duel('c', 'd')]);
    expect({ lines, refusals }).toEqual({
      lines: ['a | b', 'c | d'],
      refusals: ['proposal 2: ticket b is in an earlier proposal'],
    });
  });

  it('leaves out whom somebody took or cancelled in the meantime, also where another has its slot, without blaming it', () => {
    const { lines, refused, stale, left } = proposed([duel('a', 'b'), duel('c', 'd')], {
      between(queue) {
        expect(queue.cancel('a')).toBe(true);
        queue.add(ticket({ id: 'new', attributes: { skill: 0 } }));
      },
    });
    expect({ lines, refused, stale, left }).toEqual({ lines: ['c | d'], refused: 0, stale: 1, left: 4 });
  });

  it('plays where it says if all of them are near enough there, and otherwise where the rules let it', () => {
    const rules = { teams: teamsOf(1), rules: [{ name: 'fast', type: 'latency', maxLatency: 50 }], expansions: [] };
    const between = (queue: ReturnType<typeof queueOf>) => {
      for (const id of ['x', 'y']) queue.add(ticket({ id, latencyMs: { eu: 20, us: 40, ap: 90 } }));
    };
    const queue = queueOf(rules);
    between(queue);
    const at = (place?: string) => new FunctionRound(queue.engine, 'duel', 0).settle([duel('x', 'y', place)], 0);
    expect(at('ap').refusals).toEqual(['proposal 1: it breaks fast (no place for all)']);
    expect(at('us').matches).toMatchObject([{ place: 'us' }]);
    const again = queueOf(rules);
    between(again);
    expect(new FunctionRound(again.engine, 'duel', 0).settle([duel('x', 'y')], 0).matches).toMatchObject([{ place: 'eu' }]);
  });
});

describe('a recording that a match function plays again', () => {
  const came = (id: string, atMs: number, skill: number) => {
    const players = [{ id: `p-${id}`, attributes: { skill }, latencyMs: {} }];
    return { kind: 'ticket', atMs, id, players } as const;
  };
  const lines = [
    came('a', 0, 0),
    came('b', 100, 5),
    came('c', 200, 90),
    { kind: 'cancel', atMs: 700, id: 'c' } as const,
    came('d', 800, 5),
  ];
  /** As a function's process answers. */
  const answering = (form: (pool: MatchPool) => readonly MatchProposal[]) => async (pool: MatchPool) =>
    ({ ok: true, proposals: form(pool) }) as const;
  const pairs = answering(({ tickets: [one, other] }) => (one && other ? [duel(one.id, other.id)] : []));

  it('is called in virtual time, and held to the rules', async () => {
    const { ruleSet } = queueOf({ rules: [near] }).constraints;
    const figures = await replayWith(ruleSet, lines, { propose: pairs, everyMs: 500 });
    expect(figures).toMatchObject({ tickets: 4, cancelled: 1, matches: 1, matched: 2, proposalsRefused: 0 });
    expect(figures.waitMs?.max).toBe(500);
    const wild = answering(({ tickets }) => (tickets.length === 3 ? [duel('a', 'c'), duel('a', 'b')] : []));
    expect(await replayWith(ruleSet, lines, { propose: wild, everyMs: 500 })).toMatchObject({
      matches: 1,
      proposalsRefused: 1,
      proposalRefusals: ['proposal 1: it breaks near (distances up to 45)'],
    });
  });

  it('ends with its first failure', async () => {
    const { ruleSet } = queueOf({}).constraints;
    const failure = { ok: false, code: 'MATCH_FUNCTION_FAILED', message: 'no idea' } as const;
    await expect(replayWith(ruleSet, lines, { propose: async () => failure, everyMs: 500 })).rejects.toMatchObject({
      code: 'MATCH_FUNCTION_FAILED',
      message: 'no idea',
    });
  });
});
