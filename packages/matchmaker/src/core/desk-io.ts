/** What the desk is asked for, and what it asks for: see desk.ts. */
import type { ErrorCode, GameServerPort } from '@horizon-atlas/protocol';
import type { MatchFunctionSettings, MatchPool } from './match-function.ts';
import type { Match } from './match-life.ts';
import type { RuleSet } from './rule-set.ts';
import type { QueuedTicket, TicketEvent, TicketState } from './ticket-life.ts';

/** One queue, as configured. */
export interface QueueSettings {
  readonly name: string;
  readonly ruleSet: RuleSet;
  /** Whose servers its matches are played on. */
  readonly fleet: string;
  /** A ticket that has waited so long is TIMED_OUT, ms. */
  readonly ticketTimeoutMs: number;
  /** Players are asked before a match is placed, and have so long to answer, ms; 0: nobody is asked. */
  readonly acceptMs: number;
  /** A match with free places goes on taking players from the queue. */
  readonly backfill: boolean;
  /** The game forms matches by itself; absent: the engine does. */
  readonly matchFunction?: MatchFunctionSettings | undefined;
}

/** What the Store is to keep, in the order in which it is said. */
export type Change =
  | { readonly kind: 'ticket'; readonly ticket: QueuedTicket }
  | { readonly kind: 'ticket-gone'; readonly ticket: string }
  | { readonly kind: 'match'; readonly match: Match }
  | { readonly kind: 'match-gone'; readonly match: string }
  /** `before`: its `mu` until then. */
  | { readonly kind: 'rating'; readonly rating: Rating; readonly before: number };

export interface Rating {
  readonly pool: string;
  readonly player: string;
  readonly mu: number;
  readonly sigma: number;
  readonly games: number;
  readonly wins: number;
  readonly updatedAtMs: number;
}

export interface DeskOut {
  /**
   * All of it or nothing; answered by `kept`. Changes take effect in the order of the calls. `must`: tried until it is done, and what comes after it
   * waits; otherwise a failure is told.
   */
  keep(token: number, changes: readonly Change[], must: boolean): void;
  /** Answered by `placed`. */
  reserve(match: Match): void;
  /** The server that was or will be given for it is not wanted any more. */
  release(match: string): void;
  /** Once it is durable. `states`: those of `event.tickets`. */
  happened(event: TicketEvent, states: readonly TicketState[]): void;
  /** Somebody has been put into a match that runs, durably: its server and its players are to know. The match may have changed since. */
  filled(match: Match, ticket: QueuedTicket): void;
  /** The match is another than before. */
  changed(match: Match): void;
  /** The queue's match function is called with this. Answered by `proposed`. */
  propose(queue: string, pool: MatchPool): void;
  newId(prefix: string): string;
}

/** What a match function answered: proposals, whatever they are, or why there are none. */
export type FunctionAnswer =
  | { readonly ok: true; readonly proposals: readonly unknown[] }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** A server for a match, or why there is none. */
export type Placement =
  | { readonly ok: true; readonly server: string; readonly fleet: string; readonly ports: readonly GameServerPort[] }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

export const deskPolicy = {
  /** Tickets that are over and matches that have ended are told of for so long, and so many of them. */
  overKeptMs: 600_000,
  overTickets: 20_000,
  endedMatches: 5_000,
  /** After a match got no server its queue waits before it makes the next one; twice as long each time, up to the second. */
  pauseMs: 250,
  pauseMsMax: 5_000,
  /** After a match function failed it is called again; each time in a row twice as late, up to the second. */
  functionPauseMs: 500,
  functionPauseMsMax: 10_000,
  /** Between two tries at a write that must come about. */
  keepAgainMs: 250,
} as const;
