/** Copies of values, small ones side by side in blocks: memory of its own for each costs more than copying, then as it is let go of. */

const blockBytes = 64 * 1024;
/** Larger ones have memory of their own. */
const smallBytes = 4 * 1024;

export class ValueCopies {
  #block = new Uint8Array(0);
  #used = 0;

  /** Nobody may write to it: what is behind it is somebody else's. */
  copy(value: Uint8Array): Uint8Array {
    const { length } = value;
    if (length > smallBytes) return value.slice();
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(blockBytes);
      this.#used = 0;
    }
    const copy = new Uint8Array(this.#block.buffer, this.#used, length);
    copy.set(value);
    this.#used += length;
    return copy;
  }
}
