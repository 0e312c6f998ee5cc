/**
 * Whether a ticket can be matched by a rule set at all: what never could is refused when it comes, not left to wait. What the pool is to know of it is read in
 * the same pass.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { Constraints } from './constraints.ts';
import { PlaceReader, limits as placeLimits } from './place-reader.ts';
import type { Aggregation, AttributeSpec, AttributeValue, Player, Ticket } from './rule-set.ts';
import { Packing } from './teams.ts';

export const limits = {
  /** Players of a party. */
  party: 40,
  attributes: 64,
  /** Characters of a text, entries of a list or map: a block list of FlexMatch's has up to a hundred. */
  attributeText: 256,
  attributeEntries: 100,
  places: placeLimits.places,
} as const;

export type Admission = { readonly ok: true } | Refusal;
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
}

export class Door {
  readonly places: PlaceReader;
  /** Of the ticket that was read last: its value in each column. */
  readonly columns: Float64Array;
  /** Of the ticket that was read last: texts that all of its match share. */
  part = '';
  readonly #specs: readonly AttributeSpec[];
  readonly #indices: ReadonlyMap<string, number>;
  readonly #required: readonly number[];
  /** By size, whether a party of so many finds room in a team at some level. */
  readonly #roomFor: readonly boolean[];
  readonly #latencyNeeded: boolean;
  /** What stands where in players' attributes: most have the same ones in the same order, and then no name is looked up. */
  readonly #expected: string[] = [];
  readonly #expectedSpecs = new Int32Array(limits.attributes);
  /** By spec: of the player who is read, its number and its text; and who said it last, because those of players before stand there too. */
  readonly #isNumber: readonly boolean[];
  readonly #numbers: Float64Array;
  readonly #texts: (AttributeValue | undefined)[];
  readonly #saidBy: Float64Array;
  readonly #defaults: Float64Array;
  #player = 0;
  /** By column: its spec, −1 for none, and how a party's values become one. */
  readonly #columnSpecs: Int32Array;
  readonly #parties: readonly Aggregation[];
  /** Texts that must be the same: their specs, and what the first player of the ticket has. */
  readonly #same: readonly number[];
  readonly #firsts: (AttributeValue | undefined)[];
  #differing = -1;

