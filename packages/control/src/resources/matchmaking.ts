/** Matchmaking as the API shows it. Ids of players are their own choice: never trusted as markup. */
import { z } from 'zod';
import { Id } from './shapes.ts';

export const limits = {
  /** Players of a ticket; attributes of one, and their texts and entries. The rule set may be stricter. */
  party: 40,
  attributes: 64,
  entries: 100,
  text: 256,
  places: 31,
  /** Tickets of one request. */
  batch: 1_000,
} as const;

export const PlayerId = z.string().min(1).max(256);
const key = z.string().min(1).max(128);
const attribute = z.union(
  [
    z.string().max(limits.text),
    z.number(),
    z.array(z.string().max(limits.text)).max(limits.entries),
    z.record(z.string().max(limits.text), z.number()),
  ],
  {
    error: `a number, a text of at most ${limits.text} characters, a list of at most ${limits.entries} texts, or a map of numbers`,
  },
);
export const Attributes = z
  .record(key, attribute)
  .refine((all) => Object.keys(all).length <= limits.attributes, `at most ${limits.attributes} attributes`)
  .describe('As the rule set’s playerAttributes name them: text, number, list of texts, or map of numbers.');
export const Latencies = z
  .record(key, z.number().min(0).max(60_000))
  .refine((all) => Object.keys(all).length <= limits.places, `at most ${limits.places} places`)
  .describe('Round trips to places, ms.');

export const TicketPlayer = z.object({ id: PlayerId, attributes: Attributes.default({}), latencyMs: Latencies.default({}) });
export type TicketPlayer = z.infer<typeof TicketPlayer>;

const ServerPort = z.object({
  name: z.string(),
  protocol: z.enum(['udp', 'tcp', 'tcp+udp', 'ws']),
  host: z.string(),
  port: z.int(),
});

export const Seat = z.object({
  player: PlayerId,
  team: z.string(),
  /** Where to connect: `host:port`, or a URL where it is for a browser. */
  address: z.string(),
  /** Shown to the edge or to the game server. Empty where nobody makes tokens. */
  token: z.string(),
});
export type Seat = z.infer<typeof Seat>;

export const Ticket = z.object({
  id: Id,
  queue: z.string(),
  status: z.enum(['QUEUED', 'SEARCHING', 'REQUIRES_ACCEPTANCE', 'PLACING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT']),
  players: z.array(PlayerId).readonly(),
  /** Of the party that it was made for, or empty. */
  party: z.string(),
  priority: z.int(),
  createdAtMs: z.number(),
  /** Since when it has its status. */
  sinceMs: z.number(),
  /** Half of those who wait like this are matched within it; null: not known, or it does not wait. */
  estimatedWaitMs: z.number().nullable(),
  match: z.string(),
  /** Why it is where it is, where that is not plain: an error code, and a sentence. */
  code: z.string(),
  message: z.string(),
  /** While players are asked whether they want the match. */
  acceptance: z.object({ untilMs: z.number(), accepted: z.array(PlayerId).readonly() }).nullable(),
  /** Once there is a server. `seats`: of those whom the caller may see. */
  placement: z
    .object({ server: Id, fleet: z.string(), ports: z.array(ServerPort).readonly(), seats: z.array(Seat).readonly() })
    .nullable(),
});
export type Ticket = z.infer<typeof Ticket>;

/** What became of one ticket of a batch. */
export const TicketOutcome = z.object({
  /** null: it was refused, and `code` and `message` say why. */
  ticket: Ticket.nullable(),
  code: z.string(),
  message: z.string(),
});
export type TicketOutcome = z.infer<typeof TicketOutcome>;

/** What FlexMatch would have published, of one ticket. */
export const TicketEvent = z.object({
  name: z.enum([
    'MatchmakingSearching',
    'PotentialMatchCreated',
    'AcceptMatch',
    'AcceptMatchCompleted',
    'MatchmakingSucceeded',
    'MatchmakingTimedOut',
    'MatchmakingCancelled',
    'MatchmakingFailed',
  ]),
  atMs: z.number(),
  queue: z.string(),
  match: z.string(),
  code: z.string(),
  message: z.string(),
  tickets: z.array(Ticket).readonly(),
});
export type TicketEvent = z.infer<typeof TicketEvent>;

