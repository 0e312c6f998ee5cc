/**
 * A rule set as the engine reads it: checked and complete, in FlexMatch's words (rule language 1.0). `rule-set-schema.ts` makes it from JSON.
 */
import type { Expression } from './expression.ts';

export type AttributeValue = string | number | readonly string[] | Readonly<Record<string, number>>;
export type AttributeType = 'string' | 'number' | 'string_list' | 'string_number_map';

export interface AttributeSpec {
  readonly name: string;
  readonly type: AttributeType;
  /** For players who do not say; without it their ticket is refused when a rule needs the attribute. */
  readonly default: AttributeValue | undefined;
}

export interface TeamSpec {
  readonly name: string;
  readonly minPlayers: number;
  readonly maxPlayers: number;
  /** So many teams of this kind; beyond one they are named `name_1`, `name_2`, … */
  readonly quantity: number;
}

export type Aggregation = 'avg' | 'min' | 'max';
export type Operation = '<' | '<=' | '=' | '!=' | '>' | '>=';
/** A number, a text, or what is computed from the match. */
export type Reference = { readonly literal: number | string | readonly string[] } | { readonly expression: Expression };

interface Named {
  readonly name: string;
}

/** Each measured number is at most `max` from the reference, and at least `min`. */
export interface DistanceRule extends Named {
  readonly type: 'distance';
  readonly measurements: readonly Expression[];
  readonly reference: Reference;
  readonly max: number | undefined;
  readonly min: number | undefined;
  readonly party: Aggregation;
}

/** Each measured value compares so with the reference; without one they are all equal (`=`), or all different (`!=`). */
export interface ComparisonRule extends Named {
  readonly type: 'comparison';
  readonly measurements: readonly Expression[];
  readonly reference: Reference | undefined;
  readonly operation: Operation;
  readonly party: Aggregation;
}

/** How many texts collections have in common with each other, or with the reference. */
export interface CollectionRule extends Named {
  readonly type: 'collection';
  readonly measurements: readonly Expression[];
  readonly reference: Reference | undefined;
  readonly operation: 'intersection' | 'contains' | 'reference_intersection_count';
  readonly minCount: number | undefined;
  readonly maxCount: number | undefined;
  readonly party: 'union' | 'intersection';
}

/** There is a place to which every ticket has at most `maxLatencyMs`, and is at most `maxDistanceMs` off the others there. */
export interface LatencyRule extends Named {
  readonly type: 'latency';
  readonly maxLatencyMs: number | undefined;
  readonly maxDistanceMs: number | undefined;
  readonly distanceReference: 'min' | 'avg';
  readonly party: Aggregation;
}

/** Tickets' values of one attribute are at most `maxDistance` apart; texts are the same. */
export interface BatchDistanceRule extends Named {
  readonly type: 'batchDistance';
  readonly attribute: string;
  readonly maxDistance: number;
  readonly party: Aggregation;
}

/** A preference, never a condition: candidates are tried in this order, by distance from the oldest ticket or by value. */
export interface SortRule extends Named {
  readonly type: 'distanceSort' | 'absoluteSort';
  readonly attribute: string;
  readonly direction: 'ascending' | 'descending';
  /** Of a map attribute: the key with the least or greatest value of the oldest ticket. */
  readonly mapKey: 'minValue' | 'maxValue' | undefined;
  readonly party: Aggregation;
}

export interface CompoundRule extends Named {
  readonly type: 'compound';
  readonly statement: Statement;
}

/** Rules by name, combined. `xor`: an odd number of them hold. */
export type Statement =
  | { readonly rule: string }
  | { readonly combine: 'and' | 'or' | 'xor' | 'not'; readonly of: readonly Statement[] };

export type Rule = DistanceRule | ComparisonRule | CollectionRule | LatencyRule | BatchDistanceRule | SortRule | CompoundRule;

/** After `waitS` seconds the target has this value. */
export interface Expansion {
  readonly target: ExpansionTarget;
  readonly steps: readonly { readonly waitS: number; readonly value: number | string | readonly string[] }[];
}

export type ExpansionTarget =
  | { readonly of: 'rule'; readonly name: string; readonly property: ExpandableRuleProperty }
  | { readonly of: 'team'; readonly name: string; readonly property: 'minPlayers' | 'maxPlayers' | 'quantity' };

export const expandableRuleProperties = [
  'maxDistance',
  'minDistance',
  'maxLatency',
  'referenceValue',
  'minCount',
  'maxCount',
] as const;
export type ExpandableRuleProperty = (typeof expandableRuleProperties)[number];

export interface RuleSet {
  readonly name: string;
  readonly attributes: readonly AttributeSpec[];
  readonly teams: readonly TeamSpec[];
  readonly rules: readonly Rule[];
  readonly expansions: readonly Expansion[];
  readonly algorithm: {
    /** `balanced` is for matches of more than 40 players. */
    readonly strategy: 'exhaustiveSearch' | 'balanced';
    readonly batchingPreference: 'random' | 'sorted' | 'largestPopulation' | 'fastestRegion';
    readonly balancedAttribute: string | undefined;
    readonly sortByAttributes: readonly string[];
    /** Whose age moves the expansions: that of the newest or of the oldest ticket of a match. */
    readonly expansionAge: 'newest' | 'oldest';
    readonly backfillPriority: 'low' | 'normal' | 'high';
  };
}

/** What a player brings. */
export interface Player {
  readonly id: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Round trip to each place, ms. A place that is not named cannot be played at. */
  readonly latencyMs: Readonly<Record<string, number>>;
}

/** A player or a party that wants a match, and stays together. */
export interface Ticket {
  readonly id: string;
  readonly players: readonly Player[];
  /** When it began to wait; kept when it returns from a match that came to nothing. */
  readonly createdMs: number;
  /** Higher ones are looked at first, and choose their neighbours first; 0 if absent. */
  readonly priority?: number;
}

/** Teams of a level, one entry a team, `quantity` written out. */
export function teamsOf(set: Pick<RuleSet, 'teams'>): readonly TeamSpec[] {
  return set.teams.flatMap((team) =>
    team.quantity === 1
      ? [team]
      : Array.from({ length: team.quantity }, (_, i) => ({ ...team, name: `${team.name}_${i + 1}`, quantity: 1 })),
  );
}

/** What a player brings, or the default. */
export function attributeOf(player: Player, spec: AttributeSpec): AttributeValue | undefined {
  return Object.hasOwn(player.attributes, spec.name) ? player.attributes[spec.name] : spec.default;
}

/** A party's value of a numeric attribute. */
export function aggregate(values: readonly number[], how: Aggregation): number {
  let [sum, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    sum += value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (how === 'min') return least;
  return how === 'max' ? most : sum / values.length;
}
