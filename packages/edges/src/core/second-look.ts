/**
 * Who knocks twice. While strangers flood a port, a source is let in only when it has come before, a moment ago: games repeat their first datagram, and who
 * invents source addresses does not come back from the same one. Two filters of bits that take turns remember whom they saw for one to two periods; so a flood
 * costs a megabyte, whatever its rate.
 */
const BITS = 2 ** 22;
const MASK = BITS - 1;

export class SecondLook {
  readonly #periodMs: number;
  #newer = new Uint32Array(BITS / 32);
  #older = new Uint32Array(BITS / 32);
  #turnMs = Number.NEGATIVE_INFINITY;
  readonly #salt: number;

  /** @param salt unpredictable, so that nobody can choose sources that look like others */
  constructor(salt: number, periodMs = 3_000) {
    this.#salt = salt | 0;
    this.#periodMs = periodMs;
  }

  /** Whether this source was here before; from now on it was. */
  again(address: string, port: number, nowMs: number): boolean {
    this.#turn(nowMs);
    let h = this.#salt ^ port;
    for (let i = 0; i < address.length; i++) h = Math.imul(h ^ address.charCodeAt(i), 0x01000193);
    const a = mix(h);
    const b = mix(a ^ 0x9e3779b9);
    const seen = (has(this.#newer, a) && has(this.#newer, b)) || (has(this.#older, a) && has(this.#older, b));
    put(this.#newer, a);
    put(this.#newer, b);
    return seen;
  }

  #turn(nowMs: number): void {
    if (nowMs - this.#turnMs < this.#periodMs) return;
    const emptied = this.#older;
    this.#older = this.#newer;
    this.#newer = emptied.fill(0);
    // After a long rest both are old.
    if (nowMs - this.#turnMs >= 2 * this.#periodMs) this.#older.fill(0);
    this.#turnMs = nowMs;
  }
}

/** MurmurHash3's finalizer: each bit of the input changes half of the output's. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function has(bits: Uint32Array, at: number): boolean {
  return ((bits[(at & MASK) >>> 5] as number) & (1 << (at & 31))) !== 0;
}

function put(bits: Uint32Array, at: number): void {
  const i = (at & MASK) >>> 5;
  bits[i] = (bits[i] as number) | (1 << (at & 31));
}
