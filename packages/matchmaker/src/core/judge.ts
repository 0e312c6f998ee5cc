/**
 * Whether rules hold for a lineup: each rule by its definition, without any shortcut. The engine uses it for what it has no index for, and
 * `explain` for telling why a ticket waits.
 */
import { evaluate, type Lineup, leaves, type Value } from './expression.ts';
import type {
  CollectionRule,
  ComparisonRule,
  DistanceRule,
  LatencyRule,
  Operation,
  Reference,
  Rule,
  Statement,
} from './rule-set.ts';
import { aggregate } from './rule-set.ts';

/** A lineup with what latency rules ask: tickets' round trips. */
export interface Candidate extends Lineup {
  /** Of each ticket, its players' round trips to places, ms. */
  readonly latencies: readonly (readonly Readonly<Record<string, number>>[])[];
}

export interface Verdict {
  readonly rule: string;
  readonly holds: boolean;
  /** What was measured, for people. */
  readonly found: string;
}

/** Verdicts of all rules that count by themselves: preferences and the parts of compound rules do not. */
export function judge(rules: readonly Rule[], candidate: Candidate): readonly Verdict[] {
  return standing(rules).map((rule) => verdict(rule, rules, candidate));
}

export function holds(rules: readonly Rule[], candidate: Candidate): boolean {
  return standing(rules).every((rule) => verdict(rule, rules, candidate).holds);
}

/** Rules that must hold by themselves. */
export function standing(rules: readonly Rule[]): readonly Rule[] {
  const parts = new Set(rules.flatMap((rule) => (rule.type === 'compound' ? namesIn(rule.statement) : [])));
  return rules.filter(({ type, name }) => type !== 'distanceSort' && type !== 'absoluteSort' && !parts.has(name));
}

export function namesIn(statement: Statement): readonly string[] {
  return 'rule' in statement ? [statement.rule] : statement.of.flatMap(namesIn);
}

function verdict(rule: Rule, rules: readonly Rule[], candidate: Candidate): Verdict {
  switch (rule.type) {
    case 'distance':
      return distance(rule, candidate);
    case 'comparison':
      return comparison(rule, candidate);
    case 'collection':
      return collection(rule, candidate);
    case 'latency':
      return latency(rule, candidate);
    case 'batchDistance': {
      const values = candidate.teams.flatMap(({ players }) => players.map((player) => player.value(rule.attribute, rule.party)));
      const numbers = values.filter((value) => typeof value === 'number');
      if (numbers.length === values.length) {
        const spread = Math.max(...numbers) - Math.min(...numbers);
        return { rule: rule.name, holds: spread <= rule.maxDistance, found: `${rule.attribute} ${short(spread)} apart` };
      }
      const kinds = new Set(values.map(String));
      return { rule: rule.name, holds: kinds.size === 1, found: `${rule.attribute} ${[...kinds].slice(0, 5).join(', ')}` };
    }
    case 'compound':
      return { rule: rule.name, holds: stated(rule.statement, rules, candidate), found: '' };
    default:
      return { rule: rule.name, holds: true, found: '' };
  }
}

function stated(statement: Statement, rules: readonly Rule[], candidate: Candidate): boolean {
  if ('rule' in statement) {
    const rule = rules.find(({ name }) => name === statement.rule);
    return rule !== undefined && verdict(rule, rules, candidate).holds;
  }
  const held = statement.of.filter((each) => stated(each, rules, candidate)).length;
  if (statement.combine === 'and') return held === statement.of.length;
  if (statement.combine === 'or') return held > 0;
  return statement.combine === 'not' ? held === 0 : held % 2 === 1;
}

function distance(rule: DistanceRule, candidate: Candidate): Verdict {
  const reference = leaves(referred(rule.reference, candidate, rule.party)).map(Number);
  const measured = rule.measurements.flatMap((each) => leaves(evaluate(each, candidate, rule.party)).map(Number));
  const far = measured.flatMap((value) => reference.map((base) => Math.abs(value - base)));
  const most = far.reduce((a, b) => Math.max(a, b), 0);
  const ok =
    measured.length > 0 &&
    far.every((each) => each <= (rule.max ?? Number.POSITIVE_INFINITY) && each >= (rule.min ?? Number.NEGATIVE_INFINITY));
  return { rule: rule.name, holds: ok, found: `distances up to ${short(most)}` };
}

