/**
 * Forms matches: for each seed (a ticket that is new, or whose rules have just loosened) the best match around it, if there is one. A match that
 * has become possible always has such a ticket in it, so nothing else needs to be looked at.
 */
import type { Constraints, LevelConstraints } from './constraints.ts';
import type { LineupPlayer } from './expression.ts';
import { Gathering } from './gather.ts';
import { type Candidate, holds } from './judge.ts';
import { PlaceChoice } from './place-choice.ts';
import type { Pool } from './pool.ts';
import { byPreference } from './preference.ts';
import {
  type Aggregation,
  type AttributeValue,
  aggregate,
  attributeOf,
  type Player,
  type RuleSet,
  type TeamSpec,
  type Ticket,
} from './rule-set.ts';
import { SlotSort } from './slot-sort.ts';
import { arrangements, evenest } from './teams.ts';

export interface FormerPolicy {
  /** Neighbours that one attempt looks at. */
  readonly visitsMax: number;
  /** Of them in a row, who could play with the others but are too many for the seats that are left: then the attempt is given up. */
  readonly misfitsMax: number;
  /** Of a seed whose tickets can play at several places: so many are tried one by one, and the closest match is taken. */
  readonly placesTried: number;
  /** Whole lineups that the judge looks at for one seed, where rules need it. */
  readonly judgingsMax: number;
  /** A match with fewer players than it could have is made when its seed has waited so long, ms. */
  readonly partialAfterMs: number;
  /** Seeds that have waited so long go first, the oldest of them before all; the others in the order of their values, ms. */
  readonly ageFirstMs: number;
}

export const defaultFormerPolicy: FormerPolicy = {
  visitsMax: 256,
  misfitsMax: 32,
  placesTried: 4,
  judgingsMax: 64,
  partialAfterMs: 2_000,
  ageFirstMs: 5_000,
};

export interface FormedMatch {
  readonly teams: readonly { readonly name: string; readonly tickets: readonly Ticket[] }[];
  /** The place that suits them best, or empty if the rules ask for none. */
  readonly place: string;
  /** Which level of the expansions made it possible. */
  readonly level: number;
}

export class Former {
  readonly #pool: Pool;
  readonly #constraints: Constraints;
  readonly #policy: FormerPolicy;
  readonly #gathering: Gathering;
  readonly #places: PlaceChoice;
  readonly #preferred: boolean;
  /** A match may begin with fewer players than it could have. */
  readonly #partial: boolean;
  readonly #byAge: SlotSort;
  readonly #byValue: SlotSort;
  /** Of the members that a match is made of; used again. */
  readonly #sizes: Int32Array;
  readonly #values: Float64Array;
  readonly #way: Uint8Array;

  constructor(pool: Pool, partyMax: number, policy: FormerPolicy) {
    this.#pool = pool;
    this.#constraints = pool.constraints;
    this.#policy = policy;
    this.#gathering = new Gathering(pool, partyMax);
    this.#sizes = new Int32Array(this.#gathering.members.length);
    this.#values = new Float64Array(this.#gathering.members.length);
    this.#way = new Uint8Array(this.#gathering.members.length);
    this.#places = new PlaceChoice(pool);
    this.#byAge = new SlotSort(() => pool.createdMs);
    this.#byValue = new SlotSort(() => pool.links.values);
    this.#partial = pool.constraints.levels.some(({ playersMin, playersMax }) => playersMin < playersMax);
    this.#preferred = pool.constraints.ruleSet.rules.some(({ type }) => type === 'distanceSort' || type === 'absoluteSort');
  }

  /** Takes what it matches out of the pool. */
  form(seeds: Int32Array, nowMs: number): FormedMatch[] {
    const matches: FormedMatch[] = [];
    this.#pool.settle();
    const ordered = this.#ordered(seeds, nowMs);
    for (let i = 0; i < ordered.length; i++) {
      const seed = ordered[i] as number;
      if (this.#pool.size[seed] === 0) continue;
      const match = this.#around(seed, nowMs);
      if (!match) continue;
      for (let m = 0; m < this.#gathering.count; m++) this.#pool.remove(this.#gathering.members[m] as number);
      matches.push(match);
    }
    return matches;
  }

  #ordered(seeds: Int32Array, nowMs: number): ArrayLike<number> {
    const { createdMs, priority } = this.#pool;
    const oldest = nowMs - this.#policy.ageFirstMs;
    // Those who waited from the front, the others from the back.
    const slots = new Int32Array(seeds.length);
    const preferred: number[] = [];
    let [waited, others] = [0, slots.length];
    for (let i = 0; i < seeds.length; i++) {
      const seed = seeds[i] as number;
      if (priority[seed] !== 0) preferred.push(seed);
      else if ((createdMs[seed] as number) <= oldest) slots[waited++] = seed;
      else slots[--others] = seed;
    }
    const back = slots.subarray(others);
    if (preferred.length > 0) return this.#byPriority(preferred, [...slots.subarray(0, waited), ...back]);
    back.reverse();
    this.#byAge.sort(slots, waited);
    this.#byValue.sort(back, back.length);
    return slots;
  }

  /** Those with a high priority before all others, those with a low one behind them. */
  #byPriority(preferred: number[], others: readonly number[]): readonly number[] {
    const { createdMs, priority } = this.#pool;
    preferred.sort(
      (a, b) => (priority[b] as number) - (priority[a] as number) || (createdMs[a] as number) - (createdMs[b] as number) || a - b,
    );
    const low = preferred.findIndex((seed) => (priority[seed] as number) < 0);
    const high = low < 0 ? preferred : preferred.slice(0, low);
    const rest = [...others].sort((a, b) => (createdMs[a] as number) - (createdMs[b] as number) || a - b);
    return [...high, ...rest, ...(low < 0 ? [] : preferred.slice(low))];
  }

