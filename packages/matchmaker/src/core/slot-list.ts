/** A list of slots that grows: a plain array of a hundred thousand numbers is copied and collected many times before it has them all. */
export class SlotList {
  #slots = new Int32Array(256);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(slot: number): void {
    if (this.#count === this.#slots.length) this.#grow();
    this.#slots[this.#count++] = slot;
  }

  /** −1: there is none. */
  pop(): number {
    return this.#count === 0 ? -1 : (this.#slots[--this.#count] as number);
  }

  /** What it holds, until something is pushed. */
  get all(): Int32Array {
    return this.#slots.subarray(0, this.#count);
  }

  clear(): void {
    this.#count = 0;
  }

  #grow(): void {
    const slots = new Int32Array(4 * this.#count);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}
