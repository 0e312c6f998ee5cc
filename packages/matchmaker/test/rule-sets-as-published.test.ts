/** Rule sets in the forms that FlexMatch's documentation uses: each is read without a change, and forms the match that it describes. */
import { describe, expect, it } from 'vitest';
import { MatchQueue } from '../src/index.ts';
import { readRuleSet } from '../src/rule-set-schema.ts';
import { line, ticket, type Wish } from './story.ts';

const skill = { name: 'skill', type: 'number', default: 10 };
const character = { name: 'character', type: 'string_list', default: ['peasant'] };
const many = (count: number, wish: (i: number) => Omit<Wish, 'id'> = () => ({})): Wish[] =>
  Array.from({ length: count }, (_, i) => ({ id: `t${i}`, ...wish(i) }));

/** @param sizes of the teams of each match that is made once nobody waits any longer for a fuller one, the largest first */
function check(document: object, wishes: readonly Wish[], ...sizes: number[][]): void {
  const read = readRuleSet({ ruleLanguageVersion: '1.0', ...document });
  if (!read.ok) throw new Error(JSON.stringify(read.complaints));
  const queue = new MatchQueue(read.ruleSet);
  for (const wish of wishes) queue.add(ticket(wish));
  const made = queue.form(5_000).map((match) =>
    line(match)
      .split(' | ')
      .map((team) => team.split(' ').length)
      .sort((a, b) => b - a),
  );
  expect(made).toEqual(sizes);
}

describe('a rule set as FlexMatch has it', () => {
  const evenTeams = {
    playerAttributes: [skill],
    teams: ['cowboys', 'aliens'].map((name) => ({ name, minPlayers: 2, maxPlayers: 4 })),
    rules: [
      {
        name: 'EqualTeamSizes',
        type: 'comparison',
        measurements: ['count(teams[cowboys].players)'],
        referenceValue: 'count(teams[aliens].players)',
        operation: '=',
      },
    ],
  };
  it('counts the players of teams that are to be even', () => check(evenTeams, many(6), [3, 3]));

  const closeTeams = (maxCount: object) => ({
    playerAttributes: [skill, character],
    teams: [{ name: 'trio', minPlayers: 1, maxPlayers: 1, quantity: 3 }],
    rules: [
      {
        name: 'CloseTeamSizes',
        type: 'distance',
        measurements: ['max(count(teams[*].players))'],
        referenceValue: 'min(count(teams[*].players))',
        maxDistance: 1,
      },
      {
        name: 'MedicLimit',
        type: 'collection',
        operation: 'contains',
        measurements: ['flatten(teams[*].players.attributes[character])'],
        referenceValue: 'medic',
        ...maxCount,
      },
    ],
  });
  it('lets nobody be a medic where at most two may be', () => check(closeTeams({ maxCount: 2 }), many(3), [1, 1, 1]));
  it('has no more medics than may be', () =>
    check(
      closeTeams({ maxCount: 2 }),
      many(3, () => ({ attributes: { character: ['medic'] } })),
    ));
  it('wants a medic where no bound says otherwise', () => check(closeTeams({}), many(3)));

  const blockList = {
    playerAttributes: [{ name: 'BlockList', type: 'string_list', default: [] }],
    teams: ['red', 'blue'].map((name) => ({ name, minPlayers: 1, maxPlayers: 1 })),
    rules: [
      {
        name: 'PlayerIdNotInBlockList',
        type: 'collection',
        operation: 'reference_intersection_count',
        measurements: 'flatten(teams[*].players.attributes[BlockList])',
        referenceValue: 'flatten(teams[*].players[playerId])',
        maxCount: 0,
      },
    ],
  };
  it('keeps who is blocked apart', () =>
    check(
      blockList,
      many(2, (i) => ({ attributes: { BlockList: [`player-t${1 - i}`] } })),
    ));
  it('lets others play', () =>
    check(
      blockList,
      many(2, () => ({ attributes: { BlockList: ['player-x'] } })),
      [1, 1],
    ));

  const opponents = (referenceValue: unknown) => ({
    playerAttributes: [
      { name: 'myCharacter', type: 'string_list' },
      { name: 'preferredOpponents', type: 'string_list' },
    ],
    teams: [{ name: 'red', minPlayers: 3, maxPlayers: 3 }],
    rules: [
      {
        name: 'OpponentMatch',
        type: 'collection',
        operation: 'reference_intersection_count',
        measurements: ['flatten(teams[*].players.attributes[myCharacter])'],
        referenceValue,
        minCount: 1,
      },
    ],
  });
  const liked = 'set_intersection(flatten(teams[*].players.attributes[preferredOpponents]))';
  const players = (likes: string[]) => many(3, (i) => ({ attributes: { myCharacter: [`c${i}`], preferredOpponents: likes } }));
  it('has only opponents whom all like', () => check(opponents(liked), players(['c0', 'c1', 'c2']), [3]));
  it('has nobody whom one does not like', () => check(opponents(liked), players(['c0', 'c1'])));
  it('reads a reference that stands in a list', () => check(opponents([liked]), players(['c0', 'c1', 'c2']), [3]));
});
