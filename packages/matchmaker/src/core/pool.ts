/**
 * The tickets that wait in one queue, as columns: what the former looks at for thousands of candidates is in typed arrays by slot; the tickets
 * themselves are looked at once, when they come.
 */
import { assert } from '@horizon-atlas/base';
import type { Column, Constraints, LevelConstraints } from './constraints.ts';
import { Line, Links } from './line.ts';
import { type AttributeSpec, aggregate, attributeOf, type Player, type Ticket } from './rule-set.ts';

export const limits = {
  /** Places that latencies may name in one queue: a bit each. */
  places: 31,
} as const;

export class Pool {
  readonly constraints: Constraints;
  /** Names of places, by bit. */
  readonly places: string[] = [];
  /** By place: players who can play there before their rules loosen. Counted only where the rule set prefers places by it. */
  readonly population = new Float64Array(limits.places);
  readonly tickets: (Ticket | undefined)[] = [];
  /** Players of the ticket; 0: the slot is empty. */
  size = new Uint8Array(0);
  createdMs = new Float64Array(0);
  priority = new Int8Array(0);
  /** For each column the values by slot. */
  columns: Float64Array[];
  /** For each level the places that are near enough, by slot. */
  masks: Int32Array[];
  readonly links = new Links();
  #count = 0;
  readonly #lines = new Map<string, Line>();
  readonly #byId: Line[] = [];
  readonly #unsettled: Line[] = [];
  /** When each level begins, ms of age. */
  readonly #starts: Float64Array;
  readonly #counted: boolean;
  readonly #free: number[] = [];
  #turns = new Uint32Array(0);
  readonly #specs: readonly (AttributeSpec | undefined)[];
  readonly #same: readonly AttributeSpec[];
  #capacity = 0;
  /** Values of a party's players; used again. */
  readonly #numbers: number[] = [];

  constructor(constraints: Constraints) {
    this.constraints = constraints;
    this.columns = constraints.columns.map(() => new Float64Array(0));
    this.masks = constraints.levels.map(() => new Int32Array(0));
    this.#starts = Float64Array.from(constraints.levels, ({ fromMs }) => fromMs);
    const { attributes, algorithm } = constraints.ruleSet;
    this.#counted = algorithm.batchingPreference === 'largestPopulation' && constraints.levels[0]?.hasLatency === true;
    this.#specs = constraints.columns.map(({ attribute }) => attributes.find(({ name }) => name === attribute));
    this.#same = attributes.filter(({ name }) => constraints.sameAttributes.includes(name));
  }

  get count(): number {
    return this.#count;
  }

  /** Slots with tickets in them. */
  *slots(): IterableIterator<number> {
    for (let slot = 0; slot < this.tickets.length; slot++) if (this.tickets[slot] !== undefined) yield slot;
  }

  lineOf(slot: number): Line {
    return this.#byId[this.links.line[slot] as number] as Line;
  }

  /** How many tickets have been in the slot: tells a ticket from the one that had its slot before. */
  turnOf(slot: number): number {
    return this.#turns[slot] ?? 0;
  }

  levelAt(slot: number, nowMs: number): number {
    const starts = this.#starts;
    const age = nowMs - (this.createdMs[slot] as number);
    let level = 0;
    while (level + 1 < starts.length && age >= (starts[level + 1] as number)) level++;
    return level;
  }

