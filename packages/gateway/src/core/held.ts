/**
 * A session's commands from when the gateway accepted them until they are covered: what is replayed to a new owner.
 * Records lie one behind the other in one buffer that grows with use, so an idle session holds no memory:
 *
 *   length:u32  seq:u32  event:u16  payload       (what follows the length is a command frame without its kind)
 */

const nothing = new Uint8Array(0);
/** A buffer up to this size is kept when it runs empty. */
const KEPT_BYTES = 2048;

export class HeldCommands {
  readonly #commandsMax: number;
  readonly #bytesMax: number;
  #bytes: Uint8Array = nothing;
  #head = 0;
  #tail = 0;
  #count = 0;

  constructor(commandsMax: number, bytesMax: number) {
    this.#commandsMax = commandsMax;
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#count;
  }

  /** At its limit: the client must not be read any more. */
  get full(): boolean {
    return this.#count >= this.#commandsMax || this.#tail - this.#head >= this.#bytesMax;
  }

  /** Twice over its limit: whoever feeds this does not keep to it. */
  get overrun(): boolean {
    return this.#count >= this.#commandsMax * 2 || this.#tail - this.#head >= this.#bytesMax * 2;
  }

  /** At most half full: the client may be read again. */
  get roomy(): boolean {
    return this.#count * 2 <= this.#commandsMax && (this.#tail - this.#head) * 2 <= this.#bytesMax;
  }

  /** The lowest number held; 0 when empty. */
  get firstSeq(): number {
    return this.#count === 0 ? 0 : readU32(this.#bytes, this.#head + 4);
  }

  /** Copies `bytes[start, end)`: seq, event, payload. */
  push(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(4 + length);
    writeU32(this.#bytes, this.#tail, length);
    this.#bytes.set(bytes.subarray(start, end), this.#tail + 4);
    this.#tail += 4 + length;
    this.#count++;
  }

  /** Drops what is covered: everything up to `seq`. */
  release(seq: number): void {
    while (this.#count > 0 && readU32(this.#bytes, this.#head + 4) <= seq) {
      this.#head += 4 + readU32(this.#bytes, this.#head);
      this.#count--;
    }
    if (this.#count === 0) this.clear();
  }

  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = nothing;
    this.#head = 0;
    this.#tail = 0;
    this.#count = 0;
  }

  /** Everything above `seq`, oldest first, as `bytes[start, end)` that are valid only during the call. */
  replay(seq: number, each: (bytes: Uint8Array, start: number, end: number) => void): void {
    let at = this.#head;
    for (let i = 0; i < this.#count; i++) {
      const end = at + 4 + readU32(this.#bytes, at);
      if (readU32(this.#bytes, at + 4) > seq) each(this.#bytes, at + 4, end);
      at = end;
    }
  }

  /** Numbers what is held anew, from `first` on: for commands that were held before their session's numbers were known. */
  renumber(first: number): void {
    let at = this.#head;
    for (let i = 0; i < this.#count; i++) {
      writeU32(this.#bytes, at + 4, first + i);
      at += 4 + readU32(this.#bytes, at);
    }
  }

  #reserve(need: number): void {
    if (this.#tail + need <= this.#bytes.length) return;
    const used = this.#tail - this.#head;
    if (used + need <= this.#bytes.length && this.#head >= this.#bytes.length / 2) {
      this.#bytes.copyWithin(0, this.#head, this.#tail);
    } else {
      const grown = new Uint8Array(Math.max(256, this.#bytes.length * 2, used + need));
      grown.set(this.#bytes.subarray(this.#head, this.#tail));
      this.#bytes = grown;
    }
    this.#head = 0;
    this.#tail = used;
  }
}

/** Little-endian, as everywhere on the wire; the place is known to exist. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