  #around(seed: number, nowMs: number): FormedMatch | undefined {
    const pool = this.#pool;
    const gathering = this.#gathering;
    const places = (pool.masks[pool.levelAt(seed, nowMs)] as Int32Array)[seed] as number;
    if (places === 0) return undefined;
    if (places === -1 || (places & (places - 1)) === 0) return this.#attempt(seed, nowMs, places);
    if (!this.#places.triesAll) return this.#inOrder(seed, nowMs, places);
    if (bits(places) > this.#policy.placesTried) return this.#attempt(seed, nowMs, places);
    // A place at a time, so that the first neighbour does not narrow the choice to a place where nobody else can play.
    let [best, bestSpread] = [0, Number.POSITIVE_INFINITY];
    for (let left = places; left !== 0; left &= left - 1) {
      const place = left & -left;
      this.#gather(seed, nowMs, place, bestSpread);
      if (!gathering.full || !gathering.even || gathering.spread >= bestSpread) continue;
      [best, bestSpread] = [place, gathering.spread];
      gathering.save();
    }
    if (best !== 0) {
      gathering.restore();
      const plain = gathering.constraints.judged.length === 0;
      const match = plain ? this.#match(gathering.mask, 1) : this.#attempt(seed, nowMs, best);
      if (match) return match;
    }
    return this.#attempt(seed, nowMs, places);
  }

  /** At the places that the rule set prefers, one after the other; then wherever it is possible. */
  #inOrder(seed: number, nowMs: number, places: number): FormedMatch | undefined {
    const ticket = this.#pool.tickets[seed] as Ticket;
    const { latencyParty } = this.#constraints.levels[this.#pool.levelAt(seed, nowMs)] as LevelConstraints;
    for (const place of this.#places.order(places, ticket, latencyParty).slice(0, this.#policy.placesTried)) {
      const match = this.#attempt(seed, nowMs, place);
      if (match) return match;
    }
    return this.#attempt(seed, nowMs, places);
  }

  /** `within`: a company that is no closer together is of no use. */
  #gather(seed: number, nowMs: number, mask: number, within = Number.POSITIVE_INFINITY): void {
    this.#gathering.begin(seed, nowMs, mask);
    if (!this.#preferred) {
      this.#gathering.takeNearest(this.#policy.visitsMax, this.#policy.misfitsMax, within);
      return;
    }
    for (const slot of byPreference(this.#pool, seed, this.#gathering.neighbours(this.#policy.visitsMax))) {
      if (this.#gathering.full) break;
      this.#gathering.offer(slot);
    }
  }

  #attempt(seed: number, nowMs: number, mask: number): FormedMatch | undefined {
    const gathering = this.#gathering;
    this.#gather(seed, nowMs, mask);
    const { judged } = gathering.constraints;
    if (gathering.full && gathering.even && judged.length === 0) return this.#match(gathering.mask, 1);
    // Where not even those who fit are enough, leaving somebody out does not help.
    if (gathering.full && (judged.length > 0 || !gathering.even)) {
      const match = this.#search(seed, nowMs, mask);
      if (match) return match;
    }
    const waitedMs = nowMs - (this.#pool.createdMs[seed] as number);
    if (waitedMs < this.#policy.partialAfterMs || (!this.#partial && judged.length === 0)) return undefined;
    this.#gather(seed, nowMs, mask);
    const enough = gathering.players >= gathering.constraints.playersMin;
    return enough && gathering.even ? this.#match(gathering.mask, this.#policy.judgingsMax) : undefined;
  }

  /** Other companies around the seed, each without one of the neighbours of the first: where a rule is against somebody, somebody else may do. */
  #search(seed: number, nowMs: number, mask: number): FormedMatch | undefined {
    const gathering = this.#gathering;
    gathering.begin(seed, nowMs, mask);
    const neighbours = byPreference(this.#pool, seed, gathering.neighbours(this.#policy.visitsMax));
    const left = new Set<number>();
    for (let tries = 0; tries < this.#policy.judgingsMax; tries++) {
      gathering.begin(seed, nowMs, mask);
      for (const slot of neighbours) {
        if (gathering.full) break;
        if (!left.has(slot)) gathering.offer(slot);
      }
      if (!gathering.full) return undefined;
      if (gathering.even) {
        const match = this.#match(gathering.mask, 8);
        if (match) return match;
      }
      this.#leaveOut(left, neighbours, tries + 1);
    }
    return undefined;
  }

  /** Some of the members, others with each turn, and the one that came last before the others. */
  #leaveOut(left: Set<number>, neighbours: readonly number[], turn: number): void {
    const { members, count } = this.#gathering;
    left.clear();
    // The first member is the seed; the others stand in the order of the neighbours.
    for (let i = 0, m = 1; m < count; i++) {
      if (neighbours[i] !== members[m]) continue;
      if ((turn >> (i % 6)) & 1) left.add(members[m] as number);
      m++;
    }
    if (left.size === 0) left.add(members[count - 1] as number);
  }

  #placeOf(mask: number, { hasLatency, latencyParty }: LevelConstraints): string {
    if (!hasLatency) return '';
    // A single bit has nothing to choose from.
    if ((mask & (mask - 1)) === 0) return this.#pool.places[31 - Math.clz32(mask)] as string;
    return this.#places.best(mask, this.#tickets(), latencyParty);
  }

