/** Ratings as people and rule sets read them. */
import type { Rating } from './core/desk-io.ts';
import { shownRating, shownUncertainty } from './core/rating.ts';
import type { Player } from './core/rule-set.ts';
import type { RatingView } from './matchmaker.ts';
import type { RatingBook } from './rating-book.ts';

export function ratingView(rating: Rating): RatingView {
  return { ...rating, rating: shownRating(rating.mu), uncertainty: shownUncertainty(rating.sigma) };
}

/** Players say nothing of their own skill: what is known of it counts. */
export async function withRating(
  book: RatingBook,
  { pool, attribute }: { readonly pool: string; readonly attribute: string },
  players: readonly Player[],
  nowMs: number,
): Promise<readonly Player[]> {
  const out: Player[] = [];
  for (const player of players) {
    const { mu } = await book.of(pool, player.id, nowMs);
    out.push({ ...player, attributes: { ...player.attributes, [attribute]: shownRating(mu) } });
  }
  return out;
}
