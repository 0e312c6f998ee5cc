/**
 * A queue's recording: what came and what became of it, a line of JSON each. `replay` lets the tickets come again, in virtual time, to another rule
 * set: what would have become of the same players?
 */
import { AtlasError } from '@horizon-atlas/protocol';
import type { FunctionAnswer } from './core/desk-io.ts';
import type { FormedMatch } from './core/former.ts';
import { FunctionRound } from './core/function-round.ts';
import type { MatchPool } from './core/match-function.ts';
import { type Match, ticketsOf } from './core/match-life.ts';
import { MatchQueue } from './core/queue.ts';
import type { Player, RuleSet } from './core/rule-set.ts';
import type { QueuedTicket } from './core/ticket-life.ts';

export type RecordedLine =
  | {
      readonly kind: 'ticket';
      readonly atMs: number;
      readonly id: string;
      readonly players: readonly Player[];
      readonly priority?: number;
    }
  | { readonly kind: 'cancel'; readonly atMs: number; readonly id: string }
  | { readonly kind: 'match'; readonly atMs: number; readonly tickets: readonly string[]; readonly place: string };

export interface ReplayFigures {
  readonly tickets: number;
  readonly players: number;
  readonly cancelled: number;
  /** Tickets that could not be matched by the rules at all, and the first reasons. */
  readonly refused: number;
  readonly refusals: readonly string[];
  readonly matches: number;
  readonly matched: number;
  readonly waitMs: { readonly mean: number; readonly p50: number; readonly p95: number; readonly max: number } | null;
  /** Of each numeric attribute: the mean over matches of the distance between the lowest and highest of a match. */
  readonly spreads: Readonly<Record<string, number>>;
}

export interface FunctionFigures extends ReplayFigures {
  /** Proposals that could be no match, and the first reasons. */
  readonly proposalsRefused: number;
  readonly proposalRefusals: readonly string[];
}

export const limits = {
  /** After the last line time goes on for so long, so that expansions come to bear. */
  afterMs: 120_000,
} as const;

export function recordedTicket({ id, players, priority, createdMs }: QueuedTicket): string {
  return JSON.stringify({
    kind: 'ticket',
    atMs: createdMs,
    id,
    players,
    ...(priority ? { priority } : {}),
  } satisfies RecordedLine);
}

export function recordedCancel(id: string, nowMs: number): string {
  return JSON.stringify({ kind: 'cancel', atMs: Math.floor(nowMs), id } satisfies RecordedLine);
}

export function recordedMatch(match: Match): string {
  const tickets = ticketsOf(match).map(({ id }) => id);
  return JSON.stringify({ kind: 'match', atMs: Math.floor(match.placedMs), tickets, place: match.place } satisfies RecordedLine);
}

/** The line, or undefined: it is none. */
export function readLine(text: string): RecordedLine | undefined {
  try {
    const line = JSON.parse(text) as RecordedLine;
    if (typeof line.atMs !== 'number' || !Number.isFinite(line.atMs)) return undefined;
    if (line.kind === 'ticket') return Array.isArray(line.players) && typeof line.id === 'string' ? line : undefined;
    if (line.kind === 'cancel') return typeof line.id === 'string' ? line : undefined;
    return line.kind === 'match' && Array.isArray(line.tickets) ? line : undefined;
  } catch {
    return undefined;
  }
}

/** What was: the matches of the recording itself. */
export function recorded(lines: readonly RecordedLine[]): ReplayFigures {
  const tally = new Tally();
  const tickets = new Map<string, Extract<RecordedLine, { kind: 'ticket' }>>();
  for (const line of lines) {
    if (line.kind === 'ticket') {
      tickets.set(line.id, line);
      tally.came(line.players.length);
    } else if (line.kind === 'cancel') tally.cancelled++;
    else
      tally.match(
        line.tickets.flatMap((id) => tickets.get(id) ?? []),
        line.atMs,
      );
  }
  return tally.figures;
}

/** What would have been with these rules. Tickets that were matched then wait on here until they are matched or the recording cancels them. */
export function replay(ruleSet: RuleSet, lines: readonly RecordedLine[]): ReplayFigures {
  const replaying = new Replaying(ruleSet, lines);
  const { queue } = replaying;
  for (const untilMs of replaying.moments()) {
    while (queue.dueMs <= untilMs) {
      const nowMs = Math.max(queue.dueMs, replaying.nowMs);
      replaying.matched(queue.form(nowMs), nowMs);
    }
  }
  return replaying.figures;
}

