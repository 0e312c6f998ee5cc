/** The world as the API shows it: regions, servers, gateways, players. A figure that is not known is null, never a made-up zero. */
import { z } from 'zod';
import { Bounds, Id, Point } from './shapes.ts';

export const Region = z.object({
  id: Id,
  name: z.string(),
  state: z.enum(['asleep', 'starting', 'active']),
  bounds: Bounds,
  /** The owner's id, or empty while nobody owns it. */
  server: z.string(),
  epoch: z.int(),
  players: z.int(),
  entities: z.int(),
  /** Read-only copies of neighbours' entities that its server holds. */
  shadows: z.int(),
  tickHz: z.number().nullable(),
  /** Work of a tick over the last second. */
  workMs: z.object({ p50: z.number(), p90: z.number(), max: z.number() }).nullable(),
  /** p90 work ÷ the time a tick has, 0 to 1 and more. */
  load: z.number().nullable(),
});
export type Region = z.infer<typeof Region>;

export const Server = z.object({
  id: Id,
  /** The region it serves or was started for, or empty (a spare). */
  region: z.string(),
  state: z.enum(['starting', 'ready', 'unhealthy', 'backoff', 'stopping', 'stopped', 'error']),
  pid: z.int(),
  restarts: z.int(),
  startedAtMs: z.number(),
  players: z.int(),
  entities: z.int(),
  shadows: z.int(),
  tickHz: z.number().nullable(),
  workMs: z.object({ p50: z.number(), p90: z.number(), max: z.number() }).nullable(),
  /** CPU seconds since its start; `cpu` is the share of one core over the last seconds, 0 to 1 and more. */
  cpuS: z.number().nullable(),
  cpu: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** Why it is in this state, where that is bad news: an error code, and a sentence. */
  code: z.string(),
  message: z.string(),
});
export type Server = z.infer<typeof Server>;

export const Gateway = z.object({
  id: Id,
  url: z.string(),
  /** `ws:` for pages of this machine, in development; empty: there is none. */
  plainUrl: z.string(),
  state: Server.shape.state,
  pid: z.int(),
  restarts: z.int(),
  startedAtMs: z.number(),
  connections: z.int(),
  sessions: z.int(),
  messagesIn: z.number(),
  messagesOut: z.number(),
  /** Over the last seconds. */
  messagesInPerS: z.number().nullable(),
  messagesOutPerS: z.number().nullable(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  /** Frames of former owners that were dropped. */
  fenced: z.number(),
  /** Clients and connections refused since its start, by error code. */
  refused: z.array(z.object({ code: z.string(), count: z.number() })),
  cpuS: z.number().nullable(),
  cpu: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  code: z.string(),
  message: z.string(),
});
export type Gateway = z.infer<typeof Gateway>;

export const Player = z.object({
  /** As the token says. Chosen outside of Atlas: never trusted as markup. */
  id: z.string(),
  name: z.string(),
  session: z.string(),
  /** The id of the group's anchor entity: what moves on the map. */
  entity: z.number(),
  state: z.enum(['joining', 'online', 'away', 'gone']),
  gateway: z.string(),
  region: z.string(),
  server: z.string(),
  epoch: z.int(),
  position: Point.nullable(),
  address: z.string(),
  format: z.enum(['atlas', 'horizon']),
  /** Round trip to the gateway in ms, as the gateway's own pings measure it. */
  pingMs: z.number().nullable(),
  handoffs: z.int(),
  lastGapMs: z.number().nullable(),
  joinedAtMs: z.number(),
  /** How its last connection ended, or empty. */
  closeCode: z.int(),
  closeReason: z.string(),
});
export type Player = z.infer<typeof Player>;
