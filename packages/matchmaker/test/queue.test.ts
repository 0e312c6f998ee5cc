import { describe, expect, it } from 'vitest';
import { duel, line, queueOf, skills, teamsOf, ticket, type Wish } from './story.ts';

interface Story {
  readonly rules?: object;
  readonly tickets: readonly Wish[];
  /** Matches, each `a b | c d`, at moments in ms. */
  readonly at: Readonly<Record<number, readonly string[]>>;
}

function check({ rules = {}, tickets, at }: Story): void {
  const queue = queueOf(rules);
  for (const wish of tickets) expect(queue.add(ticket(wish))).toEqual({ ok: true });
  for (const [ms, matches] of Object.entries(at)) expect(queue.form(Number(ms)).map(line).sort()).toEqual([...matches].sort());
}

const close = (maxDistance: number) => ({
  name: 'close',
  type: 'distance',
  measurements: [skills],
  referenceValue: `avg(${skills})`,
  maxDistance,
});
const skill = (id: string, value: number, atMs = 0): Wish => ({ id, atMs, attributes: { skill: value } });

describe('a queue', () => {
  it('matches two who wait', () => check({ tickets: [skill('a', 1), skill('b', 2)], at: { 0: ['a | b'] } }));
  it('leaves the third one waiting', () =>
    check({ tickets: [skill('a', 1), skill('b', 2), skill('c', 3)], at: { 0: ['a | b'], 60000: [] } }));
  it('matches who are near each other', () =>
    check({
      rules: { rules: [close(10)] },
      tickets: [skill('a', 100), skill('b', 200), skill('c', 110), skill('d', 190)],
      at: { 0: ['a | c', 'b | d'] },
    }));
  it('keeps those apart who are too far', () =>
    check({ rules: { rules: [close(10)] }, tickets: [skill('a', 100), skill('b', 121)], at: { 0: [], 60000: [] } }));
  it('loosens with the age of the newest', () =>
    check({
      rules: {
        rules: [close(10)],
        expansions: [{ target: 'rules[close].maxDistance', steps: [{ waitTimeSeconds: 15, value: 50 }] }],
      },
      tickets: [skill('a', 100), skill('b', 150, 5000)],
      at: { 5000: [], 15000: [], 19999: [], 20000: ['a | b'] },
    }));
  it('loosens with the age of the oldest where the set says so', () =>
    check({
      rules: {
        algorithm: { expansionAgeSelection: 'oldest' },
        rules: [close(10)],
        expansions: [{ target: 'rules[close].maxDistance', steps: [{ waitTimeSeconds: 15, value: 50 }] }],
      },
      tickets: [skill('a', 100), skill('b', 150, 5000)],
      at: { 5000: [], 15000: ['a | b'] },
    }));
  it('finds a place for all', () =>
    check({
      rules: { rules: [{ name: 'fast', type: 'latency', maxLatency: 80 }] },
      tickets: [
        { id: 'a', latencyMs: { eu: 20, us: 100 } },
        { id: 'b', latencyMs: { eu: 90, us: 20 } },
        { id: 'c', latencyMs: { eu: 75, us: 60 } },
      ],
      at: { 0: ['a | c'] },
    }));
  it('does not let the nearest one take away the only place', () =>
    check({
      rules: { teams: teamsOf(2), rules: [close(1000), { name: 'fast', type: 'latency', maxLatency: 80 }] },
      tickets: [
        { id: 'a', attributes: { skill: 100 }, latencyMs: { eu: 20, us: 20 } },
        { id: 'b', attributes: { skill: 101 }, latencyMs: { us: 20 } },
        { id: 'c', attributes: { skill: 110 }, latencyMs: { eu: 20 } },
        { id: 'd', attributes: { skill: 111 }, latencyMs: { eu: 20 } },
        { id: 'e', attributes: { skill: 112 }, latencyMs: { eu: 20 } },
      ],
      at: { 0: ['a e | c d'] },
    }));
  describe('where several places would do', () => {
    const fast = { name: 'fast', type: 'latency', maxLatency: 80 };
    // a can play at both; b is the closer one and at eu, c and d are further off and at us.
    const tickets: readonly Wish[] = [
      { id: 'a', attributes: { skill: 100 }, latencyMs: { eu: 70, us: 10 } },
      { id: 'b', attributes: { skill: 101 }, latencyMs: { eu: 20 } },
      { id: 'c', attributes: { skill: 150 }, latencyMs: { us: 20 } },
      { id: 'd', attributes: { skill: 160 }, latencyMs: { us: 20 } },
      { id: 'e', attributes: { skill: 900 }, latencyMs: { eu: 20 } },
    ];
    const placed = (batchingPreference: string, wishes: readonly Wish[]) => {
      const queue = queueOf({ rules: [close(500), fast], algorithm: { strategy: 'exhaustiveSearch', batchingPreference } });
      for (const wish of wishes) queue.add(ticket(wish));
      return queue.form(0).map((match) => `${match.place}: ${line(match)}`);
    };
    const crowd = ['f', 'g', 'h'].map((id, i) => ({ id, attributes: { skill: 3000 + 1000 * i }, latencyMs: { eu: 20 } }));
    it('takes the one with the closest match', () => expect(placed('random', tickets)[0]).toBe('eu: a | b'));
    it('takes the one that is fastest for the ticket, if the set prefers it', () =>
      expect(placed('fastestRegion', tickets)[0]).toBe('us: a | c'));
    it('takes the one with the most players, if the set prefers it', () => {
      expect(placed('largestPopulation', tickets.slice(0, 4))[0]).toBe('us: a | c');
      expect(placed('largestPopulation', [...tickets, ...crowd])[0]).toBe('eu: a | b');
    });
    it('takes another one than the preferred where nobody is there', () =>
      expect(placed('fastestRegion', tickets.slice(0, 2))).toEqual(['eu: a | b']));
  });
  it('takes neighbours in the order that the set sorts by', () =>
    check({
      rules: {
        playerAttributes: [...duel.playerAttributes, { name: 'level', type: 'number' }],
        algorithm: { strategy: 'exhaustiveSearch', batchingPreference: 'sorted', sortByAttributes: ['level'] },
      },
      tickets: [
        { id: 'a', attributes: { skill: 100, level: 1 } },
        { id: 'b', attributes: { skill: 100, level: 9 } },
        { id: 'c', attributes: { skill: 500, level: 2 } },
      ],
      at: { 0: ['a | c'] },
    }));
  it('keeps parties together and fills the teams', () =>
    check({
      rules: { teams: teamsOf(3) },
      tickets: [
        { id: 'three', players: [{}, {}, {}] },
        { id: 'two', players: [{}, {}] },
        { id: 'one' },
        { id: 'other', players: [{}, {}] },
      ],
      at: { 0: ['one two | three'] },
    }));
  it('does not put together parties that fit no team', () =>
    check({
      rules: { teams: teamsOf(3) },
      tickets: ['a', 'b', 'c'].map((id) => ({ id, players: [{}, {}] })),
      at: { 0: [], 60000: [] },
    }));
  it('makes teams as even as it can', () =>
    check({
      rules: { teams: teamsOf(2) },
      tickets: [skill('a', 100), skill('b', 90), skill('c', 20), skill('d', 10)],
      at: { 0: ['a d | b c'] },
    }));
  it('separates modes', () =>
    check({
      rules: { rules: [{ name: 'mode', type: 'batchDistance', batchAttribute: 'mode' }] },
      tickets: [
        { id: 'a', attributes: { mode: 'ranked' } },
        { id: 'b', attributes: { mode: 'casual' } },
        { id: 'c', attributes: { mode: 'casual' } },
      ],
      at: { 0: ['b | c'] },
    }));
  it('starts with fewer only after a while', () =>
    check({ rules: { teams: teamsOf(2, 1) }, tickets: [{ id: 'a' }, { id: 'b' }], at: { 0: [], 1999: [], 2000: ['a | b'] } }));
  it('searches on where a rule is against the nearest', () =>
    check({
      rules: {
        rules: [
          {
            name: 'differentRoles',
            type: 'comparison',
            measurements: ['flatten(teams[*].players.attributes[role])'],
            operation: '!=',
          },
        ],
      },
      tickets: [
        { id: 'a', attributes: { skill: 1, role: 'tank' } },
        { id: 'b', attributes: { skill: 2, role: 'tank' } },
        { id: 'c', attributes: { skill: 3, role: 'healer' } },
      ],
      at: { 0: ['a | c'] },
    }));
  it('takes a map that all know', () =>
    check({
      rules: {
        rules: [
          {
            name: 'map',
            type: 'collection',
            measurements: ['flatten(teams[*].players.attributes[maps])'],
            operation: 'intersection',
            minCount: 1,
          },
        ],
      },
      tickets: [
        { id: 'a', attributes: { maps: ['moon'] } },
        { id: 'b', attributes: { maps: ['city', 'desert'] } },
        { id: 'c', attributes: { maps: ['desert'] } },
      ],
      at: { 0: ['b | c'] },
    }));
  it('lets a compound rule decide instead of its parts', () =>
    check({
      rules: {
        rules: [
          {
            name: 'serious',
            type: 'comparison',
            measurements: ['flatten(teams[*].players.attributes[mode])'],
            referenceValue: 'ranked',
            operation: '=',
          },
          {
            name: 'casual',
            type: 'comparison',
            measurements: ['flatten(teams[*].players.attributes[mode])'],
            referenceValue: 'casual',
            operation: '=',
          },
          {
            name: 'veryClose',
            type: 'distance',
            measurements: [`max(${skills})`],
            referenceValue: `min(${skills})`,
            maxDistance: 5,
          },
          { name: 'both', type: 'compound', statement: 'or(and(serious, veryClose), casual)' },
        ],
      },
      tickets: [
        { id: 'a', attributes: { mode: 'ranked', skill: 10 } },
        { id: 'b', attributes: { mode: 'ranked', skill: 20 } },
        { id: 'c', attributes: { mode: 'casual', skill: 10 } },
        { id: 'd', attributes: { mode: 'casual', skill: 90 } },
      ],
      at: { 0: ['c | d'] },
    }));
  it('prefers whom the set prefers', () =>
    check({
      rules: { rules: [{ name: 'best', type: 'absoluteSort', sortDirection: 'descending', sortAttribute: 'skill' }] },
      tickets: [skill('a', 10), skill('b', 11), skill('c', 90)],
      at: { 0: ['a | c'] },
    }));
  it('makes a battle royale of a hundred', () => {
    const queue = queueOf({ teams: [{ name: 'all', minPlayers: 100, maxPlayers: 100 }] });
    for (let i = 0; i < 2000; i++) queue.add(ticket({ id: `t${i}`, attributes: { skill: i } }));
    const matches = queue.form(0);
    expect(matches).toHaveLength(20);
    expect(queue.size).toBe(0);
  });

  it('tells when it has something to do', () => {
    const queue = queueOf({
      rules: [close(10)],
      expansions: [{ target: 'rules[close].maxDistance', steps: [{ waitTimeSeconds: 15, value: 50 }] }],
    });
    expect(queue.dueMs).toBe(Number.POSITIVE_INFINITY);
    queue.add(ticket(skill('a', 1, 1000)));
    expect(queue.dueMs).toBe(Number.NEGATIVE_INFINITY);
    queue.form(1000);
    expect(queue.dueMs).toBe(16_000);
    queue.form(16_000);
    expect(queue.dueMs).toBe(Number.POSITIVE_INFINITY);
  });
  it('matches nobody whose ticket was cancelled', () => {
    const queue = queueOf();
    queue.add(ticket({ id: 'a' }));
    queue.add(ticket({ id: 'b' }));
    expect(queue.cancel('a')).toBe(true);
    expect(queue.form(0)).toEqual([]);
    expect(queue.cancel('a')).toBe(false);
    queue.add(ticket({ id: 'a' }));
    expect(queue.form(0).map(line)).toEqual(['a | b']);
    expect(queue.cancel('a')).toBe(false);
  });
});

