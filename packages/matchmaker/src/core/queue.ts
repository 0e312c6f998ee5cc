/**
 * One matchmaking queue: a rule set and the tickets that wait by it. Told of tickets, cancellations and time, it answers with matches. It is the single
 * writer of its pool, so a ticket is in one match or in none, and a ticket whose cancellation was acknowledged is in none.
 */
import { Heap } from '@horizon-atlas/base';
import { type Admission, Door, limits as doorLimits, type Refusal, refuse } from './admission.ts';
import { type Fill, fill, type OpenMatch } from './backfill.ts';
import { type Constraints, constraintsOf } from './constraints.ts';
import { defaultFormerPolicy, type FormedMatch, Former, type FormerPolicy } from './former.ts';
import { levelAt } from './levels.ts';
import { Pool } from './pool.ts';
import type { RuleSet, Ticket } from './rule-set.ts';

export const limits = {
  ...doorLimits,
  /** Tickets that wait in one queue. */
  tickets: 1_000_000,
} as const;

const admitted: Admission = { ok: true };

export class MatchQueue {
  readonly constraints: Constraints;
  readonly pool: Pool;
  readonly #door: Door;
  readonly #former: Former;
  readonly #policy: FormerPolicy;
  /** In which slot a player waits. */
  readonly #players = new Map<string, number>();
  #seeds: number[] = [];
  /** When a ticket's rules loosen: its slot, and which of the slot's tickets it was. */
  readonly #due = new Heap<number>();
  readonly #partial: boolean;

  constructor(ruleSet: RuleSet, policy: Partial<FormerPolicy> = {}) {
    this.#policy = { ...defaultFormerPolicy, ...policy };
    this.constraints = constraintsOf(ruleSet);
    this.#partial = this.constraints.levels.some(({ playersMin, playersMax }) => playersMin < playersMax);
    this.#door = new Door(this.constraints);
    this.pool = new Pool(this.constraints);
    this.#former = new Former(this.pool, limits.party, this.#policy);
  }

  get size(): number {
    return this.pool.count;
  }

  /** When `form` has something to do; −Infinity: now; Infinity: not before another ticket comes. */
  get dueMs(): number {
    return this.#seeds.length > 0 ? Number.NEGATIVE_INFINITY : this.#due.minKey;
  }

  /** The ticket waits from now on; or why it cannot. A ticket that returns from a match that came to nothing keeps its age. */
  add(ticket: Ticket): Admission {
    if (this.size >= limits.tickets) return refuse('QUEUE_FULL', `${limits.tickets} tickets wait already`);
    if (this.pool.slotOf(ticket.id) !== undefined) return refuse('TICKET_INVALID', `a ticket ${ticket.id} waits already`);
    const refusal = this.#door.refusal(ticket);
    if (refusal) return refusal;
    for (const { id } of ticket.players) {
      const other = this.ticketOf(id);
      if (other !== undefined) return refuse('PLAYER_WAITING', `player ${id} waits in ticket ${other} already`);
    }
    const slot = this.pool.add(ticket);
    for (const { id } of ticket.players) this.#players.set(id, slot);
    this.#seeds.push(slot);
    this.#schedule(slot, Number.NEGATIVE_INFINITY);
    return admitted;
  }

  /** Why the ticket cannot be matched by this rule set at all; undefined: it can. */
  refusal(ticket: Ticket): Refusal | undefined {
    if (this.size >= limits.tickets) return refuse('QUEUE_FULL', `${limits.tickets} tickets wait already`);
    return this.#door.refusal(ticket);
  }

  /** True: it waited, and will be in no match. */
  cancel(ticketId: string): boolean {
    const slot = this.pool.slotOf(ticketId);
    if (slot === undefined) return false;
    this.#forget(this.pool.remove(slot));
    return true;
  }

  /** The ticket of a player who waits. */
  ticketOf(player: string): string | undefined {
    const slot = this.#players.get(player);
    return slot === undefined ? undefined : this.pool.tickets[slot]?.id;
  }

  /** All matches that have become possible. Their tickets wait no more. */
  form(nowMs: number): FormedMatch[] {
    return this.formAround([], nowMs).matches;
  }

  /** As `form`, and free places of matches that run are filled before, or after where the rule set says `backfillPriority: low`. */
  formAround(opens: readonly OpenMatch[], nowMs: number): { readonly matches: FormedMatch[]; readonly fills: readonly Fill[] } {
    const seeds = this.#seedsAt(nowMs);
    const low = this.constraints.ruleSet.algorithm.backfillPriority === 'low';
    const early = low ? [] : this.#fill(opens, seeds, nowMs);
    const matches = this.#former.form(seeds, nowMs);
    for (const { teams } of matches) {
      for (const { tickets } of teams) for (const ticket of tickets) this.#forget(ticket);
    }
    return { matches, fills: low ? this.#fill(opens, seeds, nowMs) : early };
  }

  #fill(opens: readonly OpenMatch[], seeds: readonly number[], nowMs: number): readonly Fill[] {
    if (opens.length === 0) return [];
    const fills = fill(this.pool, opens, seeds, nowMs);
    for (const { ticket } of fills) this.#forget(ticket);
    return fills;
  }

  /** Slots of tickets that are new, or whose rules have just loosened. */
  #seedsAt(nowMs: number): number[] {
    const { pool } = this;
    while (this.#due.minKey <= nowMs) {
      const due = this.#due.pop() as number;
      const slot = due % slotsMax;
      if (pool.tickets[slot] === undefined || pool.turnOf(slot) !== Math.floor(due / slotsMax)) continue;
      this.#seeds.push(slot);
      this.#schedule(slot, nowMs);
    }
    const seeds = this.#seeds;
    this.#seeds = [];
    return seeds;
  }

  #forget({ players }: Ticket): void {
    for (const { id } of players) this.#players.delete(id);
  }

  /** The next moment at which more may be possible for it. */
  #schedule(slot: number, afterMs: number): void {
    const { levels } = this.constraints;
    const createdMs = this.pool.createdMs[slot] as number;
    const age = afterMs - createdMs;
    let at = levels[levelAt(levels, Math.max(0, age)) + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    if (this.#partial && age < this.#policy.partialAfterMs) at = Math.min(at, this.#policy.partialAfterMs);
    if (at < Number.POSITIVE_INFINITY) this.#due.push(createdMs + at, this.pool.turnOf(slot) * slotsMax + slot);
  }
}

/** Slots and turns share a number: 2^21 slots leave 2^32 turns of each. */
const slotsMax = 2 ** 21;
