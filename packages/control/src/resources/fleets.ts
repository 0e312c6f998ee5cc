/** Fleets of game servers that are given away as a whole, their servers, and who has which. */
import { gameServerStates } from '@horizon-atlas/protocol';
import { z } from 'zod';
import { Id } from './shapes.ts';

const Texts = z.record(z.string(), z.string());

/** A public key (RFC 8037) by which a game server checks join tokens. */
export const JoinKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  alg: z.literal('EdDSA'),
  kid: z.string(),
  x: z.string(),
});
export type JoinKey = z.infer<typeof JoinKey>;

export const GameServer = z.object({
  id: Id,
  fleet: z.string(),
  /** Of the program that it runs. */
  version: z.string(),
  state: z.enum(gameServerStates),
  /** Since when it is in its state, and when its process was started (0: not yet). */
  sinceMs: z.number(),
  startedAtMs: z.number(),
  pid: z.int(),
  ports: z.array(
    z.object({ name: z.string(), protocol: z.enum(['udp', 'tcp', 'tcp+udp', 'ws']), host: z.string(), port: z.int() }),
  ),
  labels: Texts,
  annotations: Texts,
  counters: z.record(z.string(), z.object({ count: z.number(), capacity: z.number() })),
  lists: z.record(z.string(), z.object({ values: z.array(z.string()), capacity: z.number() })),
  /** null: nobody counts them. */
  players: z.object({ count: z.int(), capacity: z.int(), names: z.array(z.string()).optional() }).nullable(),
  /** CPU seconds since its start; `cpu` is the share of one core over the last seconds, 0 to 1 and more. With all that it started itself. null: not known (yet). */
  cpuS: z.number().nullable(),
  cpu: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** Limits of its definition: what the kernel holds it to, and what nobody does, with why. */
  limits: z.array(
    z.object({
      resource: z.enum(['cpus', 'memoryBytes', 'processes']),
      max: z.number(),
      by: z.enum(['kernel', 'nobody']),
      why: z.string(),
    }),
  ),
  /** Requests that have it. */
  allocations: z.array(z.string()),
  /** Why it is in its state, where that is not plain. */
  why: z.string(),
});
export type GameServer = z.infer<typeof GameServer>;

export const Fleet = z.object({
  name: z.string(),
  version: z.string(),
  /** How many servers there are to be. */
  replicas: z.int(),
  /** The size at which an operator holds it; null: it is scaled by its policy, or as it keeps servers warm. */
  held: z.int().nullable(),
  /** How many are kept ready beyond those in use; null: its size is found otherwise, or held. */
  warm: z.int().nullable(),
  min: z.int(),
  max: z.int(),
  /** How many servers are in each state. */
  states: z.record(z.string(), z.int()),
  inUse: z.int(),
  /** Requests that wait for a server. */
  waiting: z.int(),
  /** From the start of a process to Ready. */
  startMs: z.object({ p50: z.number(), p99: z.number(), max: z.number(), count: z.int() }).nullable(),
  labels: Texts,
  sites: z.array(z.string()),
  /** The type of the policy that scales it; null: the configuration does not know it any more. */
  policy: z.string().nullable(),
  /** How it was deployed as a mode: shares of servers in use above and below which there are to be more and fewer; null: it was not. */
  mode: z
    .object({
      expectedPlayers: z.int(),
      min: z.int(),
      max: z.int(),
      up: z.number(),
      down: z.number(),
      sites: z.array(z.string()),
    })
    .nullable(),
  /** Why starts come to nothing, and when it is tried again. */
  trouble: z.object({ code: z.string(), message: z.string(), againAtMs: z.number() }).nullable(),
});
export type Fleet = z.infer<typeof Fleet>;

export const Allocation = z.object({
  requestId: z.string(),
  server: z.string(),
  fleet: z.string(),
  /** `granted`: nobody has come yet. */
  state: z.enum(['granted', 'active', 'ended']),
  grantedAtMs: z.number(),
  /** By when somebody must come; null: whenever. */
  leaseUntilMs: z.number().nullable(),
  players: z.array(z.string()),
  /** How it ended, when, and what its server said of it; null: it has not. */
  end: z.enum(['ended', 'released', 'expired', 'died']).nullable(),
  endedAtMs: z.number().nullable(),
  result: z.unknown(),
});
export type Allocation = z.infer<typeof Allocation>;

export const ModeDeployment = z.object({
  mode: z.string(),
  fleet: Fleet,
  /** Where servers of the mode are asked for, and where its servers listen now. */
  endpoints: z.object({
    allocate: z.string(),
    fleet: z.string(),
    servers: z.array(z.object({ server: z.string(), port: z.string(), address: z.string() })),
  }),
  dashboardUrl: z.string(),
  estimatedCost: z.object({
    currency: z.string(),
    /** null: nothing is measured yet, or no price is configured. */
    perHourMin: z.number().nullable(),
    perHourMax: z.number().nullable(),
    /** What it is made of, in words. */
    madeOf: z.string(),
    measured: z.object({ servers: z.int(), coresEach: z.number(), gibEach: z.number() }).nullable(),
  }),
});
export type ModeDeployment = z.infer<typeof ModeDeployment>;
