/**
 * To which places a ticket is near enough, level by level: a bit a place. Read in the same pass in which its round trips are checked, because looking
 * names up in objects is what taking tickets in costs.
 */
import type { Constraints, LevelConstraints } from './constraints.ts';
import type { Player } from './rule-set.ts';

export const limits = {
  /** Places that latencies may name in one queue: a bit each. */
  places: 31,
} as const;

const unknown = -1;

export class PlaceReader {
  /** Names of places, by bit. */
  readonly names: string[] = [];
  /** By level: places that suit the ticket that was read last. */
  readonly masks: Int32Array;
  /** The ticket that was read last names places that have no bit yet, and there are bits left. */
  strangers = false;
  readonly #levels: readonly LevelConstraints[];
  readonly #asked: boolean;
  readonly #bits = new Map<string, number>();
  /** What stands where in players' round trips: most name the same places in the same order, and then no name is looked up. */
  readonly #expected: string[] = [];
  readonly #expectedBits = new Int32Array(limits.places);
  /** Of the ticket, by bit: how many of its first players can play there, and their round trips together. */
  readonly #counts = new Uint8Array(limits.places);
  readonly #sums = new Float64Array(limits.places);
  readonly #leasts = new Float64Array(limits.places);
  readonly #mosts = new Float64Array(limits.places);
  readonly #touched = new Uint8Array(limits.places);
  #touchedCount = 0;

  constructor({ levels }: Constraints) {
    this.#levels = levels;
    this.#asked = levels.some(({ hasLatency }) => hasLatency);
    this.masks = new Int32Array(levels.length);
  }

  /** Before a ticket's first player. */
  begin(): void {
    for (let i = 0; i < this.#touchedCount; i++) this.#counts[this.#touched[i] as number] = 0;
    this.#touchedCount = 0;
    this.strangers = false;
  }

  /** Of the ticket's player number `nth`. Answers how many places they name, or what is wrong. */
  read(latencyMs: Player['latencyMs'], nth: number): number | string {
    let places = 0;
    for (const place in latencyMs) {
      const ms = latencyMs[place] as number;
      if (places === limits.places) return `latencies to more than ${limits.places} places`;
      const bit = this.#expected[places] === place ? (this.#expectedBits[places] as number) : this.#bitOf(place, places);
      places++;
      // NaN is not ≥ 0 either.
      if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) return `the latency to ${place} is not a number of milliseconds`;
      if (bit !== unknown) this.#note(bit, ms, nth);
    }
    return places;
  }

  /** After the last of so many players. */
  finish(players: number): void {
    const { masks } = this;
    for (let l = 0; l < masks.length; l++) {
      const { hasLatency, latencyParty, maxLatencyMs } = this.#levels[l] as LevelConstraints;
      // Without a latency rule every place will do, for those too who know none.
      let mask = hasLatency ? 0 : -1;
      for (let i = 0; hasLatency && i < this.#touchedCount; i++) {
        const bit = this.#touched[i] as number;
        // Where one of them cannot play nobody can.
        if (this.#counts[bit] === players && this.#partyMs(bit, players, latencyParty) <= maxLatencyMs) mask |= 1 << bit;
      }
      masks[l] = mask;
    }
  }

  /** Gives places that have no bit one, while there are bits. */
  name(players: readonly Player[]): void {
    for (const { latencyMs } of players) {
      for (const place in latencyMs) {
        if (this.#bits.has(place) || this.names.length === limits.places) continue;
        this.#bits.set(place, this.names.length);
        this.names.push(place);
      }
    }
  }

  #note(bit: number, ms: number, nth: number): void {
    if (nth === 0) {
      this.#touched[this.#touchedCount++] = bit;
      this.#sums[bit] = this.#leasts[bit] = this.#mosts[bit] = ms;
    } else if (this.#counts[bit] === nth) {
      this.#sums[bit] = (this.#sums[bit] as number) + ms;
      if (ms < (this.#leasts[bit] as number)) this.#leasts[bit] = ms;
      if (ms > (this.#mosts[bit] as number)) this.#mosts[bit] = ms;
    } else return;
    this.#counts[bit] = nth + 1;
  }

  #partyMs(bit: number, players: number, how: LevelConstraints['latencyParty']): number {
    if (how === 'avg') return (this.#sums[bit] as number) / players;
    return (how === 'min' ? this.#leasts[bit] : this.#mosts[bit]) as number;
  }

  #bitOf(place: string, nth: number): number {
    if (!this.#asked) return unknown;
    const bit = this.#bits.get(place);
    if (bit === undefined) {
      this.strangers ||= this.names.length < limits.places;
      return unknown;
    }
    if (nth < limits.places) {
      this.#expected[nth] = place;
      this.#expectedBits[nth] = bit;
    }
    return bit;
  }
}
