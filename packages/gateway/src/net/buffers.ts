/** Buffers for what leaves in a turn, shared by all sockets: an idle connection holds none. */

/** Of the small ones; what does not fit gets a large one. */
export const SMALL_BYTES = 4 * 1024;
export const LARGE_BYTES = 64 * 1024;
/** Kept of each size when nobody needs them; further ones are left to the garbage collector. */
const KEPT = { small: 1024, large: 32 };

export class Buffers {
  readonly #small: Buffer[] = [];
  readonly #large: Buffer[] = [];

  /** At least `bytes` long. */
  take(bytes: number): Buffer {
    if (bytes <= SMALL_BYTES) return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
    if (bytes <= LARGE_BYTES) return this.#large.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
    return Buffer.allocUnsafeSlow(bytes);
  }

  giveBack(buffer: Buffer): void {
    if (buffer.length === SMALL_BYTES && this.#small.length < KEPT.small) this.#small.push(buffer);
    else if (buffer.length === LARGE_BYTES && this.#large.length < KEPT.large) this.#large.push(buffer);
  }
}
