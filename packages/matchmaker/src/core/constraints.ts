/**
 * What an index can answer of a rule set, told apart from what only a judge can: texts that must be the same part the pool, the first numeric
 * attribute orders it, latencies become a bit a place. What remains is `judged`, and checked on whole lineups.
 */
import type { Expression } from './expression.ts';
import { standing } from './judge.ts';
import type { Level } from './levels.ts';
import { levelsOf } from './levels.ts';
import type { Aggregation, Rule, RuleSet, TeamSpec } from './rule-set.ts';
import { teamsOf } from './rule-set.ts';

/** A numeric value that a ticket has as a whole. */
export interface Column {
  readonly attribute: string;
  readonly party: Aggregation;
}

export interface LevelConstraints {
  readonly fromMs: number;
  readonly teams: readonly TeamSpec[];
  /** Most and fewest players of a match. */
  readonly playersMax: number;
  readonly playersMin: number;
  /** For each column: how far apart a match's tickets may be. Infinity: the column only orders or balances. */
  readonly spread: readonly number[];
  /** For each column: how far a ticket may be from the players' mean. */
  readonly deviation: readonly number[];
  readonly maxLatencyMs: number;
  readonly latencyParty: Aggregation;
  readonly hasLatency: boolean;
  readonly rules: readonly Rule[];
  /** What the index does not answer. */
  readonly judged: readonly Rule[];
}

export interface Constraints {
  readonly ruleSet: RuleSet;
  /** Texts that all of a match share, whatever the level. */
  readonly sameAttributes: readonly string[];
  /** The first one orders the pool. */
  readonly columns: readonly Column[];
  /** The column that teams are balanced by. */
  readonly balance: number;
  readonly levels: readonly LevelConstraints[];
}

export function constraintsOf(ruleSet: RuleSet): Constraints {
  const levels = levelsOf(ruleSet);
  const columns: Column[] = [];
  const column = (attribute: string, party: Aggregation): number => {
    const found = columns.findIndex((each) => each.attribute === attribute && each.party === party);
    return found >= 0 ? found : columns.push({ attribute, party }) - 1;
  };
  const numeric = (attribute: string) => ruleSet.attributes.some(({ name, type }) => name === attribute && type === 'number');
  // `sorted`: who stands next to somebody in that order is their neighbour. A text cannot order a pool; it parts nobody either.
  const { batchingPreference, sortByAttributes } = ruleSet.algorithm;
  const sorted = batchingPreference === 'sorted' ? sortByAttributes.find(numeric) : undefined;
  if (sorted !== undefined) column(sorted, 'avg');
  const same = new Set<string>();
  for (const rule of standing(ruleSet.rules)) {
    if (rule.type === 'batchDistance') {
      if (numeric(rule.attribute)) column(rule.attribute, rule.party);
      else same.add(rule.attribute);
    }
    const deviating = deviationOf(rule);
    if (deviating !== undefined) column(deviating, (rule as { party: Aggregation }).party);
    const shared = sameOf(rule, ruleSet);
    if (shared !== undefined) same.add(shared);
  }
  const measured =
    ruleSet.algorithm.balancedAttribute ??
    measuredNumber(ruleSet) ??
    ruleSet.attributes.find(({ type }) => type === 'number')?.name;
  const balance = measured !== undefined && numeric(measured) ? column(measured, 'avg') : 0;
  // A set without numbers is ordered by nothing in particular, but it is ordered.
  if (columns.length === 0) columns.push({ attribute: '', party: 'avg' });
  return {
    ruleSet,
    sameAttributes: [...same].sort(),
    columns,
    balance,
    levels: levels.map((level) => levelConstraints(level, ruleSet, columns)),
  };
}

