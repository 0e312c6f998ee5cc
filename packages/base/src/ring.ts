import { assert } from './assert.ts';

/** A first-in-first-out queue of bounded length that allocates nothing after it has grown to its use. */
export class Ring<T> {
  #items: (T | undefined)[];
  #head = 0;
  #length = 0;
  readonly #max: number;

  constructor(max: number) {
    assert(max >= 1, 'a ring holds at least one item');
    this.#max = max;
    this.#items = new Array(Math.min(8, max));
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return this.#length === this.#max;
  }

  /** False when full: the caller has a stated answer for that. */
  push(item: T): boolean {
    if (this.#length === this.#max) return false;
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#length) % this.#items.length] = item;
    this.#length++;
    return true;
  }

  /** The i-th oldest item. */
  at(i: number): T | undefined {
    return i < 0 || i >= this.#length ? undefined : this.#items[(this.#head + i) % this.#items.length];
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#items.length;
    this.#length--;
    return item;
  }

  clear(): void {
    this.#items.fill(undefined);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const items = new Array<T | undefined>(Math.min(this.#max, this.#items.length * 2));
    for (let i = 0; i < this.#length; i++) items[i] = this.at(i);
    this.#items = items;
    this.#head = 0;
  }
}
