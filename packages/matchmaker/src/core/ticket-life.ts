/**
 * A ticket's life, in FlexMatch's words:
 *
 *                      ┌───────────── no server, or somebody said no: back, with its age ─────────────┐
 *                      ▼                                                                               │
 *   QUEUED ──kept──▶ SEARCHING ──match──▶ REQUIRES_ACCEPTANCE ──all say yes──▶ PLACING ──a server──▶ COMPLETED
 *                      │   └────────────── a match that asks nobody ──────────────▲  │
 *                      ├─ too old ─▶ TIMED_OUT          said no, or nothing ─▶ CANCELLED ◀─ cancelled, until there is a server
 *                      └─ never can be ─▶ FAILED
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { Ticket } from './rule-set.ts';

export const ticketStatuses = [
  'QUEUED',
  'SEARCHING',
  'REQUIRES_ACCEPTANCE',
  'PLACING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMED_OUT',
] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

export const ticketEvents = [
  'MatchmakingSearching',
  'PotentialMatchCreated',
  'AcceptMatch',
  'AcceptMatchCompleted',
  'MatchmakingSucceeded',
  'MatchmakingTimedOut',
  'MatchmakingCancelled',
  'MatchmakingFailed',
] as const;
export type TicketEventName = (typeof ticketEvents)[number];

/** A ticket with its queue: what is kept of it, and given to its match. */
export interface QueuedTicket extends Ticket {
  readonly queue: string;
  /** Of the party that it was made for, or empty. */
  readonly party: string;
}

export interface TicketState {
  readonly ticket: QueuedTicket;
  readonly status: TicketStatus;
  /** Since when it has its status; ms since 1970, as all times here. */
  readonly sinceMs: number;
  /** In its queue, while it is SEARCHING. */
  readonly slot: number;
  /** It is part of this match, or empty. */
  readonly match: string;
  /** Why it is where it is, where that is not plain; both empty otherwise. */
  readonly code: ErrorCode | '';
  readonly message: string;
}

/** What FlexMatch would have published. `tickets`: all that it is about. */
export interface TicketEvent {
  readonly name: TicketEventName;
  readonly atMs: number;
  readonly queue: string;
  readonly tickets: readonly string[];
  readonly match: string;
  readonly code: ErrorCode | '';
  readonly message: string;
  /** Of AcceptMatch: who has said yes so far. */
  readonly accepted?: readonly string[];
  /** Of AcceptMatchCompleted. */
  readonly acceptance?: 'Accepted' | 'Rejected' | 'TimedOut';
}

export function isOver(status: TicketStatus): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED' || status === 'TIMED_OUT';
}
