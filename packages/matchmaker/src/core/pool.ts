/**
 * The tickets that wait in one queue, as columns: what the former looks at for thousands of candidates is in typed arrays by slot; the tickets
 * themselves are looked at once, when they come.
 */
import { assert } from '@horizon-atlas/base';
import type { Door } from './admission.ts';
import type { Constraints } from './constraints.ts';
import { Line, Links } from './line.ts';
import { limits as placeLimits } from './place-reader.ts';
import type { Ticket } from './rule-set.ts';
import { SlotList } from './slot-list.ts';

export class Pool {
  readonly constraints: Constraints;
  /** Names of places, by bit. */
  readonly places: readonly string[];
  /** By place: players who can play there before their rules loosen. Counted only where the rule set prefers places by it. */
  readonly population = new Float64Array(placeLimits.places);
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
  /** Slots that have had a ticket. */
  #used = 0;
  readonly #lines = new Map<string, Line>();
  readonly #byId: Line[] = [];
  readonly #unsettled: Line[] = [];
  /** When each level begins, ms of age. */
  readonly #starts: Float64Array;
  readonly #counted: boolean;
  readonly #free = new SlotList();
  #turns = new Uint32Array(0);
  #capacity = 0;
  readonly #door: Door;
  /** The line that the last ticket went to, and its texts: the next one often has the same. */
  #lastLine: Line | undefined;
  #lastPart = '';

  /** @param door has read each ticket that is added, just before */
  constructor(constraints: Constraints, door: Door) {
    this.constraints = constraints;
    this.#door = door;
    this.places = door.places.names;
    this.columns = constraints.columns.map(() => new Float64Array(0));
    this.masks = constraints.levels.map(() => new Int32Array(0));
    this.#starts = Float64Array.from(constraints.levels, ({ fromMs }) => fromMs);
    const { algorithm } = constraints.ruleSet;
    this.#counted = algorithm.batchingPreference === 'largestPopulation' && constraints.levels[0]?.hasLatency === true;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get count(): number {
    return this.#count;
  }

  /** Slots with tickets in them. */
  *slots(): IterableIterator<number> {
    for (let slot = 0; slot < this.#used; slot++) if (this.tickets[slot] !== undefined) yield slot;
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

  /** Of the ticket that the door has just let in. */
  add(ticket: Ticket): number {
    const free = this.#free.pop();
    const slot = free >= 0 ? free : this.#used++;
    if (slot >= this.#capacity) this.#grow();
    this.tickets[slot] = ticket;
    this.size[slot] = ticket.players.length;
    this.createdMs[slot] = ticket.createdMs;
    this.priority[slot] = ticket.priority ?? 0;
    this.#turns[slot] = (this.#turns[slot] as number) + 1;
    const { columns, part } = this.#door;
    const { masks } = this.#door.places;
    for (let c = 0; c < columns.length; c++) (this.columns[c] as Float64Array)[slot] = columns[c] as number;
    for (let l = 0; l < masks.length; l++) (this.masks[l] as Int32Array)[slot] = masks[l] as number;
    if (this.#counted) this.#populate(slot, ticket.players.length);
    this.#count++;
    const line = this.#lastLine !== undefined && part === this.#lastPart ? this.#lastLine : this.#line(part);
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

  #populate(slot: number, by: number): void {
    for (let left = (this.masks[0] as Int32Array)[slot] as number; left !== 0; left &= left - 1) {
      const place = 31 - Math.clz32(left & -left);
      this.population[place] = (this.population[place] as number) + by;
    }
  }

  #line(part: string): Line {
    let line = this.#lines.get(part);
    if (!line) {
      line = new Line(this.#byId.length, this.links);
      this.#byId.push(line);
      this.#lines.set(part, line);
    }
    this.#lastLine = line;
    this.#lastPart = part;
    return line;
  }

  #grow(): void {
    // Each growth copies everything, so a pool that is still small grows by more.
    this.#capacity = Math.max(1024, this.#capacity * (this.#capacity < 65_536 ? 4 : 2));
    const capacity = this.#capacity;
    this.tickets.length = capacity;
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

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