  /** Of a ticket that `admission` has let in. */
  add(ticket: Ticket): number {
    const slot = this.#free.pop() ?? this.tickets.length;
    if (slot >= this.#capacity) this.#grow();
    this.tickets[slot] = ticket;
    this.size[slot] = ticket.players.length;
    this.createdMs[slot] = ticket.createdMs;
    this.priority[slot] = ticket.priority ?? 0;
    this.#turns[slot] = this.turnOf(slot) + 1;
    for (let c = 0; c < this.columns.length; c++) (this.columns[c] as Float64Array)[slot] = this.#numberOf(ticket, c);
    this.#mask(slot, ticket);
    if (this.#counted) this.#populate(slot, ticket.players.length);
    this.#count++;
    const line = this.#line(this.#partOf(ticket));
    if (line.settled) this.#unsettled.push(line);
    line.insert(slot);
    return slot;
  }

  remove(slot: number): Ticket {
    const ticket = this.tickets[slot];
    assert(ticket !== undefined, 'there is a ticket in the slot');
    this.lineOf(slot).remove(slot);
    if (this.#counted) this.#populate(slot, -ticket.players.length);
    this.tickets[slot] = undefined;
    this.size[slot] = 0;
    this.#count--;
    this.#free.push(slot);
    return ticket;
  }

  /** Before neighbours are looked at: what has come takes its place among them. */
  settle(): void {
    for (const line of this.#unsettled) line.settle();
    this.#unsettled.length = 0;
  }

  #numberOf({ players }: Ticket, column: number): number {
    const spec = this.#specs[column];
    if (!spec) return 0;
    if (players.length === 1) return numberOf(players[0] as Player, spec);
    const { party } = this.constraints.columns[column] as Column;
    const values = this.#numbers;
    values.length = 0;
    for (const player of players) values.push(numberOf(player, spec));
    return aggregate(values, party);
  }

  /** Players of different texts cannot be in one match, so they are not even neighbours. */
  #partOf({ players }: Ticket): string {
    const [only, ...more] = this.#same;
    if (only === undefined) return '';
    const first = players[0] as Player;
    if (more.length === 0) return String(attributeOf(first, only));
    return JSON.stringify(this.#same.map((spec) => attributeOf(first, spec)));
  }

  #mask(slot: number, { players }: Ticket): void {
    const { levels } = this.constraints;
    let asked = false;
    for (let l = 0; l < levels.length; l++) {
      const { hasLatency } = levels[l] as LevelConstraints;
      asked ||= hasLatency;
      // Without a latency rule every place will do, for those too who know none.
      (this.masks[l] as Int32Array)[slot] = hasLatency ? 0 : -1;
    }
    for (const { latencyMs } of players) for (const place in latencyMs) this.#name(place);
    for (let bit = 0; asked && bit < this.places.length; bit++) this.#maskPlace(slot, players, bit);
  }

  #maskPlace(slot: number, players: readonly Player[], bit: number): void {
    const place = this.places[bit] as string;
    const alone = players.length === 1 ? players[0]?.latencyMs[place] : undefined;
    const values = this.#numbers;
    values.length = 0;
    for (let i = 0; alone === undefined && i < players.length; i++) {
      const value = players[i]?.latencyMs[place];
      // One of them cannot play there.
      if (value === undefined) return;
      values.push(value);
    }
    const { levels } = this.constraints;
    for (let l = 0; l < levels.length; l++) {
      const { hasLatency, latencyParty, maxLatencyMs } = levels[l] as LevelConstraints;
      if (!hasLatency || (alone ?? aggregate(values, latencyParty)) > maxLatencyMs) continue;
      const mask = this.masks[l] as Int32Array;
      mask[slot] = (mask[slot] as number) | (1 << bit);
    }
  }

  #populate(slot: number, by: number): void {
    for (let left = (this.masks[0] as Int32Array)[slot] as number; left !== 0; left &= left - 1) {
      const place = 31 - Math.clz32(left & -left);
      this.population[place] = (this.population[place] as number) + by;
    }
  }

  #name(place: string): void {
    if (!this.places.includes(place) && this.places.length < limits.places) this.places.push(place);
  }

  #line(part: string): Line {
    let line = this.#lines.get(part);
    if (!line) {
      line = new Line(this.#byId.length, this.links);
      this.#byId.push(line);
      this.#lines.set(part, line);
    }
    return line;
  }

  #grow(): void {
    // Each growth copies everything, so a pool that is still small grows by more.
    this.#capacity = Math.max(1024, this.#capacity * (this.#capacity < 65_536 ? 4 : 2));
    const capacity = this.#capacity;
    this.size = grown(this.size, new Uint8Array(capacity));
    this.createdMs = grown(this.createdMs, new Float64Array(capacity));
    this.priority = grown(this.priority, new Int8Array(capacity));
    this.columns = this.columns.map((column) => grown(column, new Float64Array(capacity)));
    this.masks = this.masks.map((mask) => grown(mask, new Int32Array(capacity)));
    const turns = new Uint32Array(capacity);
    turns.set(this.#turns);
    this.#turns = turns;
    this.links.grow(capacity, this.columns[0] as Float64Array);
  }
}

function numberOf(player: Player, spec: AttributeSpec): number {
  const value = attributeOf(player, spec);
  return typeof value === 'number' ? value : 0;
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
