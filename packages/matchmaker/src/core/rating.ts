/**
 * What is believed of a player's skill, `mu`, and how unsure that is, `sigma`. People and rule sets read a number like Elo's: 1500 for somebody
 * unknown, 200 for the uncertainty at the start. What a match changes stands in match-rating.ts.
 */
import { type Refusal, refuse } from './admission.ts';
import type { Change, Rating } from './desk-io.ts';
import type { Match, MatchResult, RatingMove } from './match-life.ts';

/** openskill's own. */
export const fresh = { mu: 25, sigma: 25 / 3 } as const;
const perMu = 200 / fresh.sigma;

export function shownRating(mu: number): number {
  return Math.round(1500 + perMu * (mu - fresh.mu));
}

export function shownUncertainty(sigma: number): number {
  return Math.round(perMu * sigma);
}

/** As people read them. */
export function ratingMoves(changes: readonly Change[]): readonly RatingMove[] {
  return changes.flatMap((change) =>
    change.kind === 'rating'
      ? [{ player: change.rating.player, before: shownRating(change.before), after: shownRating(change.rating.mu) }]
      : [],
  );
}

/** Why the result is none of this match. */
export function resultRefusal(match: Match, result: MatchResult): Refusal | undefined {
  const names = match.teams.map(({ name }) => name);
  const strange = result.teams.find(({ name }) => !names.includes(name));
  if (strange) return refuse('RESULT_INVALID', `no team ${strange.name} plays in ${match.id}; there are ${names.join(', ')}`);
  if (new Set(result.teams.map(({ name }) => name)).size < result.teams.length) {
    return refuse('RESULT_INVALID', 'a team is named twice');
  }
  const played = match.teams.filter(({ tickets }) => tickets.length > 0).map(({ name }) => name);
  const missing = played.find((name) => !result.teams.some((team) => team.name === name));
  return missing === undefined ? undefined : refuse('RESULT_INVALID', `the rank of team ${missing} is missing`);
}

export function newRating(pool: string, player: string, nowMs: number): Rating {
  return { pool, player, ...fresh, games: 0, wins: 0, updatedAtMs: Math.floor(nowMs) };
}