  /** Of the members: the first of the most even arrangements that the judge lets pass. */
  #match(mask: number, judgings: number): FormedMatch | undefined {
    const pool = this.#pool;
    const { constraints, count, members } = this.#gathering;
    const { teams, judged } = constraints;
    const column = pool.columns[this.#constraints.balance] as Float64Array;
    const [sizes, values] = [this.#sizes, this.#values];
    for (let m = 0; m < count; m++) {
      const slot = members[m] as number;
      sizes[m] = pool.size[slot] as number;
      values[m] = column[slot] as number;
    }
    if (judged.length === 0) {
      const way = this.#way;
      return evenest(teams, sizes, values, count, way) ? this.#formed(mask, way) : undefined;
    }
    const ways = arrangements(teams, sizes, values, count, judgings);
    if (ways.length === 0) return undefined;
    const tickets = this.#tickets();
    for (const way of ways)
      if (holds(judged, candidateOf(this.#constraints.ruleSet, teams, tickets, way))) return this.#formed(mask, way);
    return undefined;
  }

  #formed(mask: number, way: ArrayLike<number>): FormedMatch {
    const { level, constraints, count, members } = this.#gathering;
    const { teams } = constraints;
    const made: { name: string; tickets: Ticket[] }[] = [];
    for (let t = 0; t < teams.length; t++) {
      let own = 0;
      for (let m = 0; m < count; m++) if (way[m] === t) own++;
      // As long as it is to be: one that grows leaves much behind.
      const tickets = new Array<Ticket>(own);
      for (let m = 0, at = 0; m < count; m++)
        if (way[m] === t) tickets[at++] = this.#pool.tickets[members[m] as number] as Ticket;
      made.push({ name: (teams[t] as TeamSpec).name, tickets });
    }
    return { teams: made, place: this.#placeOf(mask, constraints), level };
  }

  #tickets(): readonly Ticket[] {
    const { count, members } = this.#gathering;
    return Array.from(members.subarray(0, count), (slot) => this.#pool.tickets[slot] as Ticket);
  }
}

const roundTrips = ({ latencyMs }: Player) => latencyMs;

/** What the judge looks at. */
export function candidateOf(
  ruleSet: RuleSet,
  teams: readonly TeamSpec[],
  tickets: readonly Ticket[],
  way: readonly number[],
): Candidate {
  const players = tickets.map((ticket) => ticket.players.map((player): LineupPlayer => lineupPlayer(ruleSet, ticket, player.id)));
  return {
    teams: teams.map(({ name }, t) => ({
      name,
      kind: name.replace(/_\d+$/, ''),
      players: players.filter((_, i) => way[i] === t).flat(),
    })),
    latencies: tickets.map(({ players }) => players.map(roundTrips)),
  };
}

function lineupPlayer(ruleSet: RuleSet, ticket: Ticket, id: string): LineupPlayer {
  return {
    id,
    value(attribute, party) {
      const spec = ruleSet.attributes.find(({ name }) => name === attribute);
      if (!spec) return undefined;
      const values = ticket.players.map((player) => attributeOf(player, spec)).filter((value) => value !== undefined);
      const own = ticket.players.find((player) => player.id === id);
      if (spec.type === 'number' && party !== 'union' && party !== 'intersection') return aggregate(values.map(Number), party);
      if (spec.type === 'string_list' && ticket.players.length > 1) return joined(values, party);
      return own && attributeOf(own, spec);
    },
  };
}

/** What a party's lists are together. */
function joined(values: readonly AttributeValue[], party: Aggregation | 'union' | 'intersection'): readonly string[] {
  const lists = values.map((value) => (Array.isArray(value) ? (value as readonly string[]) : []));
  if (party === 'intersection') return (lists[0] ?? []).filter((text) => lists.every((list) => list.includes(text)));
  return [...new Set(lists.flat())];
}

function bits(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}
