/**
 * One matchmaking queue by itself: the engine with names. It is the single writer of its pool, so a ticket is in one match or in none, a ticket whose
 * cancellation was acknowledged is in none, and a player waits in one ticket.
 */
import { type Admission, refuse } from './admission.ts';
import type { FormedMatch, FormerPolicy } from './former.ts';
import type { RuleSet, Ticket } from './rule-set.ts';
import { limits, SlotQueue } from './slot-queue.ts';

export { limits };

const admitted: Admission = { ok: true };

export class MatchQueue {
  readonly engine: SlotQueue;
  readonly #slots = new Map<string, number>();
  /** In which slot a player waits. */
  readonly #players = new Map<string, number>();

  constructor(ruleSet: RuleSet, policy: Partial<FormerPolicy> = {}) {
    this.engine = new SlotQueue(ruleSet, policy);
  }

  get constraints() {
    return this.engine.constraints;
  }

  get pool() {
    return this.engine.pool;
  }

  get size(): number {
    return this.engine.size;
  }

  /** When `form` has something to do; −Infinity: now; Infinity: not before another ticket comes. */
  get dueMs(): number {
    return this.engine.dueMs;
  }

  add(ticket: Ticket): Admission {
    const refusal = this.engine.refusal(ticket);
    if (refusal) return refusal;
    if (this.#slots.has(ticket.id)) return refuse('TICKET_INVALID', `a ticket ${ticket.id} waits already`);
    for (const { id } of ticket.players) {
      const other = this.ticketOf(id);
      if (other !== undefined) return refuse('PLAYER_WAITING', `player ${id} waits in ticket ${other} already`);
    }
    const added = this.engine.add(ticket);
    if (!added.ok) return added;
    this.#slots.set(ticket.id, added.slot);
    for (const { id } of ticket.players) this.#players.set(id, added.slot);
    return admitted;
  }

  /** True: it waited, and will be in no match. */
  cancel(ticketId: string): boolean {
    const slot = this.#slots.get(ticketId);
    const ticket = slot === undefined ? undefined : this.pool.tickets[slot];
    if (slot === undefined || !ticket || !this.engine.cancel(slot, ticketId)) return false;
    this.#forget(ticket);
    return true;
  }

  slotOf(ticketId: string): number | undefined {
    return this.#slots.get(ticketId);
  }

  /** The ticket of a player who waits. */
  ticketOf(player: string): string | undefined {
    const slot = this.#players.get(player);
    return slot === undefined ? undefined : this.pool.tickets[slot]?.id;
  }

  /** All matches that have become possible. Their tickets wait no more. */
  form(nowMs: number): FormedMatch[] {
    const matches = this.engine.form(nowMs);
    this.matched(matches);
    return matches;
  }

  /** Their tickets wait no more: somebody has taken them from the engine. */
  matched(matches: readonly FormedMatch[]): void {
    for (const { teams } of matches) {
      for (const { tickets } of teams) for (const ticket of tickets) this.#forget(ticket);
    }
  }

  #forget({ id, players }: Ticket): void {
    this.#slots.delete(id);
    for (const player of players) this.#players.delete(player.id);
  }
}
