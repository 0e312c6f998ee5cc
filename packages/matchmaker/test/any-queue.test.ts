/** Whatever happens to a queue: the rules hold for every match, and nobody is matched twice or after cancelling. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateOf } from '../src/core/former.ts';
import { judge } from '../src/core/judge.ts';
import { teamsOf as writtenOut } from '../src/core/rule-set.ts';
import type { Ticket } from '../src/index.ts';
import { queueOf, skills, ticket } from './story.ts';

const modes = ['ranked', 'casual'];
const rulesOfSets: readonly (readonly Readonly<Record<string, unknown>>[])[] = [
  [],
  [{ name: 'close', type: 'distance', measurements: [skills], referenceValue: `avg(${skills})`, maxDistance: 20 }],
  [{ name: 'spread', type: 'batchDistance', batchAttribute: 'skill', maxDistance: 20 }],
  [
    { name: 'spread', type: 'batchDistance', batchAttribute: 'skill', maxDistance: 60, partyAggregation: 'max' },
    { name: 'mode', type: 'batchDistance', batchAttribute: 'mode' },
    { name: 'fast', type: 'latency', maxLatency: 80, partyAggregation: 'max' },
  ],
  [
    {
      name: 'evenTeams',
      type: 'distance',
      measurements: ['avg(teams[*].players.attributes[skill])'],
      referenceValue: `avg(${skills})`,
      maxDistance: 5,
    },
    { name: 'near', type: 'latency', maxLatency: 120, maxDistance: 30 },
  ],
];

const near = fc.integer({ min: 10, max: 110 });
const player = fc.record({
  attributes: fc.record({ skill: fc.integer({ min: 0, max: 100 }), mode: fc.constantFrom(...modes) }),
  latencyMs: fc.record({ eu: near, us: near, ap: near }, { requiredKeys: ['eu'] }),
});
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ add: fc.array(player, { minLength: 1, maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ cancel: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.nat(8000) }) },
);

describe('any queue', () => {
  it('keeps its rules and everybody’s place', () => {
    const sets = fc.record({
      rules: fc.constantFrom(...rulesOfSets),
      size: fc.integer({ min: 1, max: 4 }),
      least: fc.integer({ min: 1, max: 4 }),
      oldest: fc.boolean(),
    });
    fc.assert(
      fc.property(sets, fc.array(act, { maxLength: 60 }), ({ rules, size, least, oldest }, acts) => {
        const queue = queueOf({
          rules,
          teams: ['red', 'blue'].map((name) => ({ name, minPlayers: Math.min(least, size), maxPlayers: size })),
          algorithm: { expansionAgeSelection: oldest ? 'oldest' : 'newest' },
          expansions: rules.some(({ name }) => name === 'close')
            ? [{ target: 'rules[close].maxDistance', steps: [{ waitTimeSeconds: 5, value: 60 }] }]
            : [],
        });
        run(queue, acts);
      }),
      { numRuns: 300 },
    );
  });
});

function run(
  queue: ReturnType<typeof queueOf>,
  acts: readonly Partial<{ add: { attributes: object; latencyMs: object }[]; cancel: number; waitMs: number }>[],
): void {
  const waiting = new Map<string, Ticket>();
  let nowMs = 0;
  for (const [i, { add, cancel, waitMs }] of acts.entries()) {
    nowMs += waitMs ?? 0;
    if (add) {
      const made = ticket({ id: `t${i}`, atMs: nowMs, players: add as never });
      if (queue.add(made).ok) waiting.set(made.id, made);
    }
    if (cancel !== undefined) expect(queue.cancel(`t${cancel}`)).toBe(waiting.delete(`t${cancel}`));
    for (const match of queue.form(nowMs)) {
      const { rules, teams } = { ...queue.constraints.levels[match.level], teams: writtenOut(queue.constraints.ruleSet) };
      const tickets = match.teams.flatMap((team) => team.tickets);
      for (const each of tickets) expect(waiting.delete(each.id)).toBe(true);
      const way = match.teams.flatMap((team, t) => team.tickets.map(() => t));
      const verdicts = judge(rules ?? [], candidateOf(queue.constraints.ruleSet, teams, tickets, way));
      expect(verdicts.filter(({ holds }) => !holds)).toEqual([]);
      for (const [t, team] of match.teams.entries()) {
        const players = team.tickets.reduce((sum, each) => sum + each.players.length, 0);
        expect(players).toBeGreaterThanOrEqual(teams[t]?.minPlayers ?? 0);
        expect(players).toBeLessThanOrEqual(teams[t]?.maxPlayers ?? 0);
      }
    }
    expect(queue.size).toBe(waiting.size);
  }
}
