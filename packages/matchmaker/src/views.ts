/** What is told of tickets, matches and queues. Times are ms since 1970. */
import type { ErrorCode, GameServerPort } from '@horizon-atlas/protocol';
import type { Desk } from './core/desk.ts';
import type { Explanation } from './core/explain.ts';
import { explainSlot } from './core/explain.ts';
import { type Match, type MatchResult, type MatchStage, type MatchStep, playersOf, type RatingMove } from './core/match-life.ts';
import type { QueueDesk } from './core/queue-desk.ts';
import type { Player } from './core/rule-set.ts';
import type { TicketState, TicketStatus } from './core/ticket-life.ts';
import type { Eyes } from './matchmaker.ts';

/** Where a player goes, and what they show there. */
export interface Seat {
  readonly player: string;
  readonly team: string;
  /** `host:port`, or a URL where the port is for a browser. Empty: the server listens nowhere. */
  readonly address: string;
  /** To be shown at the edge or to the game server; empty where nobody makes them. */
  readonly token: string;
}

export interface TicketView {
  readonly id: string;
  readonly queue: string;
  readonly status: TicketStatus;
  readonly players: readonly string[];
  readonly party: string;
  readonly priority: number;
  readonly createdAtMs: number;
  readonly sinceMs: number;
  /** Half of those who wait like this are matched within it; null: not known, or it does not wait. */
  readonly estimatedWaitMs: number | null;
  readonly match: string;
  readonly code: ErrorCode | '';
  readonly message: string;
  /** While players are asked whether they want the match. */
  readonly acceptance: { readonly untilMs: number; readonly accepted: readonly string[] } | null;
  /** Once there is a server. `seats`: of those who may see them. */
  readonly placement: {
    readonly server: string;
    readonly fleet: string;
    readonly ports: readonly GameServerPort[];
    readonly seats: readonly Seat[];
  } | null;
}

export interface MatchView {
  readonly id: string;
  readonly queue: string;
  readonly stage: MatchStage;
  readonly outcome: Match['outcome'];
  readonly place: string;
  readonly level: number;
  readonly server: string;
  readonly fleet: string;
  readonly players: number;
  readonly teams: readonly {
    readonly name: string;
    readonly players: readonly { readonly id: string; readonly ticket: string; readonly party: string; readonly left: boolean }[];
  }[];
  readonly backfill: boolean;
  readonly createdAtMs: number;
  readonly placedAtMs: number;
  readonly endedAtMs: number;
  readonly result: MatchResult | null;
  /** Whom the result moved. */
  readonly ratings: readonly RatingMove[];
  readonly timeline: readonly MatchStep[];
}

export interface QueueView {
  readonly name: string;
  readonly fleet: string;
  readonly tickets: number;
  readonly players: number;
  /** Tickets whose rules have loosened already. */
  readonly expanding: number;
  readonly oldestMs: number | null;
  /** Of a ticket that came now. */
  readonly estimatedWaitMs: number | null;
  readonly matches: { readonly accepting: number; readonly placing: number; readonly active: number; readonly open: number };
  readonly matchesFormed: number;
  readonly ticketsMatched: number;
  /** Why the one who has waited longest still waits, or why its matches get no servers; empty: nobody waits. */
  readonly why: string;
}

export const limits = {
  /** Of a queue that is shown: tickets that are counted by level and age one by one. */
  counted: 20_000,
} as const;

export function ticketView(desk: Desk, state: TicketState, nowMs: number, seats: readonly Seat[]): TicketView {
  const { ticket, status, sinceMs, code, message } = state;
  const match = state.match === '' ? undefined : desk.match(state.match);
  const queue = desk.queues.get(ticket.queue);
  const missing = (queue?.queue.constraints.levels[0]?.playersMax ?? 1) - ticket.players.length;
  return {
    id: ticket.id,
    queue: ticket.queue,
    status,
    players: ticket.players.map(({ id }) => id),
    party: ticket.party,
    priority: ticket.priority ?? 0,
    createdAtMs: ticket.createdMs,
    sinceMs,
    estimatedWaitMs: status === 'SEARCHING' ? (queue?.waits.estimateMs(nowMs - ticket.createdMs, missing, nowMs) ?? null) : null,
    match: state.match,
    code,
    message,
    acceptance: status === 'REQUIRES_ACCEPTANCE' && match ? { untilMs: match.acceptUntilMs, accepted: match.accepted } : null,
    placement:
      status === 'COMPLETED' && match && match.server !== ''
        ? { server: match.server, fleet: match.fleet, ports: match.ports, seats }
        : null,
  };
}

