/** What fleet is asked for a match, and what its game server is told. */
import { type ErrorCode, errors, type SessionRequest } from '@horizon-atlas/protocol';
import { type Match, playersOf } from './core/match-life.ts';

/** `sites`: of the fleet; the place that the rules chose is asked for if it is one. */
export function sessionRequest(
  match: Match,
  { waitMs, leaseMs, sites }: { readonly waitMs: number; readonly leaseMs: number; readonly sites: readonly string[] },
): SessionRequest {
  const { id, place, fleet } = match;
  return {
    requestId: id,
    fleet,
    ...sessionOf(match),
    waitMs,
    leaseMs,
    ...(sites.includes(place) ? { site: place } : {}),
  };
}

/** Who plays, and what its game server is to know: told again when it changes. */
export function sessionOf(match: Match): Pick<SessionRequest, 'players' | 'session'> {
  const { id, queue, place, left } = match;
  const teams = match.teams.map(({ name, tickets }) => ({
    name,
    players: tickets
      .flatMap(({ players }) => players.map(({ id: player, attributes }) => ({ id: player, attributes })))
      .filter((player) => !left.includes(player.id)),
  }));
  return { players: playersOf(match), session: { match: id, queue, place, teams } };
}

/** A code of somebody else's is passed on if it is one of ours. */
export function codeOf(code: string): ErrorCode {
  return Object.hasOwn(errors, code) ? (code as ErrorCode) : 'ALLOCATION_NONE_READY';
}
