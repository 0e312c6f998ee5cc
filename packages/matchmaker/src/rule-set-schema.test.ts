import { describe, expect, it } from 'vitest';
import { readRuleSet } from './rule-set-schema.ts';

const teams = [
  { name: 'red', minPlayers: 2, maxPlayers: 2 },
  { name: 'blue', minPlayers: 2, maxPlayers: 2 },
];
const playerAttributes = [
  { name: 'skill', type: 'number', default: 10 },
  { name: 'maps', type: 'string_list' },
  { name: 'mode', type: 'string' },
];
const base = { ruleLanguageVersion: '1.0', playerAttributes, teams };
const skills = 'flatten(teams[*].players.attributes[skill])';

/** Reads the base with changes; `complaints`: parts of what must be said, nothing if it is good. */
function check(changes: object, ...complaints: string[]): void {
  const read = readRuleSet({ ...base, ...changes });
  const said = read.ok ? [] : read.complaints.map(({ path, message }) => `${path}: ${message}`);
  expect(said).toHaveLength(complaints.length);
  for (const [i, part] of complaints.entries()) expect(said[i]).toContain(part);
}

describe('a rule set', () => {
  it('of each of the eight kinds of rules is taken as it is', () =>
    check({
      name: 'everything',
      algorithm: { strategy: 'exhaustiveSearch', batchingPreference: 'sorted', sortByAttributes: ['skill'] },
      rules: [
        { name: 'close', type: 'distance', measurements: [skills], referenceValue: `avg(${skills})`, maxDistance: 100 },
        { name: 'good', type: 'comparison', measurements: [`min(${skills})`], referenceValue: 5, operation: '>=' },
        {
          name: 'map',
          type: 'collection',
          measurements: ['flatten(teams[*].players.attributes[maps])'],
          operation: 'intersection',
          minCount: 1,
        },
        { name: 'fast', type: 'latency', maxLatency: 100, maxDistance: 50, distanceReference: 'avg' },
        { name: 'mode', type: 'batchDistance', batchAttribute: 'mode' },
        { name: 'near', type: 'distanceSort', sortDirection: 'ascending', sortAttribute: 'skill' },
        { name: 'high', type: 'absoluteSort', sortDirection: 'descending', sortAttribute: 'skill' },
        { name: 'either', type: 'compound', statement: 'or(and(close, good), not(map))' },
      ],
      expansions: [
        { target: 'rules[close].maxDistance', steps: [{ waitTimeSeconds: 5, value: 200 }] },
        { target: 'teams[red].minPlayers', steps: [{ waitTimeSeconds: 30, value: 1 }] },
      ],
    }));
  it('that needs more than 40 players is for large matches', () => {
    const read = readRuleSet({ ...base, teams: [{ name: 'all', minPlayers: 50, maxPlayers: 100 }] });
    expect(read.ok && read.ruleSet.algorithm.strategy).toBe('balanced');
  });

  it('of a kind that there is not, or with a property too many, is told what there is', () =>
    check(
      { rules: [{ name: 'x', type: 'distanse' }], maxWait: 3 },
      'rules[0].type: one of distance, comparison,',
      'maxWait: nothing: FlexMatch has no such property here',
    ));
  it('whose distance is no number is told so', () =>
    check(
      { rules: [{ name: 'x', type: 'distance', measurements: [`avg(${skills})`], referenceValue: 0, maxDistance: 'far' }] },
      'rules[0].maxDistance: a number',
    ));
  it('of another language version is refused', () => check({ ruleLanguageVersion: '2.0' }, 'ruleLanguageVersion'));
  it('whose teams can never be filled is refused', () =>
    check({ teams: [{ name: 'red', minPlayers: 5, maxPlayers: 4 }] }, 'minPlayers is greater'));
  it('for a match of nobody is refused', () => check({ teams: [{ name: 'red', minPlayers: 0, maxPlayers: 4 }] }, 'nobody'));
  it('for 201 players is refused', () =>
    check({ teams: [{ name: 'red', minPlayers: 1, maxPlayers: 67, quantity: 3 }] }, '201 players'));
  it('that measures an unknown attribute is refused, with its place', () =>
    check(
      {
        rules: [
          {
            name: 'x',
            type: 'comparison',
            measurements: ['flatten(teams[*].players.attributes[skil])'],
            operation: '=',
          },
        ],
      },
      'rules[0].measurements: playerAttributes has no skil',
    ));
  it('that names an unknown team is refused', () =>
    check(
      { rules: [{ name: 'x', type: 'comparison', measurements: ['teams[green].players.attributes[mode]'], operation: '=' }] },
      'there is no team green',
    ));
  it('whose compound rules go in circles is refused', () =>
    check(
      {
        rules: [
          { name: 'a', type: 'compound', statement: 'and(b, b)' },
          { name: 'b', type: 'compound', statement: 'not(a)' },
        ],
      },
      'cannot refer to each other',
      'cannot refer to each other',
    ));
  it('whose statement breaks off is refused', () =>
    check({ rules: [{ name: 'a', type: 'compound', statement: 'and(x' }] }, 'there is no rule x'));
  it('that expands what is not there is refused', () =>
    check(
      { expansions: [{ target: 'rules[no].maxDistance', steps: [{ waitTimeSeconds: 1, value: 1 }] }] },
      'expansions[0].target: there is no rule no',
    ));
  it('with two rules of one name is refused', () =>
    check(
      {
        rules: [
          { name: 'x', type: 'latency', maxLatency: 100 },
          { name: 'x', type: 'latency', maxLatency: 100 },
        ],
      },
      'rules[1].name: x is taken',
    ));
  it('for a large match with rules that those do not take is refused', () =>
    check(
      {
        teams: [{ name: 'all', minPlayers: 50, maxPlayers: 100 }],
        rules: [{ name: 'x', type: 'comparison', measurements: [`min(${skills})`], referenceValue: 1, operation: '>' }],
      },
      'takes latency and batchDistance rules',
    ));
  it('that is no object at all is refused', () => {
    expect(readRuleSet(null).ok).toBe(false);
    expect(readRuleSet('rules').ok).toBe(false);
  });
});
