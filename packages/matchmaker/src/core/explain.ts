/** Why a ticket waits: who is in the queue beside it, and what keeps each of them apart from it. */
import { levelAt } from './levels.ts';
import type { MatchQueue } from './queue.ts';
import type { SlotQueue } from './slot-queue.ts';

export const limits = {
  /** Other tickets that are looked at; the answer says if there are more. */
  looked: 10_000,
} as const;

export interface Explanation {
  readonly ticket: string;
  readonly waitedMs: number;
  /** Which step of the expansions it has reached, of how many. */
  readonly level: number;
  readonly levels: number;
  /** When its rules loosen next, ms from now; null if never. */
  readonly loosensInMs: number | null;
  /** Others without whom no match begins; it may have room for more. */
  readonly playersNeeded: number;
  /** Others in the queue, and why so many of them cannot play with it: each is counted at the first reason. */
  readonly others: number;
  readonly looked: number;
  readonly playable: { readonly tickets: number; readonly players: number };
  readonly apart: readonly { readonly reason: string; readonly tickets: number }[];
  /** A sentence for people. */
  readonly text: string;
}

/** undefined: it does not wait. */
export function explain(queue: MatchQueue, ticketId: string, nowMs: number): Explanation | undefined {
  const slot = queue.slotOf(ticketId);
  return slot === undefined ? undefined : explainSlot(queue.engine, slot, nowMs);
}

/** Of the ticket in a slot. `byFunction`: whom it plays with is chosen by the queue's match function. */
export function explainSlot(queue: SlotQueue, slot: number, nowMs: number, byFunction = false): Explanation {
  const { pool, constraints } = queue;
  const ticketId = pool.tickets[slot]?.id ?? '';
  const level = pool.levelAt(slot, nowMs);
  const apart = new Map<string, number>();
  let [looked, tickets, players] = [0, 0, 0];
  for (const other of pool.slots()) {
    if (other === slot) continue;
    if (looked++ >= limits.looked) break;
    const reason = reasonBetween(queue, slot, other, nowMs);
    if (reason !== undefined) apart.set(reason, (apart.get(reason) ?? 0) + 1);
    else {
      tickets++;
      players += pool.size[other] as number;
    }
  }
  const waitedMs = nowMs - (pool.createdMs[slot] as number);
  const next = constraints.levels[levelAt(constraints.levels, waitedMs) + 1]?.fromMs;
  const needed = Math.max(0, (constraints.levels[level]?.playersMin ?? 0) - (pool.size[slot] as number));
  const reasons = [...apart].map(([reason, count]) => ({ reason, tickets: count })).sort((a, b) => b.tickets - a.tickets);
  const loosensInMs = next === undefined ? null : next - waitedMs;
  return {
    ticket: ticketId,
    waitedMs,
    level,
    levels: constraints.levels.length,
    loosensInMs,
    playersNeeded: needed,
    others: queue.size - 1,
    looked: Math.min(looked, limits.looked),
    playable: { tickets, players },
    apart: reasons,
    text: sentence(
      queue.size - 1,
      needed,
      players,
      reasons,
      loosensInMs,
      byFunction ? 'function' : (constraints.levels[level]?.judged.map(({ name }) => name) ?? []),
    ),
  };
}

/** undefined: nothing keeps the two apart. */
function reasonBetween({ pool, constraints }: SlotQueue, a: number, b: number, nowMs: number): string | undefined {
  if (pool.lineOf(a) !== pool.lineOf(b)) return `another ${constraints.sameAttributes.join(' or ')}`;
  const [la, lb] = [pool.levelAt(a, nowMs), pool.levelAt(b, nowMs)];
  const newest = constraints.ruleSet.algorithm.expansionAge === 'newest';
  const level = constraints.levels[newest ? Math.min(la, lb) : Math.max(la, lb)];
  if (!level) return undefined;
  for (const [c, { attribute }] of constraints.columns.entries()) {
    const values = pool.columns[c] as Float64Array;
    const most = level.spread[c] as number;
    if (Math.abs((values[a] as number) - (values[b] as number)) > most) return `${attribute} more than ${most} apart`;
  }
  const masks = pool.masks[constraints.levels.indexOf(level)] as Int32Array;
  if (((masks[a] as number) & (masks[b] as number)) === 0) return `no place within ${level.maxLatencyMs} ms of both`;
  if ((pool.size[a] as number) + (pool.size[b] as number) > level.playersMax) return 'together too many';
  return undefined;
}

function sentence(
  others: number,
  needed: number,
  players: number,
  reasons: readonly { readonly reason: string; readonly tickets: number }[],
  loosensInMs: number | null,
  judged: readonly string[] | 'function',
): string {
  const later = loosensInMs === null ? '' : ` Its rules loosen in ${(loosensInMs / 1000).toFixed(1)} s.`;
  const more = `${needed} more ${needed === 1 ? 'player is' : 'players are'} needed`;
  if (others === 0) return `Nobody else waits in this queue; ${more}.${later}`;
  if (players >= needed) {
    const could = `${players} ${players === 1 ? 'player' : 'players'} could play with it and ${needed} ${needed === 1 ? 'is' : 'are'} needed`;
    if (judged === 'function') return `${could}, but the queue's match function has proposed no match of them.${later}`;
    const but = judged.length > 0 ? `no lineup satisfies ${judged.join(', ')}` : 'not all of them fit each other or the teams';
    return `${could}, but ${but}.${later}`;
  }
  const why = reasons[0] ? ` Most others: ${reasons[0].reason}.` : '';
  return `${more}, and ${players} could play with it.${why}${later}`;
}
