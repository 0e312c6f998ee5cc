/**
 * `batchingPreference` where tickets can play at several places: at which a match is looked for first, and where it is played if several suit everybody.
 * `largestPopulation`: where the most players of the queue can play, so that matches fill fast. `fastestRegion`: where the one it is looked for has it fastest,
 * though it may take longer. Otherwise the place where the match is closest, and of equals the one where the worst of them has it best.
 */
import { partyLatency } from './judge.ts';
import type { Pool } from './pool.ts';
import type { Aggregation, Player, Ticket } from './rule-set.ts';

export class PlaceChoice {
  readonly #pool: Pool;
  readonly #preference: 'largestPopulation' | 'fastestRegion' | 'closest';

  constructor(pool: Pool) {
    this.#pool = pool;
    const { batchingPreference } = pool.constraints.ruleSet.algorithm;
    this.#preference =
      batchingPreference === 'largestPopulation' || batchingPreference === 'fastestRegion' ? batchingPreference : 'closest';
  }

  /** All are tried, and the closest match is taken; otherwise they are tried in `order`, and the first match is. */
  get triesAll(): boolean {
    return this.#preference === 'closest';
  }

  /** Bits of the places in the mask, the preferred one first. */
  order(mask: number, ticket: Ticket, party: Aggregation): readonly number[] {
    const bits: number[] = [];
    for (let left = mask; left !== 0; left &= left - 1) bits.push(left & -left);
    const weigh = (bit: number) => this.#weigh(bit, [ticket], party);
    return bits
      .map((bit) => ({ bit, weight: weigh(bit) }))
      .sort((a, b) => a.weight - b.weight)
      .map(({ bit }) => bit);
  }

  /** The name of the one of the places where a match of these tickets is played; the first ticket is the one that it was looked for. */
  best(mask: number, tickets: readonly Ticket[], party: Aggregation): string {
    const { places } = this.#pool;
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let left = mask; left !== 0; left &= left - 1) {
      const bit = left & -left;
      // Without a latency rule the mask has places that nobody has named.
      if (indexOf(bit) >= places.length) break;
      const weight = this.#weigh(bit, this.#preference === 'fastestRegion' ? tickets.slice(0, 1) : tickets, party);
      if (weight < least) [best, least] = [bit, weight];
    }
    return best === 0 ? '' : (places[indexOf(best)] as string);
  }

  /** Less is better. */
  #weigh(bit: number, tickets: readonly Ticket[], party: Aggregation): number {
    const index = indexOf(bit);
    if (this.#preference === 'largestPopulation') return -(this.#pool.population[index] as number);
    const place = this.#pool.places[index] as string;
    let worst = 0;
    for (const { players } of tickets) {
      const alone = players.length === 1 ? players[0]?.latencyMs[place] : partyLatency(players.map(roundTrips), place, party);
      worst = Math.max(worst, alone ?? Number.POSITIVE_INFINITY);
    }
    return worst;
  }
}

const indexOf = (bit: number): number => 31 - Math.clz32(bit);
const roundTrips = ({ latencyMs }: Player) => latencyMs;
