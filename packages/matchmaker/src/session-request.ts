/** What fleet is asked for a match, and what its game server is told. */
import { type ErrorCode, errors, type SessionRequest } from '@horizon-atlas/protocol';
import { type Match, playersOf } from './core/match-life.ts';

/** `sites`: of the fleet; the place that the rules chose is asked for if it is one. */
export function sessionRequest(
  match: Match,
  { waitMs, leaseMs, sites }: { readonly waitMs: number; readonly leaseMs: number; readonly sites: readonly string[] },
): SessionRequest {
  const { id, queue, place, fleet } = match;
  const teams = match.teams.map(({ name, tickets }) => ({
    name,
    players: tickets.flatMap(({ players }) => players.map(({ id: player, attributes }) => ({ id: player, attributes }))),
  }));
  return {
    requestId: id,
    fleet,
    players: playersOf(match),
    session: { match: id, queue, place, teams },
    waitMs,
    leaseMs,
    ...(sites.includes(place) ? { site: place } : {}),
  };
}

/** A code of somebody else's is passed on if it is one of ours. */
export function codeOf(code: string): ErrorCode {
  return Object.hasOwn(errors, code) ? (code as ErrorCode) : 'ALLOCATION_NONE_READY';
}
