/**
 * FlexMatch's property expressions: what rules measure. A path names values of players by team, functions make fewer of them:
 *
 *   teams[red].players.attributes[skill]          the red team's skills            list
 *   teams[*].players.attributes[skill]            everybody's, a list a team       list of lists
 *   avg(teams[*].players.attributes[skill])       the average of each team         list
 *   avg(flatten(teams[*].players.attributes[skill]))   of everybody                number
 *   count(teams[red].players)                     how many play for red           number
 *
 * A function that is given a list of lists works on each. Parsing knows the rule set's teams and attributes, so that a misspelt one is told at once.
 */
import type { Aggregation, AttributeSpec, AttributeType, AttributeValue } from './rule-set.ts';

export const functions = ['min', 'max', 'avg', 'median', 'sum', 'count', 'stddev', 'flatten', 'set_intersection'] as const;
export type FunctionName = (typeof functions)[number];

export type Expression =
  | { readonly call: FunctionName; readonly of: Expression }
  | {
      readonly path: 'attribute' | 'playerId';
      /** Empty: all teams. */
      readonly teams: readonly string[];
      /** One named team gives a list, several a list of lists. */
      readonly nested: boolean;
      readonly attribute: string;
    };

export type Parsed = { readonly ok: true; readonly expression: Expression } | { readonly ok: false; readonly why: string };

/** Deeper ones are refused: nobody writes them, and evaluating recurses. */
export const limits = { depth: 8, textLength: 1024 } as const;

const pathForm =
  /^teams?\[\s*([^\]]*?)\s*\]\s*\.\s*players(?:\[\s*playerId\s*\]|\s*\.\s*playerId|\s*\.\s*attributes\[\s*([^\]]+?)\s*\])?$/;

export function parseExpression(
  text: string,
  known: { readonly teams: readonly string[]; readonly attributes: readonly AttributeSpec[] },
  depth = 0,
): Parsed {
  if (text.length > limits.textLength || depth > limits.depth) return { ok: false, why: 'it is too long or too deep' };
  const trimmed = text.trim();
  const call = /^([a-z_]+)\s*\((.*)\)$/s.exec(trimmed);
  if (call) {
    const name = functions.find((each) => each === call[1]);
    if (!name) return { ok: false, why: `there is no function ${call[1]}; there are ${functions.join(', ')}` };
    const of = parseExpression(call[2] ?? '', known, depth + 1);
    return of.ok ? { ok: true, expression: { call: name, of: of.expression } } : of;
  }
  const path = pathForm.exec(trimmed);
  if (!path) return { ok: false, why: `expected a path such as teams[*].players.attributes[skill], found ${trimmed}` };
  const names = (path[1] ?? '').split(',').map((name) => name.trim());
  const all = names.length === 1 && names[0] === '*';
  const stranger = all ? undefined : names.find((name) => !known.teams.includes(name));
  if (stranger !== undefined) return { ok: false, why: `there is no team ${stranger}; there are ${known.teams.join(', ')}` };
  const attribute = path[2] ?? '';
  if (path[2] !== undefined && !known.attributes.some(({ name }) => name === attribute)) {
    return { ok: false, why: `playerAttributes has no ${attribute}` };
  }
  return {
    ok: true,
    expression: {
      path: path[2] === undefined ? 'playerId' : 'attribute',
      teams: all ? [] : names,
      nested: all || names.length > 1,
      attribute,
    },
  };
}

/** The attributes that it reads. */
export function attributesOf(expression: Expression): readonly string[] {
  if ('call' in expression) return attributesOf(expression.of);
  return expression.path === 'attribute' ? [expression.attribute] : [];
}

/** What an expression is evaluated on: who stands where. */
export interface Lineup {
  readonly teams: readonly { readonly name: string; readonly kind: string; readonly players: readonly LineupPlayer[] }[];
}

export interface LineupPlayer {
  readonly id: string;
  /** Of the player; of a party's player, what the party has together. */
  value(attribute: string, party: Aggregation | 'union' | 'intersection'): AttributeValue | undefined;
}

export type Value = AttributeValue | readonly Value[];

export function evaluate(expression: Expression, lineup: Lineup, party: Aggregation | 'union' | 'intersection'): Value {
  if ('call' in expression) return apply(expression.call, evaluate(expression.of, lineup, party));
  const { teams, nested, path, attribute } = expression;
  const lists = lineup.teams
    .filter(({ name, kind }) => teams.length === 0 || teams.includes(name) || teams.includes(kind))
    .map(({ players }) =>
      players.flatMap((player): Value[] => {
        const value = path === 'playerId' ? player.id : player.value(attribute, party);
        return value === undefined ? [] : [value];
      }),
    );
  return nested ? lists : lists.flat();
}

/** Numbers or texts of however deep a list. */
export function leaves(value: Value): readonly (number | string)[] {
  if (typeof value === 'number' || typeof value === 'string') return [value];
  return isList(value) ? value.flatMap(leaves) : [];
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function apply(call: FunctionName, value: Value): Value {
  if (!isList(value)) return call === 'count' ? 1 : value;
  if (call === 'flatten') return value.flatMap((each): readonly Value[] => (isList(each) ? each : [each]));
  // Of a list of lists of texts (each player's list) set_intersection is one list; of a level more, one for each team.
  const depth = depthOf(value);
  if (call === 'set_intersection') return depth > 2 ? value.map((each) => apply(call, each)) : intersection(value);
  if (call !== 'count' && depth > 1) return value.map((each) => apply(call, each));
  if (call === 'count') return value.some(isList) ? value.map((each) => apply(call, each)) : value.length;
  return reduce(
    call,
    leaves(value).filter((each) => typeof each === 'number'),
  );
}

function depthOf(value: Value): number {
  return isList(value) ? 1 + Math.max(0, ...value.map(depthOf)) : 0;
}

function intersection(lists: readonly Value[]): readonly string[] {
  const [first, ...others] = lists.map((each) => leaves(each).map(String));
  return [...new Set(first ?? [])].filter((text) => others.every((list) => list.includes(text)));
}

/** NaN of no numbers: every comparison with it fails, so an empty team never satisfies a rule about its average. */
function reduce(call: Exclude<FunctionName, 'flatten' | 'count' | 'set_intersection'>, numbers: readonly number[]): number {
  if (numbers.length === 0) return call === 'sum' ? 0 : Number.NaN;
  const sum = numbers.reduce((total, each) => total + each, 0);
  switch (call) {
    case 'sum':
      return sum;
    case 'avg':
      return sum / numbers.length;
    case 'min':
      return numbers.reduce((least, each) => Math.min(least, each));
    case 'max':
      return numbers.reduce((most, each) => Math.max(most, each));
    case 'median': {
      const sorted = [...numbers].sort((a, b) => a - b);
      const middle = sorted.length >> 1;
      const high = sorted[middle] ?? Number.NaN;
      return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
    }
    case 'stddev': {
      const mean = sum / numbers.length;
      return Math.sqrt(numbers.reduce((total, each) => total + (each - mean) ** 2, 0) / numbers.length);
    }
  }
}

/** What kind of value an expression gives at its leaves, for checking rules when they are read. */
export function leafType(expression: Expression, attributes: readonly AttributeSpec[]): 'number' | 'string' {
  if ('call' in expression) {
    if (expression.call === 'flatten' || expression.call === 'set_intersection') return leafType(expression.of, attributes);
    return 'number';
  }
  const type: AttributeType | undefined = attributes.find(({ name }) => name === expression.attribute)?.type;
  return type === 'number' || type === 'string_number_map' ? 'number' : 'string';
}
