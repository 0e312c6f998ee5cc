/** Sorts slots by their values, and equal ones by slot: a merge sort on typed arrays, without a function called for each comparison. */

export class SlotSort {
  readonly #valuesOf: () => Float64Array;
  #spare = new Int32Array(0);
  #keys = new Float64Array(0);
  #spareKeys = new Float64Array(0);

  constructor(valuesOf: () => Float64Array) {
    this.#valuesOf = valuesOf;
  }

  /** The first `count` of them. Who comes with the same value in the order of their slots leaves so: equals stay as they are. */
  sort(slots: Int32Array, count: number): void {
    if (count < 2) return;
    if (this.#spare.length < count) {
      this.#spare = new Int32Array(count);
      this.#keys = new Float64Array(count);
      this.#spareKeys = new Float64Array(count);
    }
    slots.subarray(0, count).sort();
    const values = this.#valuesOf();
    let [from, to]: [Int32Array, Int32Array] = [slots, this.#spare];
    let [fromKeys, toKeys] = [this.#keys, this.#spareKeys];
    for (let i = 0; i < count; i++) fromKeys[i] = values[slots[i] as number] as number;
    for (let width = 1; width < count; width *= 2) {
      for (let start = 0; start < count; start += 2 * width) {
        const middle = Math.min(start + width, count);
        const end = Math.min(start + 2 * width, count);
        let [a, b] = [start, middle];
        for (let at = start; at < end; at++) {
          const takeA = a < middle && (b >= end || (fromKeys[a] as number) <= (fromKeys[b] as number));
          const i = takeA ? a++ : b++;
          to[at] = from[i] as number;
          toKeys[at] = fromKeys[i] as number;
        }
      }
      [from, to] = [to, from];
      [fromKeys, toKeys] = [toKeys, fromKeys];
    }
    if (from !== slots) slots.set(from.subarray(0, count));
  }
}
