/**
 * Tickets in the order of one number, for looking at a ticket's neighbours outwards: a list of sorted chunks. Insertion and removal cost a binary
 * search and a move within one chunk, whatever the size of the pool.
 */
const chunkMax = 256;

export class Line {
  /** Values by slot, owned by the pool. */
  #values: Float64Array;
  readonly #chunks: Int32Array[] = [];
  readonly #lengths: number[] = [];
  #size = 0;

  constructor(values: Float64Array) {
    this.#values = values;
  }

  get size(): number {
    return this.#size;
  }

  /** The pool has grown. */
  rebase(values: Float64Array): void {
    this.#values = values;
  }

  insert(slot: number): void {
    this.#size++;
    if (this.#chunks.length === 0) {
      this.#chunks.push(new Int32Array(chunkMax));
      this.#lengths.push(0);
    }
    let c = this.#chunkOf(slot);
    if (this.#lengths[c] === chunkMax) {
      this.#split(c);
      if (this.#after(slot, this.#first(c + 1))) c++;
    }
    const chunk = this.#chunks[c] as Int32Array;
    const length = this.#lengths[c] as number;
    const at = this.#placeIn(chunk, length, slot);
    chunk.copyWithin(at + 1, at, length);
    chunk[at] = slot;
    this.#lengths[c] = length + 1;
  }

  remove(slot: number): void {
    const c = this.#chunkOf(slot);
    const chunk = this.#chunks[c] as Int32Array;
    const length = this.#lengths[c] as number;
    const at = this.#placeIn(chunk, length, slot);
    if (chunk[at] !== slot || at >= length) return;
    this.#size--;
    chunk.copyWithin(at, at + 1, length);
    this.#lengths[c] = length - 1;
    if (length === 1 && this.#chunks.length > 1) {
      this.#chunks.splice(c, 1);
      this.#lengths.splice(c, 1);
    }
  }

  /** Sets `walk` on the ticket; it then steps to either side. */
  start(slot: number, walk: Walk): void {
    const c = this.#chunkOf(slot);
    const at = this.#placeIn(this.#chunks[c] as Int32Array, this.#lengths[c] as number, slot);
    walk.lowChunk = walk.highChunk = c;
    walk.low = at;
    walk.high = at;
  }

  /** The next lower ticket, or −1. */
  lower(walk: Walk): number {
    while (walk.low === 0) {
      if (walk.lowChunk === 0) return -1;
      walk.lowChunk--;
      walk.low = this.#lengths[walk.lowChunk] as number;
    }
    walk.low--;
    return (this.#chunks[walk.lowChunk] as Int32Array)[walk.low] as number;
  }

  /** The next higher ticket, or −1. */
  higher(walk: Walk): number {
    walk.high++;
    while (walk.high >= (this.#lengths[walk.highChunk] as number)) {
      if (walk.highChunk + 1 >= this.#chunks.length) {
        walk.high--;
        return -1;
      }
      walk.highChunk++;
      walk.high = 0;
    }
    return (this.#chunks[walk.highChunk] as Int32Array)[walk.high] as number;
  }

  /** The last chunk whose first is not after `slot`. */
  #chunkOf(slot: number): number {
    let [low, high] = [0, this.#chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#after(slot, this.#first(middle)) || this.#first(middle) === slot) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #first(chunk: number): number {
    return (this.#chunks[chunk] as Int32Array)[0] as number;
  }

  /** Where the ticket stands in a chunk, or would. */
  #placeIn(chunk: Int32Array, length: number, slot: number): number {
    let [low, high] = [0, length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#after(slot, chunk[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Equal values are ordered by slot, so that each ticket has exactly one place. */
  #after(a: number, b: number): boolean {
    const [va, vb] = [this.#values[a] as number, this.#values[b] as number];
    return va > vb || (va === vb && a > b);
  }

  #split(c: number): void {
    const half = chunkMax >> 1;
    const chunk = this.#chunks[c] as Int32Array;
    const upper = new Int32Array(chunkMax);
    upper.set(chunk.subarray(half, chunkMax));
    this.#chunks.splice(c + 1, 0, upper);
    this.#lengths.splice(c + 1, 0, chunkMax - half);
    this.#lengths[c] = half;
  }
}

/** A look around a ticket: how far it has come on either side. */
export class Walk {
  lowChunk = 0;
  low = 0;
  highChunk = 0;
  high = 0;
}
