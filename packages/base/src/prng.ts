/**
 * Seeded pseudo-random numbers: sfc32 (Chris Doty-Humphrey, PractRand). Not for secrets.
 * The same seed gives the same sequence on every machine, which is what replays depend on.
 */
export class Prng {
  #a = 0x9e3779b9;
  #b = 0x243f6a88;
  #c = 0xb7e15162;
  #d: number;

  /** @param seed any number; only its low 32 bits count. */
  constructor(seed: number) {
    this.#d = seed >>> 0;
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** A whole number in [0, 2^32). */
  u32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** A whole number in [0, limit); limit is at least 1. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** An independent stream, so that drawing more in one place does not shift another. */
  fork(): Prng {
    return new Prng(this.u32());
  }
}
