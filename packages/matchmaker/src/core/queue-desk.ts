/** One queue with what surrounds it: its matches that take players, its pause when there are no servers, and how long its tickets wait. */
import { must } from '@horizon-atlas/base';
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { Refusal } from './admission.ts';
import type { Fill, OpenMatch } from './backfill.ts';
import { deskPolicy, type FunctionAnswer, type QueueSettings } from './desk-io.ts';
import type { FormedMatch } from './former.ts';
import { FunctionRound, type RoundOutcome } from './function-round.ts';
import type { MatchPool } from './match-function.ts';
import { type Match, ticketsOf } from './match-life.ts';
import { SlotQueue } from './slot-queue.ts';
import type { QueuedTicket } from './ticket-life.ts';
import { WaitLog } from './wait-log.ts';

export class QueueDesk {
  readonly settings: QueueSettings;
  readonly queue: SlotQueue;
  readonly waits = new WaitLog();
  /** Since the start. */
  readonly counts = { matches: 0, tickets: 0, noServer: 0 };
  /** Why its last match got no server, until one gets one. */
  trouble: { readonly code: ErrorCode; readonly message: string } | undefined;
  /** What was wrong with its match function last, until a round is good. */
  functionTrouble: { readonly code: ErrorCode; readonly message: string } | undefined;
  #round: FunctionRound | undefined;
  #roundDueMs = Number.NEGATIVE_INFINITY;
  #functionPauseMs = 0;
  readonly #opens = new Map<string, OpenMatch>();
  readonly #stages = { accepting: new Set<string>(), placing: new Set<string>(), active: new Set<string>() };
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #pauseMs = 0;
  #attention = false;

  constructor(settings: QueueSettings) {
    this.settings = settings;
    this.queue = new SlotQueue(settings.ruleSet);
  }

  get dueMs(): number {
    const formsMs = this.#attention ? Number.NEGATIVE_INFINITY : this.queue.dueMs;
    if (!this.settings.matchFunction) return Math.max(this.#pausedUntilMs, formsMs);
    const roundMs = this.#round || this.queue.size === 0 ? Number.POSITIVE_INFINITY : this.#roundDueMs;
    return Math.max(this.#pausedUntilMs, Math.min(roundMs, this.#opens.size === 0 ? Number.POSITIVE_INFINITY : formsMs));
  }

  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  /** How many of its matches are in each stage. */
  get stages(): { readonly accepting: number; readonly placing: number; readonly active: number; readonly open: number } {
    const { accepting, placing, active } = this.#stages;
    return { accepting: accepting.size, placing: placing.size, active: active.size, open: this.#opens.size };
  }

  add(ticket: QueuedTicket): { readonly ok: true; readonly slot: number } | Refusal {
    return this.queue.add(ticket);
  }

  /** `pool`: its match function is to be called with it. */
  form(nowMs: number): {
    readonly matches: readonly FormedMatch[];
    readonly fills: readonly Fill[];
    readonly pool?: MatchPool | undefined;
  } {
    this.#attention = false;
    const opens = [...this.#opens.values()];
    const { matchFunction, name } = this.settings;
    if (!matchFunction) return this.queue.formAround(opens, nowMs);
    const fills = this.queue.fill(opens, nowMs);
    if (this.#round || this.queue.size === 0 || this.#roundDueMs > nowMs) return { matches: [], fills };
    this.#roundDueMs = nowMs + matchFunction.everyMs;
    this.#round = new FunctionRound(this.queue, name, nowMs);
    return { matches: [], fills, pool: this.#round.pool };
  }

  /** The answer to `form`'s `pool`. */
  proposed(answer: FunctionAnswer, nowMs: number): Pick<RoundOutcome, 'matches' | 'refusals'> {
    const round = must(this.#round, 'only what was asked is answered');
    this.#round = undefined;
    if (!answer.ok) {
      const { functionPauseMs, functionPauseMsMax } = deskPolicy;
      this.functionTrouble = { code: answer.code, message: answer.message };
      this.#functionPauseMs = Math.min(functionPauseMsMax, Math.max(functionPauseMs, 2 * this.#functionPauseMs));
      this.#roundDueMs = nowMs + this.#functionPauseMs;
      return { matches: [], refusals: [] };
    }
    this.#functionPauseMs = 0;
    const outcome = round.settle(answer.proposals, nowMs);
    const [first] = outcome.refusals;
    this.functionTrouble = first === undefined ? undefined : { code: 'PROPOSAL_INVALID', message: first };
    return outcome;
  }

  gotServer(match: Match, nowMs: number): void {
    this.#pauseMs = 0;
    this.#pausedUntilMs = Number.NEGATIVE_INFINITY;
    this.trouble = undefined;
    this.counts.matches++;
    for (const { createdMs } of ticketsOf(match)) {
      this.counts.tickets++;
      this.waits.matched(Math.max(0, nowMs - createdMs));
    }
  }

  /** The next match is made after a while: asking at once again would only be refused again. */
  noServer(code: ErrorCode, message: string, nowMs: number): void {
    this.counts.noServer++;
    this.trouble = { code, message };
    this.#pauseMs = Math.min(deskPolicy.pauseMsMax, Math.max(deskPolicy.pauseMs, 2 * this.#pauseMs));
    this.#pausedUntilMs = nowMs + this.#pauseMs;
  }

  /** Players that still find a place in it. */
  roomIn(match: Match): number {
    return (
      this.#most - present(match).reduce((sum, { tickets }) => sum + tickets.reduce((n, each) => n + each.players.length, 0), 0)
    );
  }

  /** A match is as it is told here. */
  noteMatch(match: Match): void {
    for (const [stage, ids] of Object.entries(this.#stages)) {
      if (stage === match.stage) ids.add(match.id);
      else ids.delete(match.id);
    }
    const before = this.#opens.get(match.id);
    if (match.stage !== 'active' || !match.backfill || this.roomIn(match) <= 0) {
      this.#opens.delete(match.id);
      return;
    }
    const { id, place, level } = match;
    const teams = present(match);
    const fresh = before === undefined || before.fresh || count(teams) < count(before.teams);
    this.#opens.set(id, { id, place, level, teams, fresh });
    this.#attention ||= fresh;
  }

  /** It was given up before it had a server. */
  forget(match: string): void {
    for (const ids of Object.values(this.#stages)) ids.delete(match);
  }

  get #most(): number {
    return this.queue.constraints.levels.reduce((most, { playersMax }) => Math.max(most, playersMax), 0);
  }
}

/** Tickets without players who have left. */
function present({ teams, left }: Match): OpenMatch['teams'] {
  if (left.length === 0) return teams;
  return teams.map(({ name, tickets }) => ({
    name,
    tickets: tickets
      .map((ticket) => ({ ...ticket, players: ticket.players.filter(({ id }) => !left.includes(id)) }))
      .filter(({ players }) => players.length > 0),
  }));
}

function count(teams: OpenMatch['teams']): number {
  return teams.reduce((sum, { tickets }) => sum + tickets.reduce((n, { players }) => n + players.length, 0), 0);
}
