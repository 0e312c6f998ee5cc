/**
 * A game's own way to form matches, in place of the engine: a function that is shown who waits and answers with proposals. Open Match's word and shape; the
 * queue's rule set says which proposals may become matches.
 */
import type { Player } from './rule-set.ts';

/** Is called again and again while tickets wait, one call at a time. Its default export of the module that a queue names. */
export type MatchFunction = (pool: MatchPool) => readonly MatchProposal[] | Promise<readonly MatchProposal[]>;

/** Who waits in the queue, as JSON has it. */
export interface MatchPool {
  readonly queue: string;
  /** Wall clock, ms. */
  readonly nowMs: number;
  /** As the rule set has them before anything expands. */
  readonly teams: readonly { readonly name: string; readonly minPlayers: number; readonly maxPlayers: number }[];
  /** Those with a high priority first, then the oldest; at most `limits.tickets` of them. */
  readonly tickets: readonly PoolTicket[];
  /** Tickets of the queue that are not shown. */
  readonly more: number;
}

/** A player or a party, who stay together. */
export interface PoolTicket {
  readonly id: string;
  readonly players: readonly Player[];
  readonly ageMs: number;
  readonly priority: number;
}

export interface MatchProposal {
  /** By the team's name, ids of its tickets. */
  readonly teams: Readonly<Record<string, readonly string[]>>;
  /** Where it is to be played; absent: where the rules let it, and the worst of them has it best. */
  readonly place?: string;
}

/** How a queue with a function is led. */
export interface MatchFunctionSettings {
  /** From the beginning of a call to that of the next, ms. */
  readonly everyMs: number;
}

export const limits = {
  /** Tickets of a queue that one call is shown. */
  tickets: 5_000,
  /** Characters of a place. */
  placeText: 128,
} as const;
