/**
 * The tickets that wait in one queue, as columns: what the former looks at for thousands of candidates is in typed arrays by slot; the tickets
 * themselves are looked at once, when they come.
 */
import { assert } from '@horizon-atlas/base';
import type { Column, Constraints, LevelConstraints } from './constraints.ts';
import { partyLatency } from './judge.ts';
import { levelAt } from './levels.ts';
import { Line } from './line.ts';
import { type AttributeSpec, aggregate, attributeOf, type Player, type Ticket } from './rule-set.ts';

export const limits = {
  /** Places that latencies may name in one queue: a bit each. */
  places: 31,
} as const;

export class Pool {
  readonly constraints: Constraints;
  /** Names of places, by bit. */
  readonly places: string[] = [];
  readonly tickets: (Ticket | undefined)[] = [];
  size = new Uint8Array(0);
  createdMs = new Float64Array(0);
  priority = new Int8Array(0);
  /** For each column the values by slot. */
  columns: Float64Array[];
  /** For each level the places that are near enough, by slot. */
  masks: Int32Array[];
  readonly #slots = new Map<string, number>();
  readonly #lines = new Map<string, Line>();
  readonly #lineOf: Line[] = [];
  readonly #free: number[] = [];
  readonly #turns: number[] = [];
  readonly #specs: readonly (AttributeSpec | undefined)[];
  readonly #same: readonly AttributeSpec[];
  #capacity = 0;

  constructor(constraints: Constraints) {
    this.constraints = constraints;
    this.columns = constraints.columns.map(() => new Float64Array(0));
    this.masks = constraints.levels.map(() => new Int32Array(0));
    const { attributes } = constraints.ruleSet;
    this.#specs = constraints.columns.map(({ attribute }) => attributes.find(({ name }) => name === attribute));
    this.#same = attributes.filter(({ name }) => constraints.sameAttributes.includes(name));
  }

  get count(): number {
    return this.#slots.size;
  }

  slotOf(ticket: string): number | undefined {
    return this.#slots.get(ticket);
  }

  slots(): IterableIterator<number> {
    return this.#slots.values();
  }

  lineOf(slot: number): Line {
    return this.#lineOf[slot] as Line;
  }

  /** How many tickets have been in the slot: tells a ticket from the one that had its slot before. */
  turnOf(slot: number): number {
    return this.#turns[slot] ?? 0;
  }

  levelAt(slot: number, nowMs: number): number {
    return levelAt(this.constraints.levels, nowMs - (this.createdMs[slot] as number));
  }

  /** Of a ticket that `admission` has let in. */
  add(ticket: Ticket): number {
    assert(!this.#slots.has(ticket.id), 'a ticket is in the pool once');
    const slot = this.#free.pop() ?? this.tickets.length;
    if (slot >= this.#capacity) this.#grow();
    this.tickets[slot] = ticket;
    this.size[slot] = ticket.players.length;
    this.createdMs[slot] = ticket.createdMs;
    this.priority[slot] = ticket.priority ?? 0;
    this.#turns[slot] = this.turnOf(slot) + 1;
    for (let c = 0; c < this.columns.length; c++) (this.columns[c] as Float64Array)[slot] = this.#numberOf(ticket, c);
    this.#mask(slot, ticket);
    this.#slots.set(ticket.id, slot);
    const line = this.#line(this.#partOf(ticket));
    this.#lineOf[slot] = line;
    line.insert(slot);
    return slot;
  }

  remove(slot: number): Ticket {
    const ticket = this.tickets[slot];
    assert(ticket !== undefined, 'there is a ticket in the slot');
    this.lineOf(slot).remove(slot);
    this.tickets[slot] = undefined;
    this.#slots.delete(ticket.id);
    this.#free.push(slot);
    return ticket;
  }

  #numberOf({ players }: Ticket, column: number): number {
    const spec = this.#specs[column];
    if (!spec) return 0;
    if (players.length === 1) return numberOf(players[0] as Player, spec);
    return aggregate(
      players.map((player) => numberOf(player, spec)),
      (this.constraints.columns[column] as Column).party,
    );
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
    for (const { latencyMs } of players) for (const place in latencyMs) this.#name(place);
    const only = players.length === 1 ? players[0]?.latencyMs : undefined;
    const all = only === undefined ? players.map(({ latencyMs }) => latencyMs) : [];
    for (let l = 0; l < levels.length; l++)
      (this.masks[l] as Int32Array)[slot] = (levels[l] as LevelConstraints).hasLatency ? 0 : -1;
    for (let bit = 0; bit < this.places.length; bit++) {
      const place = this.places[bit] as string;
      for (let l = 0; l < levels.length; l++) {
        const { hasLatency, latencyParty, maxLatencyMs } = levels[l] as LevelConstraints;
        // Without a latency rule every place will do, for those too who know none.
        if (!hasLatency) continue;
        const latency = only === undefined ? partyLatency(all, place, latencyParty) : only[place];
        if (latency !== undefined && latency <= maxLatencyMs) {
          const mask = this.masks[l] as Int32Array;
          mask[slot] = (mask[slot] as number) | (1 << bit);
        }
      }
    }
  }

  #name(place: string): void {
    if (!this.places.includes(place) && this.places.length < limits.places) this.places.push(place);
  }

  #line(part: string): Line {
    let line = this.#lines.get(part);
    if (!line) {
      line = new Line(this.columns[0] as Float64Array);
      this.#lines.set(part, line);
    }
    return line;
  }

  #grow(): void {
    this.#capacity = Math.max(1024, this.#capacity * 2);
    const capacity = this.#capacity;
    this.size = grown(this.size, new Uint8Array(capacity));
    this.createdMs = grown(this.createdMs, new Float64Array(capacity));
    this.priority = grown(this.priority, new Int8Array(capacity));
    this.columns = this.columns.map((column) => grown(column, new Float64Array(capacity)));
    this.masks = this.masks.map((mask) => grown(mask, new Int32Array(capacity)));
    for (const line of this.#lines.values()) line.rebase(this.columns[0] as Float64Array);
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
