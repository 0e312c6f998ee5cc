/**
 * What a match changes of its players' ratings, by openskill (Weng and Lin's Bayesian ranking). A file of its own, because openskill brings some
 * 350 modules with it: they are loaded when the first result is to be rated.
 */
import { rate } from 'openskill';
import type { Rating } from './desk-io.ts';
import type { Match, MatchResult } from './match-life.ts';
import { fresh, newRating } from './rating.ts';

/** Everybody's rating after the match; who left before its end is rated with their team, so leaving wins nothing. */
export function rated(
  pool: string,
  match: Match,
  result: MatchResult,
  before: (player: string) => Rating | undefined,
  nowMs: number,
): readonly Rating[] {
  const teams = match.teams
    .map(({ name, tickets }) => ({
      rank: result.teams.find((team) => team.name === name)?.rank ?? result.teams.length,
      players: tickets.flatMap(({ players }) => players.map(({ id }) => before(id) ?? newRating(pool, id, nowMs))),
    }))
    .filter(({ players }) => players.length > 0);
  if (teams.length < 2) return [];
  const after = rate(
    teams.map(({ players }) => players.map(({ mu, sigma }) => ({ mu, sigma }))),
    { rank: teams.map(({ rank }) => rank) },
  );
  const best = Math.min(...teams.map(({ rank }) => rank));
  const alone = teams.filter(({ rank }) => rank === best).length === 1;
  return teams.flatMap(({ players, rank }, t) =>
    players.map((rating, p) => ({
      ...rating,
      ...(after[t]?.[p] ?? fresh),
      games: rating.games + 1,
      wins: rating.wins + (rank === best && alone ? 1 : 0),
      updatedAtMs: Math.floor(nowMs),
    })),
  );
}
