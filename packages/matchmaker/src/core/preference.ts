/** In which order neighbours are tried where a rule set has preferences: `distanceSort` and `absoluteSort`, the first rule first. */
import type { Pool } from './pool.ts';
import { aggregate, attributeOf, type SortRule, type Ticket } from './rule-set.ts';

/** `neighbours` nearest first; equals stay in that order. */
export function byPreference(pool: Pool, seed: number, neighbours: readonly number[]): readonly number[] {
  const rules = pool.constraints.ruleSet.rules.filter(
    (rule): rule is SortRule => rule.type === 'distanceSort' || rule.type === 'absoluteSort',
  );
  const anchor = pool.tickets[seed];
  if (rules.length === 0 || !anchor) return neighbours;
  const keyed = neighbours.map((slot) => ({
    slot,
    keys: rules.map((rule) => keyOf(rule, pool, anchor, pool.tickets[slot] as Ticket)),
  }));
  keyed.sort((a, b) => {
    for (let i = 0; i < rules.length; i++) {
      const order = (a.keys[i] as number) - (b.keys[i] as number);
      if (order !== 0) return rules[i]?.direction === 'descending' ? -order : order;
    }
    return 0;
  });
  return keyed.map(({ slot }) => slot);
}

function keyOf(rule: SortRule, pool: Pool, anchor: Ticket, ticket: Ticket): number {
  const key = mapKeyOf(rule, pool, anchor);
  const value = numberOf(rule, pool, ticket, key);
  return rule.type === 'absoluteSort' ? value : Math.abs(value - numberOf(rule, pool, anchor, key));
}

function numberOf({ attribute, party }: SortRule, pool: Pool, ticket: Ticket, key: string | undefined): number {
  const spec = pool.constraints.ruleSet.attributes.find(({ name }) => name === attribute);
  if (!spec) return 0;
  return aggregate(
    ticket.players.map((player) => {
      const value = attributeOf(player, spec);
      if (typeof value === 'number') return value;
      const map = value as Readonly<Record<string, number>> | undefined;
      return (key === undefined ? undefined : map?.[key]) ?? 0;
    }),
    party,
  );
}

/** Of the oldest ticket's map: the key with its least or greatest value, such as the place it is nearest to. */
function mapKeyOf({ attribute, mapKey }: SortRule, pool: Pool, anchor: Ticket): string | undefined {
  const spec = pool.constraints.ruleSet.attributes.find(({ name }) => name === attribute);
  const [first] = anchor.players;
  if (!mapKey || spec?.type !== 'string_number_map' || !first) return undefined;
  const entries = Object.entries((attributeOf(first, spec) ?? {}) as Readonly<Record<string, number>>);
  return entries.sort((a, b) => (mapKey === 'minValue' ? a[1] - b[1] : b[1] - a[1]))[0]?.[0];
}