describe('a queue refuses', () => {
  const cases: [string, object, Wish, string, string][] = [
    ['an unknown attribute', {}, { id: 'x', attributes: { power: 1 } }, 'TICKET_INVALID', 'no attribute power'],
    ['an attribute of another type', {}, { id: 'x', attributes: { skill: 'high' } }, 'TICKET_INVALID', 'skill is not a number'],
    ['a number that is none', {}, { id: 'x', attributes: { skill: Number.NaN } }, 'TICKET_INVALID', 'skill is not a number'],
    ['nobody', {}, { id: 'x', players: [] }, 'TICKET_INVALID', '1 to 40 players'],
    ['a party for which no team has room', {}, { id: 'x', players: [{}, {}] }, 'TICKET_INVALID', 'party of 2 has no room'],
    ['a negative latency', {}, { id: 'x', latencyMs: { eu: -1 } }, 'TICKET_INVALID', 'latency to eu'],
    [
      'no latencies where the rules need them',
      { rules: [{ name: 'fast', type: 'latency', maxLatency: 80 }] },
      { id: 'x' },
      'TICKET_INVALID',
      'latencies are missing',
    ],
    [
      'ten thousand attributes',
      {},
      { id: 'x', attributes: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`a${i}`, 1])) },
      'TICKET_INVALID',
      'no attribute a0',
    ],
    [
      'a party of two modes where a match has one',
      { teams: teamsOf(2), rules: [{ name: 'mode', type: 'batchDistance', batchAttribute: 'mode' }] },
      { id: 'x', players: [{ attributes: { mode: 'ranked' } }, { attributes: { mode: 'casual' } }] },
      'TICKET_INVALID',
      'differ in mode',
    ],
  ];
  for (const [what, rules, wish, code, words] of cases) {
    it(what, () => {
      const queue = queueOf(rules);
      const admission = queue.add(ticket(wish));
      expect(admission).toMatchObject({ ok: false, code });
      expect(admission.ok ? '' : admission.message).toContain(words);
      expect(queue.size).toBe(0);
    });
  }
  it('a player who waits already, and takes the player when that ticket is gone', () => {
    const queue = queueOf();
    queue.add(ticket({ id: 'a' }));
    const again = { ...ticket({ id: 'b' }), players: ticket({ id: 'a' }).players };
    expect(queue.add(again)).toMatchObject({ ok: false, code: 'PLAYER_WAITING' });
    queue.cancel('a');
    expect(queue.add(again)).toEqual({ ok: true });
  });
});
