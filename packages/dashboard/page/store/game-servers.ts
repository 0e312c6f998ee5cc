/** What the page knows of single game servers. They may be thousands: a plain map, and a signal that tells at most four times a second that it has changed. */
import type { GameServer, GameServersChange } from '@horizon-atlas/sdk-admin';
import { signal } from '@preact/signals';
import { FigureRing } from './figure-ring.ts';
import { tell } from './world.ts';

export const limits = {
  /** As the page has seen them. */
  figures: 300,
} as const;

export interface ServerFigures {
  readonly atMs: number;
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly players: number | null;
}

export const gameServers = new Map<string, GameServer>();
export const gameServersVersion = signal(0);
/** Whether the first whole list has come. */
export const gameServersKnown = signal(false);
export const serverFigures = new FigureRing<ServerFigures>(limits.figures);

export function takeGameServers({ whole, upsert, gone }: GameServersChange, atMs: number): void {
  if (whole) gameServers.clear();
  for (const server of upsert) {
    gameServers.set(server.id, server);
    const { id, cpu, memoryBytes, players } = server;
    serverFigures.push(id, { atMs, cpu, memoryBytes, players: players?.count ?? null });
  }
  for (const id of gone) gameServers.delete(id);
  if (!gameServersKnown.value) gameServersKnown.value = true;
  tell(gameServersVersion);
}

/** Of one fleet, or of all. */
export function serversOf(fleet = ''): readonly GameServer[] {
  const all = [...gameServers.values()];
  return fleet === '' ? all : all.filter((server) => server.fleet === fleet);
}

export function forgetGameServers(): void {
  gameServers.clear();
  serverFigures.clear();
  gameServersKnown.value = false;
  gameServersVersion.value++;
}
