/** Moments at which somebody has to look at something. What was looked at in the meantime is recognised by whoever looks. */
import { Heap } from '@horizon-atlas/base';

export class Deadlines<T> {
  readonly #heap = new Heap<T>();

  get dueMs(): number {
    return this.#heap.minKey;
  }

  add(atMs: number, what: T): void {
    this.#heap.push(atMs, what);
  }

  passed(nowMs: number): readonly T[] {
    const found: T[] = [];
    while (this.#heap.minKey <= nowMs) found.push(this.#heap.pop() as T);
    return found;
  }
}

/** What is over and still told of: the oldest is forgotten after a while, or when there are too many. */
export class Kept<T> {
  readonly #most: number;
  readonly #keptMs: number;
  #items: { readonly atMs: number; readonly what: T }[] = [];
  #first = 0;

  constructor(most: number, keptMs: number) {
    this.#most = most;
    this.#keptMs = keptMs;
  }

  add(what: T, nowMs: number): void {
    this.#items.push({ atMs: nowMs, what });
  }

  /** Those that are to be forgotten now. */
  passed(nowMs: number): readonly T[] {
    const found: T[] = [];
    while (this.#first < this.#items.length) {
      const item = this.#items[this.#first];
      if (!item || (item.atMs + this.#keptMs > nowMs && this.#items.length - this.#first <= this.#most)) break;
      found.push(item.what);
      this.#first++;
    }
    if (this.#first > 1024 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return found;
  }
}