/** As `replay`, with a match function in place of the engine, called every `everyMs` of virtual time. Rejects with its first failure. */
export async function replayWith(
  ruleSet: RuleSet,
  lines: readonly RecordedLine[],
  { propose, everyMs }: { propose(pool: MatchPool): Promise<FunctionAnswer>; readonly everyMs: number },
): Promise<FunctionFigures> {
  const replaying = new Replaying(ruleSet, lines);
  const { queue } = replaying;
  const refusals = new Set<string>();
  let refused = 0;
  let nextMs = lines[0]?.atMs ?? 0;
  for (const untilMs of replaying.moments()) {
    nextMs = Math.max(nextMs, replaying.nowMs);
    for (; nextMs <= untilMs; nextMs += everyMs) {
      // While nobody waits it is not called.
      if (queue.size === 0) break;
      const round = new FunctionRound(queue.engine, ruleSet.name, nextMs);
      const answer = await propose(round.pool);
      if (!answer.ok) throw new AtlasError(answer.code, answer.message);
      const outcome = round.settle(answer.proposals, nextMs);
      queue.matched(outcome.matches);
      replaying.matched(outcome.matches, nextMs);
      refused += outcome.refused;
      for (const why of outcome.refusals) if (refusals.size < 5) refusals.add(why);
    }
  }
  return { ...replaying.figures, proposalsRefused: refused, proposalRefusals: [...refusals] };
}

/** A recording on its way through a queue. */
class Replaying {
  readonly queue: MatchQueue;
  nowMs: number;
  readonly #lines: readonly RecordedLine[];
  readonly #tally = new Tally();

  constructor(ruleSet: RuleSet, lines: readonly RecordedLine[]) {
    this.queue = new MatchQueue(ruleSet);
    this.#lines = [...lines].sort((a, b) => a.atMs - b.atMs);
    this.nowMs = this.#lines[0]?.atMs ?? 0;
  }

  /** Until when matches are to be formed, before what comes next comes. */
  *moments(): IterableIterator<number> {
    for (const line of this.#lines) {
      if (line.kind === 'match') continue;
      yield line.atMs - 1;
      this.nowMs = line.atMs;
      this.#take(line);
    }
    yield this.nowMs + limits.afterMs;
  }

  matched(matches: readonly FormedMatch[], nowMs: number): void {
    for (const { teams } of matches) {
      this.#tally.match(
        teams.flatMap((team) => team.tickets.map(({ id, players, createdMs }) => ({ id, players, atMs: createdMs }))),
        nowMs,
      );
    }
  }

  get figures(): ReplayFigures {
    return this.#tally.figures;
  }

  #take(line: Exclude<RecordedLine, { kind: 'match' }>): void {
    if (line.kind === 'cancel') {
      if (this.queue.cancel(line.id)) this.#tally.cancelled++;
      return;
    }
    const { id, players, priority = 0, atMs } = line;
    this.#tally.came(players.length);
    const admission = this.queue.add({ id, players, priority, createdMs: atMs });
    if (!admission.ok) this.#tally.refuse(admission.message);
  }
}

class Tally {
  tickets = 0;
  players = 0;
  cancelled = 0;
  refused = 0;
  readonly refusals = new Set<string>();
  matches = 0;
  readonly #waits: number[] = [];
  readonly #spreads = new Map<string, { sum: number; count: number }>();

  came(players: number): void {
    this.tickets++;
    this.players += players;
  }

  refuse(message: string): void {
    this.refused++;
    if (this.refusals.size < 5) this.refusals.add(message);
  }

  match(tickets: readonly { readonly players: readonly Player[]; readonly atMs: number }[], nowMs: number): void {
    this.matches++;
    for (const { atMs } of tickets) this.#waits.push(nowMs - atMs);
    const values = new Map<string, number[]>();
    for (const { attributes } of tickets.flatMap(({ players }) => players)) {
      for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === 'number') values.set(name, [...(values.get(name) ?? []), value]);
      }
    }
    for (const [name, list] of values) {
      const spread = this.#spreads.get(name) ?? { sum: 0, count: 0 };
      this.#spreads.set(name, { sum: spread.sum + Math.max(...list) - Math.min(...list), count: spread.count + 1 });
    }
  }

  get figures(): ReplayFigures {
    const { tickets, players, cancelled, refused, matches } = this;
    const waits = this.#waits.sort((a, b) => a - b);
    const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0;
    const mean = waits.reduce((sum, each) => sum + each, 0) / Math.max(1, waits.length);
    return {
      tickets,
      players,
      cancelled,
      refused,
      refusals: [...this.refusals],
      matches,
      matched: waits.length,
      waitMs: waits.length === 0 ? null : { mean, p50: at(0.5), p95: at(0.95), max: at(1) },
      spreads: Object.fromEntries([...this.#spreads].map(([name, { sum, count }]) => [name, sum / count])),
    };
  }
}
