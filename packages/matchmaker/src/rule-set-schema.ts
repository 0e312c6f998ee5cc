/**
 * Reads a FlexMatch rule set (`ruleLanguageVersion` "1.0") as it is. Everything that is wrong is told at once, each with its place in the document:
 * a rule set that is taken here can be matched by; one that never could (teams that cannot be filled, rules that refer in circles) is refused.
 */
import { z } from 'zod';
import { type Expression, leafType, parseExpression } from './core/expression.ts';
import {
  type AttributeSpec,
  type ExpandableRuleProperty,
  type Expansion,
  type ExpansionTarget,
  expandableRuleProperties,
  type Reference,
  type Rule,
  type RuleSet,
  teamsOf,
} from './core/rule-set.ts';
import { parseStatement } from './statement.ts';

export const limits = {
  rules: 64,
  attributes: 64,
  teams: 64,
  /** FlexMatch: a match has at most so many players. */
  players: 200,
  /** Above so many the strategy is `balanced`, with latency and batchDistance rules only. */
  smallMatchPlayers: 40,
  expansionSteps: 256,
} as const;

export interface RuleSetComplaint {
  /** Such as `rules[2].measurements`. */
  readonly path: string;
  readonly message: string;
}

export type ReadRuleSet =
  | { readonly ok: true; readonly ruleSet: RuleSet }
  | { readonly ok: false; readonly complaints: readonly RuleSetComplaint[] };

const name = z.string().min(1).max(128);
const party = z.enum(['avg', 'min', 'max']).default('avg');
const texts = z.union([z.string().max(1024), z.array(z.string().max(1024)).min(1).max(16)]);
const referenceValue = z.union([z.number(), z.string().max(1024), z.array(z.string().max(256)).max(256)]);
/** AWS's own examples write numbers as texts here and there. */
const number = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^-?\d+(\.\d+)?$/)
        .transform(Number),
    ],
    { error: 'a number' },
  )
  .pipe(z.number().finite());
const described = { name, description: z.string().optional() };

const ruleSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('distance'),
    ...described,
    measurements: texts,
    referenceValue,
    maxDistance: number.optional(),
    minDistance: number.optional(),
    partyAggregation: party,
  }),
  z.strictObject({
    type: z.literal('comparison'),
    ...described,
    measurements: texts,
    referenceValue: referenceValue.optional(),
    operation: z.enum(['<', '<=', '=', '!=', '>', '>=']),
    partyAggregation: party,
  }),
  z.strictObject({
    type: z.literal('collection'),
    ...described,
    measurements: texts,
    referenceValue: referenceValue.optional(),
    operation: z.enum(['intersection', 'contains', 'reference_intersection_count']),
    minCount: number.optional(),
    maxCount: number.optional(),
    partyAggregation: z.enum(['union', 'intersection']).default('union'),
  }),
  z.strictObject({
    type: z.literal('latency'),
    ...described,
    maxLatency: number.optional(),
    maxDistance: number.optional(),
    distanceReference: z.enum(['min', 'avg']).default('min'),
    partyAggregation: party,
  }),
  z.strictObject({
    type: z.literal('batchDistance'),
    ...described,
    batchAttribute: name,
    maxDistance: number.optional(),
    partyAggregation: party,
  }),
  z.strictObject({
    type: z.enum(['distanceSort', 'absoluteSort']),
    ...described,
    sortDirection: z.enum(['ascending', 'descending']),
    sortAttribute: name,
    mapKey: z.enum(['minValue', 'maxValue']).optional(),
    partyAggregation: party,
  }),
  z.strictObject({ type: z.literal('compound'), ...described, statement: z.string().min(1).max(2048) }),
]);

