/**
 * Arrays of bytes, small ones side by side in larger blocks: an array with memory of its own costs a call of malloc and, much later, one of free, which is
 * more than copying what is in it.
 */
const BLOCK_BYTES = 64 * 1024;
/** Larger ones have memory of their own. */
const SMALL_BYTES = 4 * 1024;

export class ByteBlocks {
  #block = new Uint8Array(0);
  #used = 0;

  /** So many zeros. What lies beside them is somebody else's. A block lives as long as anything in it. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > SMALL_BYTES) return new Uint8Array(length);
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#used = 0;
    }
    const bytes = new Uint8Array(this.#block.buffer, this.#used, length);
    this.#used += length;
    return bytes;
  }

  copy(value: Uint8Array): Uint8Array<ArrayBuffer> {
    const bytes = this.take(value.length);
    bytes.set(value);
    return bytes;
  }
}
