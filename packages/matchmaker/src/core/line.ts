/**
 * Tickets in the order of one number, for looking at a ticket's neighbours outwards: a list that is linked by slot, so that stepping and removal cost
 * the same whatever the size of the pool, with a head for each few dozen tickets, so that a place is found by a binary search.
 *
 *   heads    ●────────────────●──────────────●
 *   tickets  12 ⇄ 7 ⇄ 90 ⇄ … ⇄ 31 ⇄ 4 ⇄ …  ⇄ 55 ⇄ 8 ⇄ …
 *
 * What comes is linked when somebody looks next: many at once are sorted and merged, which is many times cheaper than finding each its place.
 */
import { SlotList } from './slot-list.ts';
import { SlotSort } from './slot-sort.ts';

/** Tickets between two heads. */
const chunkMax = 96;
const chunkFilled = 48;

/** By slot, shared by all lines of a pool: a ticket is in one of them. */
export class Links {
  /** Values by slot, owned by the pool. */
  values: Float64Array = new Float64Array(0);
  /** The next lower and the next higher ticket, −1: there is none. */
  lower = new Int32Array(0);
  higher = new Int32Array(0);
  /** Which line, and which of its chunks; `coming`: it is to be linked, `none`: it is in no line. */
  line = new Int32Array(0);
  chunk = new Int32Array(0);

  grow(capacity: number, values: Float64Array): void {
    const grown = (from: Int32Array) => {
      const to = new Int32Array(capacity);
      to.set(from);
      return to;
    };
    this.values = values;
    this.lower = grown(this.lower);
    this.higher = grown(this.higher);
    this.line = grown(this.line);
    this.chunk = grown(this.chunk);
  }
}

const none = -1;
const coming = -2;

export class Line {
  readonly #id: number;
  readonly #links: Links;
  readonly #sort: SlotSort;
  /** Chunks in their order; for each its first ticket and how many it has. */
  #order: number[] = [];
  #heads: number[] = [];
  #counts: number[] = [];
  #freeChunks: number[] = [];
  readonly #coming = new SlotList();
  #size = 0;

  constructor(id: number, links: Links) {
    this.#id = id;
    this.#links = links;
    this.#sort = new SlotSort(() => links.values);
  }

  /** Nothing has come since somebody looked. */
  get settled(): boolean {
    return this.#coming.count === 0;
  }

  /** It is to be in the line when it is looked at next. */
  insert(slot: number): void {
    this.#links.line[slot] = this.#id;
    this.#links.chunk[slot] = coming;
    this.#coming.push(slot);
  }

  remove(slot: number): void {
    const { lower, higher, chunk } = this.#links;
    const c = chunk[slot] as number;
    chunk[slot] = none;
    if (c < 0) return;
    this.#size--;
    const [below, above] = [lower[slot] as number, higher[slot] as number];
    if (below >= 0) higher[below] = above;
    if (above >= 0) lower[above] = below;
    const left = (this.#counts[c] as number) - 1;
    this.#counts[c] = left;
    if (left === 0) {
      this.#order.splice(this.#orderOf(slot, c), 1);
      this.#freeChunks.push(c);
    } else if (this.#heads[c] === slot) this.#heads[c] = above;
  }

  /** Links what has come. */
  settle(): void {
    const { chunk, line } = this.#links;
    const came = this.#coming.all;
    if (came.length === 0) return;
    this.#coming.clear();
    if (came.length > 16 && 8 * came.length > this.#size) {
      this.#merge(came);
      return;
    }
    // One that went and came again stands there twice, or belongs to another line by now.
    for (let i = 0; i < came.length; i++) {
      const slot = came[i] as number;
      if (chunk[slot] === coming && line[slot] === this.#id) this.#link(slot);
    }
  }

  #link(slot: number): void {
    const { lower, higher, chunk } = this.#links;
    this.#size++;
    if (this.#order.length === 0) {
      lower[slot] = higher[slot] = none;
      this.#order.push(this.#newChunk(slot, 1));
      chunk[slot] = this.#order[0] as number;
      return;
    }
    const at = this.#orderBefore(slot);
    const c = this.#order[at] as number;
    const head = this.#heads[c] as number;
    chunk[slot] = c;
    const count = (this.#counts[c] as number) + 1;
    this.#counts[c] = count;
    if (this.#after(head, slot)) {
      // Before the first of all.
      lower[slot] = none;
      higher[slot] = head;
      lower[head] = slot;
      this.#heads[c] = slot;
    } else {
      let below = head;
      for (let i = 1; i < count - 1; i++) {
        const next = higher[below] as number;
        if (this.#after(next, slot)) break;
        below = next;
      }
      const above = higher[below] as number;
      lower[slot] = below;
      higher[slot] = above;
      higher[below] = slot;
      if (above >= 0) lower[above] = slot;
    }
    if (count > chunkMax) this.#split(at, c, count);
  }

  #split(at: number, c: number, count: number): void {
    const { higher, chunk } = this.#links;
    const kept = count >> 1;
    let slot = this.#heads[c] as number;
    for (let i = 0; i < kept; i++) slot = higher[slot] as number;
    this.#counts[c] = kept;
    const made = this.#newChunk(slot, count - kept);
    this.#order.splice(at + 1, 0, made);
    for (let i = kept; i < count; i++) {
      chunk[slot] = made;
      slot = higher[slot] as number;
    }
  }

  /** All of them anew: those that were there are in order already. */
  #merge(came: Int32Array): void {
    const { lower, higher, chunk, line } = this.#links;
    const fresh = new Int32Array(came.length);
    let count = 0;
    for (let i = 0; i < came.length; i++) {
      const slot = came[i] as number;
      if (chunk[slot] !== coming || line[slot] !== this.#id) continue;
      chunk[slot] = none;
      fresh[count++] = slot;
    }
    this.#sort.sort(fresh, count);
    let old = this.#order.length === 0 ? none : (this.#heads[this.#order[0] as number] as number);
    this.#order = [];
    this.#heads = [];
    this.#counts = [];
    this.#freeChunks = [];
    this.#size += count;
    let [below, c] = [none, none];
    for (let f = 0, i = 0; i < this.#size; i++) {
      let slot: number;
      if (f < count && (old < 0 || this.#after(old, fresh[f] as number))) slot = fresh[f++] as number;
      else {
        slot = old;
        old = higher[old] as number;
      }
      if (i % chunkFilled === 0) {
        c = this.#newChunk(slot, 0);
        this.#order.push(c);
      }
      chunk[slot] = c;
      this.#counts[c] = (this.#counts[c] as number) + 1;
      lower[slot] = below;
      if (below >= 0) higher[below] = slot;
      below = slot;
    }
    if (below >= 0) higher[below] = none;
  }

  #newChunk(head: number, count: number): number {
    const c = this.#freeChunks.pop() ?? this.#heads.length;
    this.#heads[c] = head;
    this.#counts[c] = count;
    return c;
  }

  /** The last chunk whose head is not after the ticket; the first one if all are. */
  #orderBefore(slot: number): number {
    let [low, high] = [0, this.#order.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#after(this.#heads[this.#order[middle] as number] as number, slot)) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** Where the chunk stands, whose only ticket is or was this one. */
  #orderOf(slot: number, c: number): number {
    const at = this.#orderBefore(slot);
    return this.#order[at] === c ? at : this.#order.indexOf(c);
  }

  /** Equal values are ordered by slot, so that each ticket has exactly one place. */
  #after(a: number, b: number): boolean {
    const { values } = this.#links;
    const [va, vb] = [values[a] as number, values[b] as number];
    return va > vb || (va === vb && a > b);
  }
}