const attributeValue = z.union([z.string(), z.number(), z.array(z.string()), z.record(z.string(), z.number())]);
const document = z.strictObject({
  name: name.optional(),
  ruleLanguageVersion: z.literal('1.0'),
  playerAttributes: z
    .array(
      z.strictObject({
        name,
        type: z.enum(['string', 'number', 'string_list', 'string_number_map']),
        default: attributeValue.optional(),
      }),
    )
    .max(limits.attributes)
    .default([]),
  algorithm: z
    .strictObject({
      strategy: z.enum(['exhaustiveSearch', 'balanced']).optional(),
      batchingPreference: z.enum(['random', 'sorted', 'largestPopulation', 'fastestRegion', 'balanced']).optional(),
      balancedAttribute: name.optional(),
      sortByAttributes: z.array(name).max(16).optional(),
      expansionAgeSelection: z.enum(['newest', 'oldest']).optional(),
      backfillPriority: z.enum(['low', 'normal', 'high']).optional(),
    })
    .default({}),
  teams: z
    .array(
      z.strictObject({
        name,
        minPlayers: z.int().min(0).max(limits.players),
        maxPlayers: z.int().min(1).max(limits.players),
        quantity: z.int().min(1).max(limits.teams).default(1),
      }),
    )
    .min(1)
    .max(limits.teams),
  rules: z.array(ruleSchema).max(limits.rules).default([]),
  expansions: z
    .array(
      z.strictObject({
        target: z.string().min(1).max(256),
        steps: z
          .array(z.strictObject({ waitTimeSeconds: z.number().min(0).max(86_400), value: referenceValue }))
          .min(1)
          .max(limits.expansionSteps),
      }),
    )
    .max(limits.rules)
    .default([]),
});
type Document = z.output<typeof document>;
type WrittenRule = Document['rules'][number];

export function readRuleSet(input: unknown): ReadRuleSet {
  const parsed = document.safeParse(input);
  if (!parsed.success) {
    return { ok: false, complaints: parsed.error.issues.flatMap(complaintsOf) };
  }
  const reading = new Reading(parsed.data);
  const ruleSet = reading.ruleSet();
  return reading.complaints.length === 0 ? { ok: true, ruleSet } : { ok: false, complaints: reading.complaints };
}

/** One document on its way to a rule set; complaints gather beside it. */
class Reading {
  readonly complaints: RuleSetComplaint[] = [];
  readonly #written: Document;
  readonly #attributes: readonly AttributeSpec[];

