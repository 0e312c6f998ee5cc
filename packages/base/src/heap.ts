/** A binary min-heap by a numeric key; equal keys come out in the order they went in, so that replays are exact. */
export class Heap<T> {
  readonly #keys: number[] = [];
  readonly #orders: number[] = [];
  readonly #values: T[] = [];
  #order = 0;

  get size(): number {
    return this.#keys.length;
  }

  /** The smallest key, or Infinity when empty. */
  get minKey(): number {
    return this.#keys.length === 0 ? Number.POSITIVE_INFINITY : (this.#keys[0] as number);
  }

  push(key: number, value: T): void {
    let i = this.#keys.length;
    const order = this.#order++;
    this.#keys.push(key);
    this.#orders.push(order);
    this.#values.push(value);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  pop(): T | undefined {
    const last = this.#keys.length - 1;
    if (last < 0) return undefined;
    this.#swap(0, last);
    const value = this.#values.pop() as T;
    this.#keys.pop();
    this.#orders.pop();
    let i = 0;
    while (true) {
      const left = 2 * i + 1;
      if (left >= last) break;
      const right = left + 1;
      const child = right < last && this.#before(right, left) ? right : left;
      if (!this.#before(child, i)) break;
      this.#swap(i, child);
      i = child;
    }
    return value;
  }

  #before(a: number, b: number): boolean {
    const ka = this.#keys[a] as number;
    const kb = this.#keys[b] as number;
    return ka < kb || (ka === kb && (this.#orders[a] as number) < (this.#orders[b] as number));
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    [this.#keys[a], this.#keys[b]] = [this.#keys[b] as number, this.#keys[a] as number];
    [this.#orders[a], this.#orders[b]] = [this.#orders[b] as number, this.#orders[a] as number];
    [this.#values[a], this.#values[b]] = [this.#values[b] as T, this.#values[a] as T];
  }
}
