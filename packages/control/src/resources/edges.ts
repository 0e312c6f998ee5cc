/** Edges and players' ways through them, as the API shows them. */
import { z } from 'zod';
import { Id } from './shapes.ts';

export const Edge = z.object({
  id: Id,
  pid: z.int(),
  /** Its public ports. */
  ports: z.array(
    z.object({
      /** `<fleet>/<port>`, or `<fleet>/<port>/<server>` where each server has one of its own. */
      name: z.string(),
      /** 0: it could not be opened; `code` and `message` say why. */
      port: z.int(),
      code: z.string(),
      message: z.string(),
    }),
  ),
  /** Players' ways that are open or wait for a server; of the waiting ones alone; of those whose peer has proved nothing yet. */
  sessions: z.int(),
  held: z.int(),
  unproven: z.int(),
  datagramsIn: z.number(),
  datagramsOut: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  /** Datagrams and connections that went no further, by reason, since it started. */
  dropped: z.record(z.string(), z.number()),
  cpuS: z.number().nullable(),
  memoryBytes: z.number().nullable(),
});
export type Edge = z.infer<typeof Edge>;

export const EdgeWay = z.object({
  id: z.string(),
  edge: Id,
  port: z.string(),
  protocol: z.enum(['udp', 'tcp', 'ws']),
  /** Empty while it is held for whichever server wakes. */
  server: z.string(),
  /** As the token or the game's own login says; empty without. */
  player: z.string(),
  /** Where the player is, and from where the game server sees the player. */
  peer: z.string(),
  seenAs: z.string(),
  state: z.enum(['held', 'open', 'unproven']),
  sinceMs: z.number(),
  /** It can go on at another server: it is UDP, or a front understands its game. */
  movable: z.boolean(),
});
export type EdgeWay = z.infer<typeof EdgeWay>;

/** How a game server is reached from outside. */
export const PublicWay = z.object({
  name: z.string(),
  protocol: z.enum(['udp', 'tcp', 'tcp+udp', 'ws']),
  host: z.string(),
  port: z.int(),
  tls: z.boolean(),
  /** Base64url, to be shown in the first bytes within two minutes; absent: the port alone leads there. */
  token: z.string().optional(),
});
export type PublicWay = z.infer<typeof PublicWay>;
