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
    // The newcomer is put down once, where it belongs; whoever is later makes room. It comes after its equals.
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((this.#keys[parent] as number) <= key) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#put(i, key, order, value);
  }

  pop(): T | undefined {
    const size = this.#keys.length - 1;
    if (size < 0) return undefined;
    const first = this.#values[0] as T;
    const key = this.#keys.pop() as number;
    const order = this.#orders.pop() as number;
    const value = this.#values.pop() as T;
    if (size === 0) return first;
    // The last one is put down where the smaller children leave it a place.
    let i = 0;
    while (true) {
      const left = 2 * i + 1;
      if (left >= size) break;
      const right = left + 1;
      const child = right < size && this.#before(right, left) ? right : left;
      const childKey = this.#keys[child] as number;
      if (key < childKey || (key === childKey && order < (this.#orders[child] as number))) break;
      this.#move(child, i);
      i = child;
    }
    this.#put(i, key, order, value);
    return first;
  }

  #before(a: number, b: number): boolean {
    const ka = this.#keys[a] as number;
    const kb = this.#keys[b] as number;
    return ka < kb || (ka === kb && (this.#orders[a] as number) < (this.#orders[b] as number));
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    this.#values[to] = this.#values[from] as T;
  }

  #put(at: number, key: number, order: number, value: T): void {
    this.#keys[at] = key;
    this.#orders[at] = order;
    this.#values[at] = value;
  }
}