/** Of a view with all seats: what somebody with these eyes sees. */
export function asSeenBy(view: TicketView, eyes: Eyes): TicketView {
  const { placement } = view;
  if (!placement || eyes.seats === 'all') return view;
  const seats = 'player' in eyes ? placement.seats.filter(({ player }) => player === eyes.player) : [];
  return { ...view, placement: { ...placement, seats } };
}

export function matchView(match: Match): MatchView {
  return {
    id: match.id,
    queue: match.queue,
    stage: match.stage,
    outcome: match.outcome,
    place: match.place,
    level: match.level,
    server: match.server,
    fleet: match.fleet,
    players: playersOf(match).length,
    teams: match.teams.map(({ name, tickets }) => ({
      name,
      players: tickets.flatMap((ticket) =>
        ticket.players.map(({ id }) => ({ id, ticket: ticket.id, party: ticket.party, left: match.left.includes(id) })),
      ),
    })),
    backfill: match.backfill,
    createdAtMs: match.createdMs,
    placedAtMs: match.placedMs,
    endedAtMs: match.endedMs,
    result: match.result,
    ratings: match.ratings ?? [],
    timeline: match.timeline,
  };
}

export function queueView(desk: QueueDesk, nowMs: number): QueueView {
  const { queue, settings, stages, counts, waits } = desk;
  const { pool } = queue;
  let [players, expanding, looked, oldest] = [0, 0, 0, -1];
  for (const slot of pool.slots()) {
    if (looked++ >= limits.counted) break;
    players += pool.size[slot] as number;
    if (pool.levelAt(slot, nowMs) > 0) expanding++;
    if (oldest < 0 || (pool.createdMs[slot] as number) < (pool.createdMs[oldest] as number)) oldest = slot;
  }
  const more = queue.size / Math.max(1, Math.min(looked, limits.counted));
  const needed = queue.constraints.levels[0]?.playersMax ?? 1;
  return {
    name: settings.name,
    fleet: settings.fleet,
    tickets: queue.size,
    players: Math.round(players * Math.max(1, more)),
    expanding: Math.round(expanding * Math.max(1, more)),
    oldestMs: oldest < 0 ? null : nowMs - (pool.createdMs[oldest] as number),
    estimatedWaitMs: waits.estimateMs(0, needed, nowMs),
    matches: stages,
    matchesFormed: counts.matches,
    ticketsMatched: counts.tickets,
    why: whyOf(desk, oldest, nowMs),
  };
}

/** undefined: it does not wait. */
export function explanationOf(desk: Desk, state: TicketState, nowMs: number): Explanation | undefined {
  const queue = desk.queues.get(state.ticket.queue);
  if (!queue || state.status !== 'SEARCHING') return undefined;
  const found = explainSlot(queue.queue, state.slot, nowMs, queue.settings.matchFunction !== undefined);
  return { ...found, text: [found.text, ...troublesOf(queue)].join(' ') };
}

function whyOf(desk: QueueDesk, oldest: number, nowMs: number): string {
  const text = oldest < 0 ? '' : explainSlot(desk.queue, oldest, nowMs, desk.settings.matchFunction !== undefined).text;
  return [text, ...troublesOf(desk)].join(' ').trim();
}

function troublesOf({ trouble, functionTrouble, settings }: QueueDesk): readonly string[] {
  const found: string[] = [];
  if (trouble) found.push(`The last match got no server of fleet ${settings.fleet}: ${trouble.message} (${trouble.code}).`);
  if (functionTrouble) found.push(`Its match function: ${functionTrouble.message} (${functionTrouble.code}).`);
  return found;
}

/** What a client asks for. */
export interface TicketWishes {
  readonly queue: string;
  readonly players: readonly Player[];
  readonly priority?: number;
  readonly party?: string;
}
