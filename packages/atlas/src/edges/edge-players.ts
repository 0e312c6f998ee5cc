/**
 * Who comes by an edge plays: told to who speaks for a server that nobody here wrote, which knows more sources; and said of a server whose players nobody else
 * counts. What a server says of itself is not contradicted.
 */
import type { Games } from '@horizon-atlas/games';
import type { GameServers } from '@horizon-atlas/protocol';

export function edgePlayers(
  servers: Pick<GameServers, 'get' | 'heard'>,
  games: Pick<Games, 'launched' | 'edged'>,
): (server: string, players: number) => void {
  /** Nobody else counts there. */
  const ours = new Map<string, number>();
  return (server, players) => {
    if (games.launched(server)) return games.edged(server, players);
    const told = servers.get(server)?.players;
    if (told && told.count !== ours.get(server)) return;
    if (servers.heard(server, { say: 'players', count: players }) && players > 0) ours.set(server, players);
    else ours.delete(server);
  };
}
