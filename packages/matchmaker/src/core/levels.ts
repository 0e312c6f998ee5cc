/**
 * Expansions: a rule set loosens with the age of its tickets. Each moment at which something changes begins a level; level 0 is the rule set as
 * it stands. All levels are made once, so that asking for a ticket's level is a look into a short list.
 */
import type { ExpansionTarget, Reference, Rule, RuleSet, TeamSpec } from './rule-set.ts';

export interface Level {
  /** From this age on, ms. */
  readonly fromMs: number;
  readonly rules: readonly Rule[];
  readonly teams: readonly TeamSpec[];
}

export function levelsOf(set: RuleSet): readonly Level[] {
  const starts = new Set([0, ...set.expansions.flatMap(({ steps }) => steps.map(({ waitS }) => waitS * 1000))]);
  return [...starts]
    .sort((a, b) => a - b)
    .map((fromMs) => {
      let { rules, teams }: Pick<RuleSet, 'rules' | 'teams'> = set;
      for (const { target, steps } of set.expansions) {
        // The latest step that has begun counts, in whatever order they are written.
        const step = steps
          .filter(({ waitS }) => waitS * 1000 <= fromMs)
          .reduce<(typeof steps)[number] | undefined>((last, each) => (last && last.waitS > each.waitS ? last : each), undefined);
        if (!step) continue;
        if (target.of === 'rule')
          rules = rules.map((rule) => (rule.name === target.name ? expandRule(rule, target, step.value) : rule));
        else teams = teams.map((team) => (team.name === target.name ? { ...team, [target.property]: Number(step.value) } : team));
      }
      return { fromMs, rules, teams };
    });
}

/** Which level holds at an age, ms. */
export function levelAt(levels: readonly Level[], ageMs: number): number {
  let level = 0;
  while (level + 1 < levels.length && ageMs >= (levels[level + 1]?.fromMs ?? Number.POSITIVE_INFINITY)) level++;
  return level;
}

function expandRule(
  rule: Rule,
  { property }: Extract<ExpansionTarget, { of: 'rule' }>,
  value: number | string | readonly string[],
): Rule {
  const number = Number(value);
  switch (rule.type) {
    case 'distance':
      if (property === 'maxDistance') return { ...rule, max: number };
      if (property === 'minDistance') return { ...rule, min: number };
      return { ...rule, reference: literal(value) };
    case 'comparison':
      return { ...rule, reference: literal(value) };
    case 'collection':
      if (property === 'minCount') return { ...rule, minCount: number };
      if (property === 'maxCount') return { ...rule, maxCount: number };
      return { ...rule, reference: literal(value) };
    case 'latency':
      return property === 'maxLatency' ? { ...rule, maxLatencyMs: number } : { ...rule, maxDistanceMs: number };
    case 'batchDistance':
      return { ...rule, maxDistance: number };
    default:
      return rule;
  }
}

function literal(value: number | string | readonly string[]): Reference {
  return { literal: value };
}
