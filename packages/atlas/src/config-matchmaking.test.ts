import { describe, expect, it } from 'vitest';
import { checkConfig } from './config.ts';

const ruleSet = {
  ruleLanguageVersion: '1.0',
  playerAttributes: [{ name: 'skill', type: 'number', default: 1500 }],
  teams: [{ name: 'all', minPlayers: 2, maxPlayers: 2 }],
};

/** What is complained of, as `path: expected`. */
function complaints(queue: object, more: object = {}): string[] {
  const checked = checkConfig(
    {
      world: { regions: [{ id: 'a', bounds: { minX: 0, maxX: 1, minY: 0, maxY: 1 } }] },
      regionServer: { command: ['true'] },
      fleets: ['arena', 'hub'].map((name) => ({ name, command: ['true'] })),
      matchmaking: { queues: [{ name: 'duel', ruleSet, fleet: 'arena', ...queue }], ...more },
    },
    import.meta.filename,
  );
  return checked.ok ? [] : checked.complaints.map(({ path, expected }) => `${path}: ${expected}`);
}

describe('matchmaking in the configuration', () => {
  it('is filled in', () => expect(complaints({})).toEqual([]));
  it('says what is wrong with a rule set, and where', () => {
    const rules = [
      { name: 'a', type: 'distance', measurements: 'avg(teams[*].players.attributes[power])', referenceValue: 0, maxDistance: 1 },
    ];
    expect(complaints({ ruleSet: { ...ruleSet, rules } })).toEqual([
      'matchmaking.queues[0].ruleSet rules[0].measurements: playerAttributes has no power',
    ]);
  });
  it('says that a file is not there, or is no JSON', () => {
    expect(complaints({ ruleSet: './nothing.json' })).toEqual([
      'matchmaking.queues[0].ruleSet: a file with a FlexMatch rule set in JSON',
    ]);
    expect(complaints({ ruleSet: import.meta.filename })).toHaveLength(1);
  });
  it('says that a match function is not there', () =>
    expect(complaints({ matchFunction: './nothing.ts' })).toEqual(['matchmaking.queues[0].matchFunction: a file that exists']));
  it('needs a fleet that there is', () =>
    expect(complaints({ fleet: 'nowhere' })).toEqual(['matchmaking.queues[0].fleet: one of the fleets: arena, hub']));
  it('needs a number for ratings', () =>
    expect(complaints({ rating: { pool: 'ranked', attribute: 'mode' } })).toEqual([
      'matchmaking.queues[0].rating.attribute: a number among playerAttributes: skill',
    ]));
  it('leads lobbies to queues that there are', () =>
    expect(complaints({}, { lobbies: [{ name: 'hub', fleet: 'hub', queues: ['royale'] }] })).toEqual([
      'matchmaking.lobbies[0].queues: names of queues: duel',
    ]));
});
