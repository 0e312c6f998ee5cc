/** Whether a ticket can be matched by a rule set at all: what never could is refused when it comes, not left to wait. */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { Constraints } from './constraints.ts';
import { limits as poolLimits } from './pool.ts';
import { type AttributeSpec, attributeOf, type Player, type Ticket } from './rule-set.ts';
import { Packing } from './teams.ts';

export const limits = {
  /** Players of a party. */
  party: 40,
  attributes: 64,
  /** Characters of a text, entries of a list or map. */
  attributeText: 256,
  attributeEntries: 64,
  places: poolLimits.places,
} as const;

export type Admission = { readonly ok: true } | Refusal;
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
}

export class Door {
  readonly #specs: ReadonlyMap<string, AttributeSpec>;
  readonly #required: readonly AttributeSpec[];
  readonly #same: readonly AttributeSpec[];
  /** By size, whether a party of so many finds room in a team at some level. */
  readonly #roomFor: readonly boolean[];
  readonly #latencyNeeded: boolean;

  constructor({ ruleSet, levels, sameAttributes }: Constraints) {
    this.#specs = new Map(ruleSet.attributes.map((spec) => [spec.name, spec]));
    this.#required = ruleSet.attributes.filter((spec) => spec.default === undefined);
    this.#same = ruleSet.attributes.filter(({ name }) => sameAttributes.includes(name));
    this.#latencyNeeded = levels.every(({ hasLatency, maxLatencyMs }) => hasLatency && maxLatencyMs < Number.POSITIVE_INFINITY);
    const packings = levels.map(({ teams }) => new Packing(teams));
    this.#roomFor = Array.from({ length: limits.party + 1 }, (_, size) => {
      const counts = new Uint8Array(limits.party + 1);
      counts[size] = 1;
      return packings.some((packing) => packing.fits(packing.keyOf(counts), counts));
    });
  }

  /** undefined: it may come in. */
  refusal(ticket: Ticket): Refusal | undefined {
    const { players } = ticket;
    if (players.length === 0 || players.length > limits.party) {
      return refuse('TICKET_INVALID', `a ticket has 1 to ${limits.party} players, not ${players.length}`);
    }
    if (this.#roomFor[players.length] !== true) {
      return refuse('TICKET_INVALID', `a party of ${players.length} has no room in any team`);
    }
    for (const player of players) {
      const trouble = this.#trouble(player);
      if (trouble !== undefined) return refuse('TICKET_INVALID', `player ${player.id}: ${trouble}`);
    }
    return players.length > 1 ? this.#partyTrouble(players) : undefined;
  }

  #trouble({ attributes, latencyMs }: Player): string | undefined {
    let named = 0;
    for (const name in attributes) {
      if (!Object.hasOwn(attributes, name)) continue;
      if (++named > limits.attributes) return `more than ${limits.attributes} attributes`;
      const spec = this.#specs.get(name);
      if (spec === undefined) return `the rule set has no attribute ${name}`;
      if (!suits(spec, attributes[name])) return `${name} is not a ${spec.type}`;
    }
    for (const { name } of this.#required) if (!Object.hasOwn(attributes, name)) return `${name} is missing, and has no default`;
    let places = 0;
    for (const place in latencyMs) {
      const ms = latencyMs[place] as number;
      if (++places > limits.places) return `latencies to more than ${limits.places} places`;
      // NaN is not ≥ 0 either.
      if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) return `the latency to ${place} is not a number of milliseconds`;
    }
    return this.#latencyNeeded && places === 0 ? 'latencies are missing, and the rules ask for them' : undefined;
  }

  /** A party whose players can never be in one match. */
  #partyTrouble(players: readonly Player[]): Refusal | undefined {
    const [first] = players as readonly [Player];
    for (let i = 1; i < players.length; i++) {
      const player = players[i] as Player;
      for (let before = 0; before < i; before++) {
        if (players[before]?.id === player.id) return refuse('TICKET_INVALID', 'a player is in the ticket twice');
      }
      for (const spec of this.#same) {
        if (attributeOf(player, spec) === attributeOf(first, spec)) continue;
        const text = `the players of a party differ in ${spec.name}, which must be the same in a match`;
        return refuse('TICKET_INVALID', text);
      }
    }
    return undefined;
  }
}

export function refuse(code: ErrorCode, message: string): Refusal {
  return { ok: false, code, message };
}

function suits({ type }: AttributeSpec, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value.length <= limits.attributeText;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'string_list':
      return (
        Array.isArray(value) &&
        value.length <= limits.attributeEntries &&
        value.every((each) => typeof each === 'string' && each.length <= limits.attributeText)
      );
    case 'string_number_map':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.entries(value).length <= limits.attributeEntries &&
        Object.entries(value).every(([key, each]) => key.length <= limits.attributeText && Number.isFinite(each))
      );
  }
}