function levelConstraints(level: Level, ruleSet: RuleSet, columns: readonly Column[]): LevelConstraints {
  const spread = columns.map(() => Number.POSITIVE_INFINITY);
  const deviation = columns.map(() => Number.POSITIVE_INFINITY);
  let maxLatencyMs = Number.POSITIVE_INFINITY;
  let latencyParty: Aggregation = 'avg';
  let hasLatency = false;
  const judged: Rule[] = [];
  for (const rule of standing(level.rules)) {
    const at = (attribute: string, party: Aggregation) =>
      columns.findIndex((each) => each.attribute === attribute && each.party === party);
    const deviating = deviationOf(rule);
    if (rule.type === 'batchDistance') {
      const column = at(rule.attribute, rule.party);
      if (column >= 0) spread[column] = Math.min(spread[column] ?? 0, rule.maxDistance);
    } else if (deviating !== undefined && rule.type === 'distance') {
      const column = at(deviating, rule.party);
      deviation[column] = Math.min(deviation[column] ?? 0, rule.max ?? 0);
      // Who is at most d from the mean is at most 2 d from any other.
      spread[column] = Math.min(spread[column] ?? 0, 2 * (rule.max ?? 0));
    } else if (rule.type === 'latency' && rule.maxDistanceMs === undefined && !hasLatency) {
      hasLatency = true;
      maxLatencyMs = rule.maxLatencyMs ?? Number.POSITIVE_INFINITY;
      latencyParty = rule.party;
    } else if (sameOf(rule, ruleSet) === undefined) judged.push(rule);
  }
  const teams = teamsOf(level);
  const sum = (of: (team: TeamSpec) => number) => teams.reduce((total, team) => total + of(team), 0);
  return {
    fromMs: level.fromMs,
    teams,
    playersMax: sum(({ maxPlayers }) => maxPlayers),
    playersMin: sum(({ minPlayers }) => minPlayers),
    spread,
    deviation,
    maxLatencyMs,
    latencyParty,
    hasLatency,
    rules: level.rules,
    judged: parted(judged, level.rules),
  };
}

/** Judged compound rules need the rules that they name. */
function parted(judged: readonly Rule[], all: readonly Rule[]): readonly Rule[] {
  return judged.some(({ type }) => type === 'compound')
    ? [...judged, ...all.filter((rule) => !standing(all).includes(rule) && !rule.type.endsWith('Sort'))]
    : judged;
}

/** The attribute of "everybody is at most d from the average of all". */
function deviationOf(rule: Rule): string | undefined {
  if (rule.type !== 'distance' || rule.max === undefined || rule.min !== undefined || !('expression' in rule.reference))
    return undefined;
  const [measured, ...more] = rule.measurements;
  const reference = rule.reference.expression;
  if (!measured || more.length > 0 || !('call' in reference) || reference.call !== 'avg') return undefined;
  const mean = everybody(reference.of);
  return mean !== undefined && mean === everybody(measured) && 'call' in reference.of ? mean : undefined;
}

/** The attribute of "all have the same text". */
function sameOf(rule: Rule, ruleSet: RuleSet): string | undefined {
  if (rule.type === 'batchDistance') {
    return ruleSet.attributes.find(({ name }) => name === rule.attribute)?.type === 'number' ? undefined : rule.attribute;
  }
  if (rule.type !== 'comparison' || rule.reference !== undefined || rule.operation !== '=') return undefined;
  const [measured, ...more] = rule.measurements;
  const attribute = measured && more.length === 0 ? everybody(measured) : undefined;
  return ruleSet.attributes.find(({ name }) => name === attribute)?.type === 'string' ? attribute : undefined;
}

/** `flatten(teams[*].players.attributes[x])`, or the same without `flatten`: x. */
function everybody(expression: Expression): string | undefined {
  const path = 'call' in expression && expression.call === 'flatten' ? expression.of : expression;
  return 'path' in path && path.path === 'attribute' && path.teams.length === 0 ? path.attribute : undefined;
}

/** The first number that a distance rule measures, such as the average skill of each team. */
function measuredNumber({ rules, attributes }: RuleSet): string | undefined {
  for (const rule of rules) {
    if (rule.type !== 'distance') continue;
    let expression = rule.measurements[0];
    while (expression && 'call' in expression) expression = expression.of;
    if (expression && attributes.some(({ name, type }) => name === expression.attribute && type === 'number'))
      return expression.attribute;
  }
  return undefined;
}
