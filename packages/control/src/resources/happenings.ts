/** What happened: handoffs with their phases, the event log, the last hour in figures, the audit log, and answers to actions. */
import { z } from 'zod';

/** One crossing of one group, from the first word of it to its end. */
export const Handoff = z.object({
  /** `<group>-<epoch>`. */
  id: z.string(),
  group: z.number(),
  player: z.string(),
  name: z.string(),
  source: z.string(),
  target: z.string(),
  epoch: z.int(),
  newEpoch: z.int().nullable(),
  /** Where it stands: a phase of the handoff machine while under way. */
  phase: z.string(),
  outcome: z.enum(['under-way', 'done', 'rolled-back', 'failed']),
  /** Why it did not come about, or empty. */
  why: z.string(),
  /** The target's copy was in place in time. */
  warm: z.boolean().nullable(),
  /** Every phase it entered, in order. */
  phases: z.array(z.object({ phase: z.string(), atMs: z.number() })),
  /** From freeze to activation. */
  frozenMs: z.number().nullable(),
  /** Largest distance between two frames of the session around the switch, as the gateway saw it. */
  gapMs: z.number().nullable(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
});
export type Handoff = z.infer<typeof Handoff>;

export const Event = z.object({
  /** Grows by one with every event of this Atlas, across restarts of a watcher: `Last-Event-ID` of the stream. */
  id: z.int(),
  atMs: z.number(),
  /** Dotted, such as `region.active`, `server.failed`, `player.joined`, `action.kill`. */
  type: z.string(),
  tone: z.enum(['good', 'bad', 'plain']),
  /** A sentence for people. */
  text: z.string(),
  /** What it is about, each empty if not about one. */
  region: z.string(),
  server: z.string(),
  player: z.string(),
  fields: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof Event>;

/** The last hour, a point each `stepMs`; a point without a figure is null. All series are as long as `atMs`. */
export const History = z.object({
  stepMs: z.number(),
  atMs: z.array(z.number()),
  series: z.record(z.string(), z.array(z.number().nullable())),
});
export type History = z.infer<typeof History>;

/** What a series of the history is. Per-server and per-region figures are named `<name>:<id>`. */
export const historySeries = {
  players: 'players online',
  handoffsPerS: 'handoffs a second',
  gapP99Ms: 'gap p99 of the step, ms',
  messagesInPerS: 'messages from clients a second, all gateways',
  messagesOutPerS: 'messages to clients a second, all gateways',
  refusalsPerS: 'refused connections and messages a second',
  cpu: 'cores used by all processes of this Atlas',
  memoryBytes: 'memory of all processes of this Atlas',
  'load:<region>': 'tick work p90 of a region ÷ its budget',
  'players:<region>': 'players of a region',
  'serversInUse:<fleet>': 'game servers of a fleet that somebody has',
  'serversReady:<fleet>': 'game servers that wait to be given away',
  'serversComing:<fleet>': 'game servers on their way to Ready',
  'serversLeaving:<fleet>': 'game servers that are drained, taken out or shut down',
  'serversAsleep:<fleet>': 'game servers that sleep',
  'serversInTrouble:<fleet>': 'game servers that hang or have failed',
} as const;

export const LogLine = z.object({ atMs: z.number().nullable(), stream: z.enum(['stdout', 'stderr']), text: z.string() });
export type LogLine = z.infer<typeof LogLine>;

/** An entry of the append-only, hash-chained log of connections, refusals and administrative actions. */
export const AuditEntry = z.object({
  seq: z.int(),
  atMs: z.number(),
  /** `connection.opened`, `connection.closed`, `connection.refused`, `action.kill`, `login`, `key.created`, … */
  kind: z.string(),
  /** Who did it: `key:<name>`, `oidc:<subject>`, `local`, `player:<id>`. */
  actor: z.string(),
  address: z.string(),
  subject: z.string(),
  code: z.string(),
  fields: z.record(z.string(), z.unknown()),
  /** SHA-256 over the hash before it and this entry, hexadecimal. */
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** What an action will do, or has begun to do, to players. With `?dryRun=true` nothing is done and `done` is false. */
export const ActionResult = z.object({
  action: z.enum(['kill', 'drain', 'restart', 'move', 'kick']),
  subject: z.string(),
  done: z.boolean(),
  /** Sentences for people: "12 players of Trading Hub wait about 0.5 s while another server takes over; nobody is disconnected." */
  effects: z.array(z.string()),
  playersAffected: z.int(),
});
export type ActionResult = z.infer<typeof ActionResult>;
