/** Ratings on the Store: read when they are asked for, kept while they are in use, written with the match that changes them. */
import type { Store } from '@horizon-atlas/ports';
import { decodeRecord, keys, RatingRecord } from '@horizon-atlas/protocol';
import type { Change, Rating } from './core/desk-io.ts';
import type { Match, MatchResult } from './core/match-life.ts';
import { fresh, newRating } from './core/rating.ts';

export const limits = {
  /** Ratings in memory; beyond, the one that was not asked for longest is read again when it is. */
  remembered: 100_000,
} as const;

export class RatingBook {
  readonly #store: Store;
  readonly #known = new Map<string, Rating>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Undefined: nobody has rated the player in this pool. Rejects when the Store cannot be read. */
  async find(pool: string, player: string): Promise<Rating | undefined> {
    const key = keys.rating(pool, player);
    const known = this.#known.get(key);
    if (known) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const record = await this.#store.get(key);
    const rating = record && decodeRecord(RatingRecord, record.value);
    // Somebody may have been faster while it was read.
    const now = this.#known.get(key) ?? rating;
    if (now) this.#remember(now);
    return now;
  }

  async of(pool: string, player: string, nowMs: number): Promise<Rating> {
    return (await this.find(pool, player)) ?? newRating(pool, player, nowMs);
  }

  /** The best of a pool first. Reads all of it: for people, not for play. */
  async best(pool: string, most: number): Promise<{ readonly ratings: readonly Rating[]; readonly total: number }> {
    const { records } = await this.#store.list(keys.rating(pool, ''));
    const all = records.flatMap(({ value }) => decodeRecord(RatingRecord, value) ?? []);
    all.sort((a, b) => b.mu - a.mu || (a.player < b.player ? -1 : 1));
    return { ratings: all.slice(0, most), total: all.length };
  }

  /** What a result changes. One result at a time: the caller sees to that. */
  async changes(pool: string, match: Match, result: MatchResult, nowMs: number): Promise<readonly Change[]> {
    const players = match.teams.flatMap(({ tickets }) => tickets.flatMap((ticket) => ticket.players.map(({ id }) => id)));
    const before = new Map<string, Rating>();
    for (const player of players) {
      const rating = await this.find(pool, player);
      if (rating) before.set(player, rating);
    }
    const { rated } = await import('./core/match-rating.ts');
    return rated(pool, match, result, (player) => before.get(player), nowMs).map((rating) => ({
      kind: 'rating',
      rating,
      before: before.get(rating.player)?.mu ?? fresh.mu,
    }));
  }

  /** Once they are durable. */
  changed(changes: readonly Change[]): void {
    for (const change of changes) if (change.kind === 'rating') this.#remember(change.rating);
  }

  #remember(rating: Rating): void {
    const key = keys.rating(rating.pool, rating.player);
    this.#known.delete(key);
    this.#known.set(key, rating);
    if (this.#known.size > limits.remembered) this.#known.delete(this.#known.keys().next().value ?? '');
  }
}