  constructor(constraints: Constraints) {
    const { ruleSet, levels, sameAttributes, columns } = constraints;
    const specs = ruleSet.attributes;
    const known = [...specs.keys()];
    this.places = new PlaceReader(constraints);
    this.#specs = specs;
    this.#indices = new Map(specs.map(({ name }, i) => [name, i]));
    this.#required = known.filter((i) => specs[i]?.default === undefined);
    this.#same = known.filter((i) => sameAttributes.includes(specs[i]?.name ?? ''));
    this.#firsts = this.#same.map(() => undefined);
    this.#latencyNeeded = levels.every(({ hasLatency, maxLatencyMs }) => hasLatency && maxLatencyMs < Number.POSITIVE_INFINITY);
    const packings = levels.map(({ teams }) => new Packing(teams));
    this.#roomFor = Array.from({ length: limits.party + 1 }, (_, size) => {
      const counts = new Uint8Array(limits.party + 1);
      counts[size] = 1;
      return packings.some((packing) => packing.fits(packing.keyOf(counts), counts));
    });
    this.#isNumber = specs.map(({ type }) => type === 'number');
    this.#numbers = new Float64Array(specs.length);
    this.#texts = specs.map(() => undefined);
    this.#saidBy = new Float64Array(specs.length);
    this.#defaults = Float64Array.from(specs, (spec) => (typeof spec.default === 'number' ? spec.default : 0));
    this.columns = new Float64Array(columns.length);
    this.#columnSpecs = Int32Array.from(columns, ({ attribute }) => this.#indices.get(attribute) ?? -1);
    this.#parties = columns.map(({ party }) => party);
  }

  /** undefined: it may come in, and what the pool needs of it stands in `columns`, `places.masks` and `part` until the next one is read. */
  read({ players }: Ticket): Refusal | undefined {
    if (players.length === 0 || players.length > limits.party) {
      return refuse('TICKET_INVALID', `a ticket has 1 to ${limits.party} players, not ${players.length}`);
    }
    if (this.#roomFor[players.length] !== true) {
      return refuse('TICKET_INVALID', `a party of ${players.length} has no room in any team`);
    }
    this.places.begin();
    this.#differing = -1;
    for (let nth = 0; nth < players.length; nth++) {
      const player = players[nth] as Player;
      const trouble = this.#readAttributes(player.attributes) ?? this.#readPlaces(player.latencyMs, nth);
      if (trouble !== undefined) return refuse('TICKET_INVALID', `player ${player.id}: ${trouble}`);
      this.#addValues(nth);
      this.#addTexts(nth);
    }
    if (players.length > 1) {
      const trouble = this.#partyTrouble(players);
      if (trouble !== undefined) return refuse('TICKET_INVALID', trouble);
      for (let c = 0; c < this.columns.length; c++)
        if (this.#parties[c] === 'avg') this.columns[c] = (this.columns[c] as number) / players.length;
    }
    this.places.finish(players.length);
    this.part = this.#partOf();
    return undefined;
  }

  #readAttributes(attributes: Player['attributes']): string | undefined {
    const player = ++this.#player;
    let named = 0;
    for (const name in attributes) {
      const value = attributes[name];
      if (named === limits.attributes) return `more than ${limits.attributes} attributes`;
      const spec = this.#expected[named] === name ? (this.#expectedSpecs[named] as number) : this.#specOf(name, named);
      named++;
      if (spec < 0) return `the rule set has no attribute ${name}`;
      if (this.#isNumber[spec] === true) {
        if (typeof value !== 'number' || !Number.isFinite(value)) return `${name} is not a number`;
        this.#numbers[spec] = value;
      } else {
        if (!suits(this.#specs[spec] as AttributeSpec, value)) return `${name} is not a ${this.#specs[spec]?.type}`;
        this.#texts[spec] = value as AttributeValue;
      }
      this.#saidBy[spec] = player;
    }
    if (named === this.#specs.length) return undefined;
    for (const spec of this.#required)
      if (this.#saidBy[spec] !== player) return `${this.#specs[spec]?.name} is missing, and has no default`;
    return undefined;
  }

  #readPlaces(latencyMs: Player['latencyMs'], nth: number): string | undefined {
    const places = this.places.read(latencyMs, nth);
    if (typeof places === 'string') return places;
    return this.#latencyNeeded && places === 0 ? 'latencies are missing, and the rules ask for them' : undefined;
  }

  /** A party has one value: the sum for now where it is the mean. */
  #addValues(nth: number): void {
    const { columns } = this;
    for (let c = 0; c < columns.length; c++) {
      const spec = this.#columnSpecs[c] as number;
      let value = 0;
      if (spec >= 0) value = (this.#saidBy[spec] === this.#player ? this.#numbers[spec] : this.#defaults[spec]) as number;
      if (nth === 0) columns[c] = value;
      else if (this.#parties[c] === 'avg') columns[c] = (columns[c] as number) + value;
      else
        columns[c] = this.#parties[c] === 'min' ? Math.min(columns[c] as number, value) : Math.max(columns[c] as number, value);
    }
  }

  #addTexts(nth: number): void {
    const same = this.#same;
    for (let s = 0; s < same.length; s++) {
      const spec = same[s] as number;
      const text = this.#saidBy[spec] === this.#player ? this.#texts[spec] : this.#specs[spec]?.default;
      if (nth === 0) this.#firsts[s] = text;
      else if (text !== this.#firsts[s] && this.#differing < 0) this.#differing = spec;
    }
  }

  /** Players of different texts cannot be in one match, so they are not even neighbours. */
  #partOf(): string {
    if (this.#firsts.length === 0) return '';
    const [first] = this.#firsts;
    if (this.#firsts.length > 1) return JSON.stringify(this.#firsts);
    return typeof first === 'string' ? first : String(first);
  }

  /** Of a party whose players can never be in one match. */
  #partyTrouble(players: readonly Player[]): string | undefined {
    for (let i = 1; i < players.length; i++) {
      for (let before = 0; before < i; before++)
        if (players[before]?.id === players[i]?.id) return 'a player is in the ticket twice';
    }
    if (this.#differing < 0) return undefined;
    return `the players of a party differ in ${this.#specs[this.#differing]?.name}, which must be the same in a match`;
  }

  #specOf(name: string, nth: number): number {
    const spec = this.#indices.get(name);
    if (spec === undefined) return -1;
    this.#expected[nth] = name;
    this.#expectedSpecs[nth] = spec;
    return spec;
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