  constructor(written: Document) {
    this.#written = written;
    this.#attributes = written.playerAttributes.map((each, i) => {
      const { default: value, type } = each;
      if (value !== undefined && !isOf(type, value)) this.#complain(`playerAttributes[${i}].default`, `expected a ${type}`);
      return { name: each.name, type, default: value };
    });
  }

  ruleSet(): RuleSet {
    const { name = '', teams, algorithm } = this.#written;
    this.#unique('playerAttributes', this.#attributes);
    this.#unique('rules', this.#written.rules);
    this.#unique('teams', teams);
    for (const [i, team] of teams.entries()) {
      if (team.minPlayers > team.maxPlayers) this.#complain(`teams[${i}]`, 'minPlayers is greater than maxPlayers');
    }
    const rules = this.#written.rules.flatMap((rule, i) => this.#rule(rule, `rules[${i}]`));
    const players = teams.reduce((sum, { maxPlayers, quantity }) => sum + maxPlayers * quantity, 0);
    if (players > limits.players) this.#complain('teams', `${players} players; a match has at most ${limits.players}`);
    if (teams.every(({ minPlayers }) => minPlayers === 0))
      this.#complain('teams', 'a match of nobody: some team needs minPlayers ≥ 1');
    const large = players > limits.smallMatchPlayers;
    if (large) this.#checkLarge(rules);
    const preference = algorithm.batchingPreference;
    return {
      name,
      attributes: this.#attributes,
      teams,
      rules,
      expansions: this.#written.expansions.flatMap((expansion, i) => this.#expansion(expansion, `expansions[${i}]`)),
      algorithm: {
        strategy: algorithm.strategy ?? (large ? 'balanced' : 'exhaustiveSearch'),
        batchingPreference:
          preference === undefined || preference === 'balanced' ? (large ? 'largestPopulation' : 'random') : preference,
        balancedAttribute: this.#attributeNamed(algorithm.balancedAttribute, 'algorithm.balancedAttribute'),
        sortByAttributes: (algorithm.sortByAttributes ?? []).filter((each, i) =>
          this.#attributeNamed(each, `algorithm.sortByAttributes[${i}]`),
        ),
        expansionAge: algorithm.expansionAgeSelection ?? 'newest',
        backfillPriority: algorithm.backfillPriority ?? 'normal',
      },
    };
  }

  #rule(rule: WrittenRule, at: string): readonly Rule[] {
    switch (rule.type) {
      case 'distance': {
        const measurements = this.#expressions(rule.measurements, `${at}.measurements`, 'number');
        const reference = this.#reference(rule.referenceValue, `${at}.referenceValue`);
        if (rule.maxDistance === undefined && rule.minDistance === undefined)
          this.#complain(at, 'needs maxDistance or minDistance');
        const { name, maxDistance: max, minDistance: min, partyAggregation } = rule;
        return [{ type: 'distance', name, measurements, reference, max, min, party: partyAggregation }];
      }
      case 'comparison': {
        const { name, operation, partyAggregation, referenceValue: written } = rule;
        if (written === undefined && operation !== '=' && operation !== '!=')
          this.#complain(at, `${operation} needs a referenceValue`);
        const measurements = this.#expressions(rule.measurements, `${at}.measurements`);
        const reference = written === undefined ? undefined : this.#reference(written, `${at}.referenceValue`);
        return [{ type: 'comparison', name, measurements, reference, operation, party: partyAggregation }];
      }
      case 'collection': {
        const { name, operation, minCount, maxCount, partyAggregation, referenceValue: written } = rule;
        if (operation !== 'intersection' && written === undefined) this.#complain(at, `${operation} needs a referenceValue`);
        const measurements = this.#expressions(rule.measurements, `${at}.measurements`, 'string');
        const reference = written === undefined ? undefined : this.#reference(written, `${at}.referenceValue`);
        return [{ type: 'collection', name, measurements, reference, operation, minCount, maxCount, party: partyAggregation }];
      }
      case 'latency': {
        const { name, maxLatency, maxDistance, distanceReference, partyAggregation } = rule;
        if (maxLatency === undefined && maxDistance === undefined) this.#complain(at, 'needs maxLatency or maxDistance');
        return [
          {
            type: 'latency',
            name,
            maxLatencyMs: maxLatency,
            maxDistanceMs: maxDistance,
            distanceReference,
            party: partyAggregation,
          },
        ];
      }
      case 'batchDistance': {
        const attribute = this.#attributes.find(({ name }) => name === rule.batchAttribute);
        if (!attribute) this.#complain(`${at}.batchAttribute`, `playerAttributes has no ${rule.batchAttribute}`);
        else if (attribute.type === 'number' && rule.maxDistance === undefined) this.#complain(at, 'a number needs maxDistance');
        else if (attribute.type !== 'number' && attribute.type !== 'string')
          this.#complain(`${at}.batchAttribute`, 'expected an attribute of type number or string');
        const { name, batchAttribute, maxDistance = 0, partyAggregation } = rule;
        return [{ type: 'batchDistance', name, attribute: batchAttribute, maxDistance, party: partyAggregation }];
      }
      case 'distanceSort':
      case 'absoluteSort': {
        const { type, name, sortAttribute, sortDirection, mapKey, partyAggregation } = rule;
        this.#attributeNamed(sortAttribute, `${at}.sortAttribute`);
        return [{ type, name, attribute: sortAttribute, direction: sortDirection, mapKey, party: partyAggregation }];
      }
      case 'compound':
        return this.#compound(rule, at);
    }
  }

  #compound(rule: Extract<WrittenRule, { type: 'compound' }>, at: string): readonly Rule[] {
    const parsed = parseStatement(rule.statement, (name) => {
      const named = this.#written.rules.find((each) => each.name === name);
      if (!named) return `there is no rule ${name}`;
      if (named.type === 'compound') return `${name} is a compound rule itself, and those cannot refer to each other`;
      return named.type.endsWith('Sort') ? `${name} is a preference, and cannot hold or fail` : undefined;
    });
    if (parsed.ok) return [{ type: 'compound', name: rule.name, statement: parsed.statement }];
    this.#complain(`${at}.statement`, parsed.why);
    return [];
  }

  #expansion({ target: written, steps }: Document['expansions'][number], at: string): readonly Expansion[] {
    const target = this.#target(written);
    if (typeof target === 'string') {
      this.#complain(`${at}.target`, target);
      return [];
    }
    const texts = target.of === 'rule' && target.property === 'referenceValue';
    for (const [i, { value }] of steps.entries()) {
      if (!texts && !Number.isFinite(Number(value))) this.#complain(`${at}.steps[${i}].value`, 'expected a number');
    }
    return [{ target, steps: steps.map(({ waitTimeSeconds, value }) => ({ waitS: waitTimeSeconds, value })) }];
  }

  #target(written: string): ExpansionTarget | string {
    const [, list, name = '', property = ''] = /^(rules|teams)\[([^\]]+)\]\.(\w+)$/.exec(written) ?? [];
    if (list === 'rules') {
      const rule = this.#written.rules.find((each) => each.name === name);
      if (!rule) return `there is no rule ${name}`;
      const known = expandableRuleProperties.find((each) => each === property);
      return known && known in rule
        ? { of: 'rule', name, property: known satisfies ExpandableRuleProperty }
        : `${name} has no ${property} that can expand; there are ${expandableRuleProperties.filter((each) => each in rule).join(', ')}`;
    }
    if (list === 'teams') {
      if (!this.#written.teams.some((each) => each.name === name)) return `there is no team ${name}`;
      if (property === 'minPlayers' || property === 'maxPlayers' || property === 'quantity')
        return { of: 'team', name, property };
      return `a team has no ${property}; there are minPlayers, maxPlayers, quantity`;
    }
    return 'expected rules[NAME].PROPERTY or teams[NAME].PROPERTY';
  }

  #checkLarge(rules: readonly Rule[]): void {
    const wrong = rules.find(({ type }) => type !== 'latency' && type !== 'batchDistance');
    if (wrong)
      this.#complain(
        'rules',
        `${wrong.name}: a match of more than ${limits.smallMatchPlayers} players takes latency and batchDistance rules`,
      );
  }

  #expressions(written: string | readonly string[], at: string, wanted?: 'number' | 'string'): readonly Expression[] {
    return (typeof written === 'string' ? [written] : written).flatMap((text) => {
      const parsed = parseExpression(text, this.#known);
      if (!parsed.ok) this.#complain(at, parsed.why);
      else if (wanted && leafType(parsed.expression, this.#attributes) !== wanted)
        this.#complain(at, `expected ${wanted}s: ${text}`);
      else return [parsed.expression];
      return [];
    });
  }

  #reference(value: number | string | readonly string[], at: string): Reference {
    const written = Array.isArray(value) && value.length === 1 && looksComputed(value[0]) ? (value[0] as string) : value;
    // A text that looks like an expression is one; others are what players' texts are compared with.
    if (typeof written !== 'string' || !looksComputed(written)) {
      const numeric = typeof written === 'string' && /^-?\d+(\.\d+)?$/.test(written);
      return { literal: numeric ? Number(written) : written };
    }
    const parsed = parseExpression(written, this.#known);
    if (parsed.ok) return { expression: parsed.expression };
    this.#complain(at, parsed.why);
    return { literal: written };
  }

  get #known() {
    // Both a kind of team and each of its quantity may be named.
    const names = [...this.#written.teams, ...teamsOf(this.#written)].map(({ name }) => name);
    return { teams: [...new Set(names)], attributes: this.#attributes };
  }

  #attributeNamed(name: string | undefined, at: string): string | undefined {
    if (name === undefined || this.#attributes.some((each) => each.name === name)) return name;
    this.#complain(at, `playerAttributes has no ${name}`);
    return undefined;
  }

  #unique(list: string, of: readonly { readonly name: string }[]): void {
    const seen = new Set<string>();
    for (const [i, { name }] of of.entries()) {
      if (seen.has(name)) this.#complain(`${list}[${i}].name`, `${name} is taken`);
      seen.add(name);
    }
  }

  #complain(path: string, message: string): void {
    this.complaints.push({ path, message });
  }
}

function complaintsOf(issue: z.core.$ZodIssue): RuleSetComplaint[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: placeOf([...issue.path, key]),
      message: 'nothing: FlexMatch has no such property here',
    }));
  if (issue.code === 'invalid_value')
    return [{ path: placeOf(issue.path), message: `one of ${issue.values.map(String).join(', ')}` }];
  // A rule of a kind that there is not.
  if (issue.code === 'invalid_union' && 'options' in issue && issue.options)
    return [{ path: placeOf(issue.path), message: `one of ${issue.options.map(String).join(', ')}` }];
  return [{ path: placeOf(issue.path), message: issue.message }];
}

function looksComputed(text: string): boolean {
  return /^\s*(teams?\[|[a-z_]+\s*\()/.test(text);
}

function isOf(type: AttributeSpec['type'], value: unknown): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'number') return typeof value === 'number';
  return type === 'string_list' ? Array.isArray(value) : typeof value === 'object' && !Array.isArray(value);
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}
