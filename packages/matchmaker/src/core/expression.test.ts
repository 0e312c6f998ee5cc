import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, type Lineup, parseExpression, type Value } from './expression.ts';
import type { AttributeSpec } from './rule-set.ts';

const attributes: AttributeSpec[] = [
  { name: 'skill', type: 'number', default: undefined },
  { name: 'maps', type: 'string_list', default: undefined },
];
const known = { teams: ['red', 'blue'], attributes };
const skills = { red: [10, 20, 30], blue: [40, 60] };
const maps: Record<string, string[]> = {
  red0: ['desert', 'city'],
  red1: ['city'],
  red2: ['city', 'moon'],
  blue0: ['moon'],
  blue1: ['moon', 'city'],
};

const lineup: Lineup = {
  teams: (['red', 'blue'] as const).map((name) => ({
    name,
    kind: name,
    players: skills[name].map((skill, i) => ({
      id: `${name}${i}`,
      value: (attribute) => (attribute === 'skill' ? skill : maps[`${name}${i}`]),
    })),
  })),
};

function check(text: string, value: Value): void {
  const parsed = parseExpression(text, known);
  expect(parsed.ok ? evaluate(parsed.expression, lineup, 'avg') : parsed.why).toEqual(value);
}

describe('an expression', () => {
  it('of one team is a list', () => check('teams[red].players.attributes[skill]', [10, 20, 30]));
  it('of several teams is a list a team', () =>
    check('teams[red,blue].players.attributes[skill]', [
      [10, 20, 30],
      [40, 60],
    ]));
  it('of all teams is one, too', () =>
    check('teams[*].players.attributes[skill]', [
      [10, 20, 30],
      [40, 60],
    ]));
  it('counts players, of a team and team by team', () => {
    check('count(teams[red].players)', 3);
    check('max(count(teams[*].players))', 3);
    check('count(teams[*].players)', [3, 2]);
  });
  it('of ids', () => check('teams[blue].players[playerId]', ['blue0', 'blue1']));
  it('flattened is one list', () => check('flatten(teams[*].players.attributes[skill])', [10, 20, 30, 40, 60]));
  it('averages each team', () => check('avg(teams[*].players.attributes[skill])', [20, 50]));
  it('averages everybody', () => check('avg(flatten(teams[*].players.attributes[skill]))', 32));
  it('averages the averages', () => check('avg(avg(teams[*].players.attributes[skill]))', 35));
  it('counts players of a team', () => check('count(teams[red].players.attributes[skill])', 3));
  it('counts players of each team', () => check('count(teams[*].players.attributes[skill])', [3, 2]));
  it('finds median, least, greatest, sum, deviation', () => {
    check('median(flatten(teams[*].players.attributes[skill]))', 30);
    check('min(teams[blue].players.attributes[skill])', 40);
    check('max(teams[blue].players.attributes[skill])', 60);
    check('sum(teams[red].players.attributes[skill])', 60);
    check('stddev(teams[blue].players.attributes[skill])', 10);
  });
  it('intersects lists of texts', () => check('set_intersection(teams[red].players.attributes[maps])', ['city']));
  it('intersects lists of texts team by team', () =>
    check('set_intersection(teams[*].players.attributes[maps])', [['city'], ['moon']]));
  it('that is misspelt says what is known', () => {
    check(
      'average(teams[red].players.attributes[skill])',
      'there is no function average; there are min, max, avg, median, sum, count, stddev, flatten, set_intersection',
    );
    check('teams[green].players.attributes[skill]', 'there is no team green; there are red, blue');
    check('teams[red].players.attributes[power]', 'playerAttributes has no power');
  });
  it('of noise is refused and throws nothing', () => {
    const noise = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('avg(', ')', 'teams[', '*', ']', '.players', '.attributes[', 'skill', ','), { maxLength: 12 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(noise, (text) => {
        const parsed = parseExpression(text, known);
        if (parsed.ok) evaluate(parsed.expression, lineup, 'avg');
      }),
    );
  });
});
