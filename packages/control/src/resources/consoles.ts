/** Consoles of game servers, and backups of those that know nothing of Atlas. */
import { z } from 'zod';

export const GameConsole = z.object({
  server: z.string().describe('The game server’s id.'),
  fleet: z.string(),
  game: z.string().describe('What its game definition calls it; empty where it has none.'),
  state: z.string(),
  players: z.int().nullable().describe('null: nobody counts them.'),
  capacity: z.int().nullable(),
  address: z.string().describe('Where its game port is, for players on this machine: `127.0.0.1:5154`; empty while it has none.'),
  accepts: z.boolean().describe('It reads what is typed.'),
});
export type GameConsole = z.output<typeof GameConsole>;

export const GameBackup = z.object({ folder: z.string().describe('Where what is worth keeping was copied to.') });
export type GameBackup = z.output<typeof GameBackup>;
