/**
 * Sorts slots by their values, and equal ones by slot. Many are sorted digit by digit (a radix sort): the bits of a float, read as a whole number, stand in the
 * order of the floats once the negative ones are turned around, and a pool of 100,000 is ordered without a single comparison. A few are put in their places.
 */

/** Up to so many are put in their places one by one. */
const fewMax = 48;
const digitBits = 11;
const digits = 1 << digitBits;
const lowDigits = digits - 1;
/** Of a word of 32 bits: 11, 11 and 10. A float has two words. */
const shifts = [0, digitBits, 2 * digitBits] as const;

/** What is sorted and where it goes, in turns: slots, and the two words of their values. One sort at a time, so all share them. */
class Rows {
  slots = new Int32Array(0);
  low = new Uint32Array(0);
  high = new Uint32Array(0);

  reserve(count: number): void {
    if (this.slots.length >= count) return;
    this.slots = new Int32Array(2 * count);
    this.low = new Uint32Array(2 * count);
    this.high = new Uint32Array(2 * count);
  }
}
let [rows, spare] = [new Rows(), new Rows()];
const starts = new Uint32Array(digits);
const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

export class SlotSort {
  readonly #valuesOf: () => Float64Array;

  constructor(valuesOf: () => Float64Array) {
    this.#valuesOf = valuesOf;
  }

  /** The first `count` of them. */
  sort(slots: Int32Array, count: number): void {
    if (count < 2) return;
    const values = this.#valuesOf();
    if (count <= fewMax) {
      placeEach(slots, count, values);
      return;
    }
    if (!ascending(slots, count)) slots.subarray(0, count).sort();
    rows.reserve(count);
    spare.reserve(count);
    read(slots, count, values);
    for (const shift of shifts) deal(rows.low, shift, count);
    for (const shift of shifts) deal(rows.high, shift, count);
    slots.set(rows.slots.subarray(0, count));
  }
}

function read(slots: Int32Array, count: number, values: Float64Array): void {
  const { slots: own, low, high } = rows;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    // −0 is 0.
    float[0] = (values[slot] as number) + 0;
    const negative = (words[1] as number) >>> 31 === 1;
    own[i] = slot;
    low[i] = negative ? ~(words[0] as number) : (words[0] as number);
    high[i] = negative ? ~(words[1] as number) : (words[1] as number) | 0x8000_0000;
  }
}

/** By one digit; those with the same one stay in their order. */
function deal(word: Uint32Array, shift: number, count: number): void {
  starts.fill(0);
  for (let i = 0; i < count; i++) {
    const digit = ((word[i] as number) >>> shift) & lowDigits;
    starts[digit] = (starts[digit] as number) + 1;
  }
  // All have the same.
  if (starts[((word[0] as number) >>> shift) & lowDigits] === count) return;
  for (let digit = 0, sum = 0; digit < digits; digit++) {
    const own = starts[digit] as number;
    starts[digit] = sum;
    sum += own;
  }
  const { slots, low, high } = rows;
  const { slots: toSlots, low: toLow, high: toHigh } = spare;
  for (let i = 0; i < count; i++) {
    const digit = ((word[i] as number) >>> shift) & lowDigits;
    const to = starts[digit] as number;
    starts[digit] = to + 1;
    toSlots[to] = slots[i] as number;
    toLow[to] = low[i] as number;
    toHigh[to] = high[i] as number;
  }
  [rows, spare] = [spare, rows];
}

function ascending(slots: Int32Array, count: number): boolean {
  for (let i = 1; i < count; i++) if ((slots[i - 1] as number) > (slots[i] as number)) return false;
  return true;
}

function placeEach(slots: Int32Array, count: number, values: Float64Array): void {
  for (let i = 1; i < count; i++) {
    const slot = slots[i] as number;
    const value = values[slot] as number;
    let at = i;
    for (; at > 0; at--) {
      const before = slots[at - 1] as number;
      const its = values[before] as number;
      if (its < value || (its === value && before < slot)) break;
      slots[at] = before;
    }
    slots[at] = slot;
  }
}
