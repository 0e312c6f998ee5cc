/**
 * Copies of the frames that are under way in a world. They are cut from larger blocks: an array with memory of its own costs a call
 * of malloc and, much later, one of free, which is more than all else that happens to a short frame.
 */
const BLOCK_BYTES = 65_536;
/** Up to here copying byte by byte is cheaper than the view that a block copy needs. */
const SHORT_BYTES = 128;

export class Frames {
  #block = new Uint8Array(BLOCK_BYTES);
  #used = 0;

  copy(frame: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = this.#take(frame.length);
    out.set(frame);
    return out;
  }

  /** `first`, then what `frame` has from `start` to `end`. */
  join(first: number, frame: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
    const out = this.#take(1 + end - start);
    out[0] = first;
    if (end - start > SHORT_BYTES) out.set(frame.subarray(start, end), 1);
    else for (let i = start; i < end; i++) out[1 + i - start] = frame[i] as number;
    return out;
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    if (length > BLOCK_BYTES / 8) return new Uint8Array(length);
    if (this.#used + length > BLOCK_BYTES) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#used = 0;
    }
    const out = new Uint8Array(this.#block.buffer, this.#used, length);
    this.#used += length;
    return out;
  }
}
