/**
 * Lobbies: persistent servers between matches, filled one after the other so that people meet. Whoever comes gets a seat on the fullest server that
 * has room for all of their party; a seat that nobody takes lapses.
 */
import type { GameServerView } from '@horizon-atlas/protocol';

export interface LobbySettings {
  readonly name: string;
  readonly fleet: string;
  /** Players of one server; what the server says of itself is less or equal. */
  readonly capacity: number;
  /** Where players go from it. */
  readonly queues: readonly string[];
}

/** Somebody who was sent to a server and is not seen there yet. */
export interface LobbySeat {
  readonly player: string;
  readonly server: string;
  readonly untilMs: number;
}

export const limits = {
  /** A seat is kept so long for who is on the way. */
  seatMs: 30_000,
} as const;

const usable = new Set(['Allocated', 'Activating', 'Active']);

/** Servers of the lobby that take players. */
export function lobbyServers(lobby: LobbySettings, servers: readonly GameServerView[]): readonly GameServerView[] {
  return servers.filter(
    ({ fleet, state, allocations }) =>
      fleet === lobby.fleet && usable.has(state) && allocations.some((request) => request.startsWith(requestPrefix(lobby.name))),
  );
}

/** What requests for servers of a lobby begin with. */
export function requestPrefix(lobby: string): string {
  return `lobby:${lobby}:`;
}

/** Who is there or on the way. */
export function takenOn(server: GameServerView, seats: readonly LobbySeat[], nowMs: number): number {
  const names = server.players?.names;
  const coming = seats.filter(
    (seat) => seat.server === server.id && seat.untilMs > nowMs && names?.includes(seat.player) !== true,
  );
  return (server.players?.count ?? 0) + coming.length;
}

/** The fullest server with room for all of them; undefined: a new one is needed. */
export function chooseLobby(
  lobby: LobbySettings,
  servers: readonly GameServerView[],
  seats: readonly LobbySeat[],
  players: number,
  nowMs: number,
): GameServerView | undefined {
  let [best, bestTaken] = [undefined as GameServerView | undefined, -1];
  for (const server of lobbyServers(lobby, servers)) {
    const taken = takenOn(server, seats, nowMs);
    const room = Math.min(lobby.capacity, server.players?.capacity || lobby.capacity) - taken;
    if (room >= players && taken > bestTaken) [best, bestTaken] = [server, taken];
  }
  return best;
}