export const Explanation = z.object({
  ticket: Ticket,
  /** Null: it does not wait. */
  waiting: z
    .object({
      waitedMs: z.number(),
      level: z.int(),
      levels: z.int(),
      loosensInMs: z.number().nullable(),
      playersNeeded: z.int(),
      others: z.int(),
      looked: z.int(),
      playable: z.object({ tickets: z.int(), players: z.int() }),
      apart: z.array(z.object({ reason: z.string(), tickets: z.int() })).readonly(),
    })
    .nullable(),
  text: z.string(),
});
export type Explanation = z.infer<typeof Explanation>;

const rank = z.int().min(1).max(64);
export const MatchResult = z.object({
  teams: z
    .array(z.object({ name: z.string().min(1).max(128), rank: rank.optional(), score: z.number().optional() }))
    .min(1)
    .max(64)
    .describe(
      'Every team that played. Rank 1 is the winner, equal ranks are a draw; without ranks, the highest score is the first.',
    ),
  data: z.unknown().optional().describe('Kept and shown, not read.'),
});
export type MatchResult = z.infer<typeof MatchResult>;

export const Match = z.object({
  id: Id,
  queue: z.string(),
  stage: z.enum(['accepting', 'placing', 'active', 'ended']),
  /** Of an ended one. `over`: without a result. `lost`: its server ended before it did. */
  outcome: z.enum(['', 'finished', 'over', 'lost']),
  place: z.string(),
  level: z.int(),
  server: z.string(),
  fleet: z.string(),
  /** Without those who have left. */
  players: z.int(),
  teams: z
    .array(
      z.object({
        name: z.string(),
        players: z.array(z.object({ id: PlayerId, ticket: z.string(), party: z.string(), left: z.boolean() })).readonly(),
      }),
    )
    .readonly(),
  /** Its free places are filled from the queue. */
  backfill: z.boolean(),
  createdAtMs: z.number(),
  placedAtMs: z.number(),
  endedAtMs: z.number(),
  result: z
    .object({
      teams: z.array(z.object({ name: z.string(), rank, score: z.number().optional() })).readonly(),
      data: z.unknown().optional(),
    })
    .nullable(),
  /** Of a rated queue's match that had a result: everybody's rating before it and after. */
  ratings: z.array(z.object({ player: PlayerId, before: z.int(), after: z.int() })).readonly(),
  /** From the oldest ticket to the result. */
  timeline: z.array(z.object({ what: z.string(), atMs: z.number(), text: z.string() })).readonly(),
});
export type Match = z.infer<typeof Match>;

export const Queue = z.object({
  name: z.string(),
  fleet: z.string(),
  tickets: z.int(),
  players: z.int(),
  /** Tickets whose rules have loosened already. */
  expanding: z.int(),
  oldestMs: z.number().nullable(),
  estimatedWaitMs: z.number().nullable(),
  matches: z.object({ accepting: z.int(), placing: z.int(), active: z.int(), open: z.int() }),
  /** Since the start. */
  matchesFormed: z.int(),
  ticketsMatched: z.int(),
  /** Why the one who has waited longest still waits, or why its matches get no servers. */
  why: z.string(),
});
export type Queue = z.infer<typeof Queue>;

export const Party = z.object({
  id: Id,
  leader: PlayerId,
  members: z
    .array(
      z.object({
        player: PlayerId,
        ready: z.boolean(),
        attributes: z.record(z.string(), z.unknown()),
        latencyMs: z.record(z.string(), z.number()),
      }),
    )
    .readonly(),
  invited: z.array(PlayerId).readonly(),
  open: z.boolean(),
  ticket: z.string(),
  queue: z.string(),
  match: z.string(),
  createdMs: z.number(),
});
export type Party = z.infer<typeof Party>;

export const Lobby = z.object({
  name: z.string(),
  fleet: z.string(),
  capacity: z.int(),
  queues: z.array(z.string()).readonly(),
  servers: z.array(z.object({ id: Id, state: z.string(), players: z.int() })).readonly(),
  players: z.int(),
});
export type Lobby = z.infer<typeof Lobby>;

export const Rating = z.object({
  pool: z.string(),
  player: PlayerId,
  /** As Elo's: 1500 for somebody unknown. `uncertainty`: 200 for them, less with each match. */
  rating: z.int(),
  uncertainty: z.int(),
  mu: z.number(),
  sigma: z.number(),
  games: z.int(),
  wins: z.int(),
  updatedAtMs: z.number(),
});
export type Rating = z.infer<typeof Rating>;

export const Whereabouts = z.object({ ticket: z.string(), match: z.string(), party: z.string() });
