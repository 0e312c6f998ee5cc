/** Ids that sort by time, and entropy from a seed. */

import { Prng } from '@horizon-atlas/base';
import type { Entropy } from '@horizon-atlas/ports';

/** Crockford's base 32: no I, L, O, U, so that ids can be read out. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;

/**
 * The source of ids of one process: 48 bits of time and 80 of chance, as ULIDs have (github.com/ulid/spec). Within a
 * millisecond, or when the wall clock stands or jumps back, the chance part counts up, so ids sort by the time they were made.
 */
export class IdSource {
  readonly #wall: () => number;
  readonly #u32: () => number;
  #lastMs = -1;
  /** The random part's characters as numbers 0–31, most significant first. */
  readonly #random = new Uint8Array(RANDOM_CHARS);

  /** @param wall milliseconds since 1970; @param u32 32 random bits. */
  constructor(wall: () => number, u32: () => number) {
    this.#wall = wall;
    this.#u32 = u32;
  }

  id(prefix: string): string {
    const ms = Math.floor(this.#wall());
    if (ms > this.#lastMs) {
      this.#lastMs = ms;
      this.#draw();
    } else {
      this.#countUp();
    }
    return `${prefix}_${timeText(this.#lastMs)}${this.#randomText()}`;
  }

  #draw(): void {
    for (let i = 0; i < RANDOM_CHARS; i += 4) {
      const bits = this.#u32();
      for (let j = 0; j < 4; j++) this.#random[i + j] = (bits >>> (j * 5)) & 31;
    }
  }

  #countUp(): void {
    for (let i = RANDOM_CHARS - 1; i >= 0; i--) {
      const digit = ((this.#random[i] ?? 0) + 1) & 31;
      this.#random[i] = digit;
      if (digit !== 0) return;
    }
    // All 80 bits were ones: borrow the next millisecond.
    this.#lastMs++;
  }

  #randomText(): string {
    let text = '';
    for (const digit of this.#random) text += ALPHABET[digit];
    return text;
  }
}

function timeText(ms: number): string {
  let text = '';
  for (let i = 0; i < TIME_CHARS; i++) {
    text = ALPHABET[ms % 32] + text;
    ms = Math.floor(ms / 32);
  }
  return text;
}

/** Entropy for the simulator and for tests: the same seed and clock give the same numbers and ids. Not for secrets. */
export function seededEntropy(seed: number, clock: { wall(): number }): Entropy {
  const prng = new Prng(seed);
  // Ids draw from a stream of their own, so that making one more does not shift the numbers.
  const chance = prng.fork();
  const ids = new IdSource(
    () => clock.wall(),
    () => chance.u32(),
  );
  return { u32: () => prng.u32(), id: (prefix) => ids.id(prefix) };
}
