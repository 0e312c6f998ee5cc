/**
 * A queue's engine: a rule set and the tickets that wait by it, by slot. Told of tickets and time, it answers with matches. Who tells it sees to it that
 * nobody waits twice: the desk, which knows all queues, or queue.ts.
 */
import { Heap } from '@horizon-atlas/base';
import { Door, limits as doorLimits, type Refusal, refuse } from './admission.ts';
import { type Fill, fill, type OpenMatch } from './backfill.ts';
import { type Constraints, constraintsOf } from './constraints.ts';
import { defaultFormerPolicy, type FormedMatch, Former, type FormerPolicy } from './former.ts';
import { levelAt } from './levels.ts';
import { Pool } from './pool.ts';
import type { RuleSet, Ticket } from './rule-set.ts';
import { SlotList } from './slot-list.ts';

export const limits = {
  ...doorLimits,
  /** Tickets that wait in one queue. */
  tickets: 1_000_000,
} as const;

export class SlotQueue {
  readonly constraints: Constraints;
  readonly pool: Pool;
  readonly #door: Door;
  readonly #former: Former;
  readonly #policy: FormerPolicy;
  /** New, or loosened since the last `form`; and a list that is used next. */
  #seeds = new SlotList();
  #nextSeeds = new SlotList();
  /** When a ticket's rules loosen: its slot, and which of the slot's tickets it was. */
  readonly #due = new Heap<number>();
  /** In which round a slot's ticket was scheduled last: a slot can be a seed twice. */
  #scheduled = new Uint32Array(0);
  #round = 0;
  readonly #partial: boolean;

  constructor(ruleSet: RuleSet, policy: Partial<FormerPolicy> = {}) {
    this.#policy = { ...defaultFormerPolicy, ...policy };
    this.constraints = constraintsOf(ruleSet);
    this.#partial = this.constraints.levels.some(({ playersMin, playersMax }) => playersMin < playersMax);
    this.#door = new Door(this.constraints);
    this.pool = new Pool(this.constraints, this.#door);
    this.#former = new Former(this.pool, limits.party, this.#policy);
  }

  get size(): number {
    return this.pool.count;
  }

  /** When `form` has something to do; −Infinity: now; Infinity: not before another ticket comes. */
  get dueMs(): number {
    return this.#seeds.count > 0 ? Number.NEGATIVE_INFINITY : this.#due.minKey;
  }

  /** The ticket waits from now on, in the slot that is answered; or why it cannot. One that returns from a match that came to nothing keeps its age. */
  add(ticket: Ticket): { readonly ok: true; readonly slot: number } | Refusal {
    const refusal = this.refusal(ticket);
    if (refusal) return refusal;
    if (this.#door.places.strangers) {
      // Seldom, because there are few places: they have a name from now on.
      this.#door.places.name(ticket.players);
      this.#door.read(ticket);
    }
    const slot = this.pool.add(ticket);
    this.#seeds.push(slot);
    return { ok: true, slot };
  }

  /** Why the ticket cannot be matched by this rule set at all; undefined: it can. */
  refusal(ticket: Ticket): Refusal | undefined {
    if (this.size >= limits.tickets) return refuse('QUEUE_FULL', `${limits.tickets} tickets wait already`);
    return this.#door.read(ticket);
  }

  /** True: it waited there, and will be in no match. */
  cancel(slot: number, ticketId: string): boolean {
    if (this.pool.tickets[slot]?.id !== ticketId) return false;
    this.pool.remove(slot);
    return true;
  }

  /** Out of the queue, for a match that somebody else has formed. */
  take(slot: number): Ticket {
    return this.pool.remove(slot);
  }

  /** As `formAround`, for who forms matches otherwise: free places alone are filled. */
  fill(opens: readonly OpenMatch[], nowMs: number): readonly Fill[] {
    const seeds = this.#seedsAt(nowMs);
    this.pool.settle();
    const fills = this.#fill(opens, seeds, nowMs);
    this.#scheduleThose(seeds, nowMs);
    return fills;
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
    const fills = low ? this.#fill(opens, seeds, nowMs) : early;
    this.#scheduleThose(seeds, nowMs);
    return { matches, fills };
  }

  /** Those that are still there wait for their rules to loosen. */
  #scheduleThose(seeds: Int32Array, nowMs: number): void {
    const { size, capacity } = this.pool;
    if (this.#scheduled.length < capacity) {
      const scheduled = new Uint32Array(capacity);
      scheduled.set(this.#scheduled);
      this.#scheduled = scheduled;
    }
    const round = ++this.#round;
    for (let i = 0; i < seeds.length; i++) {
      const slot = seeds[i] as number;
      if (size[slot] === 0 || this.#scheduled[slot] === round) continue;
      this.#scheduled[slot] = round;
      this.#schedule(slot, nowMs);
    }
  }

  #fill(opens: readonly OpenMatch[], seeds: Int32Array, nowMs: number): readonly Fill[] {
    return opens.length === 0 ? [] : fill(this.pool, opens, [...seeds], nowMs);
  }

  /** Slots of tickets that are new, or whose rules have just loosened. */
  #seedsAt(nowMs: number): Int32Array {
    const { pool } = this;
    while (this.#due.minKey <= nowMs) {
      const due = this.#due.pop() as number;
      const slot = due % slotsMax;
      if (pool.tickets[slot] === undefined || pool.turnOf(slot) !== Math.floor(due / slotsMax)) continue;
      this.#seeds.push(slot);
    }
    const seeds = this.#seeds;
    this.#seeds = this.#nextSeeds;
    this.#seeds.clear();
    this.#nextSeeds = seeds;
    return seeds.all;
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
