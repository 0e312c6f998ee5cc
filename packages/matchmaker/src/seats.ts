/** Where players of a ticket go, and what they show there. */
import type { Desk } from './core/desk.ts';
import type { TicketState } from './core/ticket-life.ts';
import type { Eyes, MatchmakerDeps } from './matchmaker.ts';
import type { Seat } from './views.ts';

/** Made when they are looked at: a token is good for a while only. */
export function seatsOf(
  desk: Desk,
  deps: Pick<MatchmakerDeps, 'address' | 'token'>,
  { ticket, status, match: matchId }: TicketState,
  eyes: Eyes,
): readonly Seat[] {
  const match = status === 'COMPLETED' ? desk.match(matchId) : undefined;
  if (!match || match.server === '' || eyes.seats === 'none') return [];
  const { server, ports } = match;
  const team = match.teams.find(({ tickets }) => tickets.some(({ id }) => id === ticket.id))?.name ?? '';
  return ticket.players
    .filter(({ id }) => eyes.seats !== 'player' || id === eyes.player)
    .map(({ id: player }) => ({
      player,
      team,
      address: deps.address(server, ports, player),
      token: deps.token?.(player, server, matchId, team) ?? '',
    }));
}