function comparison(rule: ComparisonRule, candidate: Candidate): Verdict {
  const measured = rule.measurements.flatMap((each) => leaves(evaluate(each, candidate, rule.party)));
  const found = measured.slice(0, 5).map(String).join(', ');
  if (rule.reference === undefined) {
    const different = new Set(measured).size;
    const ok = rule.operation === '=' ? different <= 1 : different === measured.length;
    return { rule: rule.name, holds: ok, found };
  }
  const references = leaves(referred(rule.reference, candidate, rule.party));
  const ok = measured.length > 0 && measured.every((value) => references.every((base) => compares(value, rule.operation, base)));
  return { rule: rule.name, holds: ok, found };
}

function compares(value: number | string, operation: Operation, base: number | string): boolean {
  switch (operation) {
    case '=':
      return value === base;
    case '!=':
      return value !== base;
    case '<':
      return value < base;
    case '<=':
      return value <= base;
    case '>':
      return value > base;
    case '>=':
      return value >= base;
  }
}

function collection(rule: CollectionRule, candidate: Candidate): Verdict {
  // "At most five medics" holds for none; without any bound something has to be in common.
  const { operation, minCount = rule.maxCount === undefined ? 1 : 0 } = rule;
  const within = (count: number) => count >= minCount && count <= (rule.maxCount ?? Number.POSITIVE_INFINITY);
  const measured = rule.measurements.map((each) => evaluate(each, candidate, rule.party));
  const references = rule.reference ? leaves(referred(rule.reference, candidate, rule.party)).map(String) : [];
  let counts: readonly number[];
  if (operation === 'contains') {
    const all = measured.flatMap((each) => leaves(each).map(String));
    counts = references.map((text) => all.filter((each) => each === text).length);
  } else {
    const lists = measured.flatMap(innermost);
    counts =
      operation === 'intersection'
        ? [common(lists).length]
        : lists.map((list) => new Set(list.filter((text) => references.includes(text))).size);
  }
  return {
    rule: rule.name,
    holds: counts.length > 0 && counts.every(within),
    found: `${counts.slice(0, 5).join(', ')} in common`,
  };
}

/** The lists of texts within, however deep. */
function innermost(value: Value): readonly (readonly string[])[] {
  if (!Array.isArray(value)) return [[String(value)]];
  const list = value as readonly Value[];
  return list.some((each) => Array.isArray(each)) ? list.flatMap(innermost) : [list.map(String)];
}

function common([first = [], ...others]: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(first)].filter((text) => others.every((list) => list.includes(text)));
}

function latency(rule: LatencyRule, candidate: Candidate): Verdict {
  const places = new Set(candidate.latencies.flatMap((players) => players.flatMap((each) => Object.keys(each))));
  const good = [...places].filter((place) => placeFits(rule, place, candidate.latencies));
  return {
    rule: rule.name,
    holds: good.length > 0,
    found: good.length > 0 ? `places ${good.slice(0, 5).join(', ')}` : 'no place for all',
  };
}

export function placeFits(rule: LatencyRule, place: string, latencies: Candidate['latencies']): boolean {
  const tickets = latencies.map((players) => partyLatency(players, place, rule.party));
  if (tickets.some((each) => each === undefined)) return false;
  const values = tickets.map((each) => each ?? Number.POSITIVE_INFINITY);
  if (values.some((each) => each > (rule.maxLatencyMs ?? Number.POSITIVE_INFINITY))) return false;
  const base = aggregate(values, rule.distanceReference === 'min' ? 'min' : 'avg');
  return values.every((each) => Math.abs(each - base) <= (rule.maxDistanceMs ?? Number.POSITIVE_INFINITY));
}

/** undefined: one of the party cannot play there. */
export function partyLatency(
  players: readonly Readonly<Record<string, number>>[],
  place: string,
  party: LatencyRule['party'],
): number | undefined {
  const values: number[] = [];
  for (const latencies of players) {
    const value = latencies[place];
    if (value === undefined) return undefined;
    values.push(value);
  }
  return aggregate(values, party);
}

function referred(reference: Reference, candidate: Candidate, party: DistanceRule['party'] | CollectionRule['party']): Value {
  return 'expression' in reference ? evaluate(reference.expression, candidate, party) : reference.literal;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
