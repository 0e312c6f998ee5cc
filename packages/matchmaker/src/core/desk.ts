/**
 * The desk: all queues of an Atlas, their tickets and matches. It is the single writer of them, so a player waits in one ticket, a ticket is in one
 * match, and of a cancellation and a match that meet one comes first. Told everything; what it wants it says to `out`.
 *
 * A ticket waits once it is durable. From ticket to match to server is one step: a match that gets no server never was, and its tickets are back in
 * their queue with the age that they had. What the Store knows is always enough to go on from: tickets that wait, or matches with their tickets in them.
 */
import { must } from '@horizon-atlas/base';
import type { ErrorCode } from '@horizon-atlas/protocol';
import { type Refusal, refuse } from './admission.ts';
import type { Fill } from './backfill.ts';
import { Deadlines, Kept } from './deadlines.ts';
import { type Change, type DeskOut, deskPolicy, type FunctionAnswer, type Placement, type QueueSettings } from './desk-io.ts';
import type { FormedMatch } from './former.ts';
import { idsOf, type Match, type MatchResult, makeMatch, playersOf, stepMatch, ticketsOf } from './match-life.ts';
import { QueueDesk } from './queue-desk.ts';
import { ratingMoves } from './rating.ts';
import { isOver, type QueuedTicket, type TicketEvent, type TicketState, type TicketStatus } from './ticket-life.ts';

/** undefined: it was done. */
export type Done = (refusal: Refusal | undefined) => void;
type Deadline = { readonly kind: 'ticket' | 'accept'; readonly id: string };

export class Desk {
  readonly queues = new Map<string, QueueDesk>();
  readonly #out: DeskOut;
  readonly #tickets = new Map<string, TicketState>();
  /** Of tickets that are not over: who is in which. */
  readonly #claims = new Map<string, string>();
  readonly #matches = new Map<string, Match>();
  /** In which active match a player is. */
  readonly #playing = new Map<string, string>();
  readonly #byServer = new Map<string, Set<string>>();
  readonly #deadlines = new Deadlines<Deadline>();
  readonly #writes = new Map<number, (code: ErrorCode | '', nowMs: number) => void>();
  readonly #overTickets = new Kept<string>(deskPolicy.overTickets, deskPolicy.overKeptMs);
  readonly #endedMatches = new Kept<string>(deskPolicy.endedMatches, deskPolicy.overKeptMs);
  #token = 0;

  constructor(queues: readonly QueueSettings[], out: DeskOut) {
    this.#out = out;
    for (const settings of queues) this.queues.set(settings.name, new QueueDesk(settings));
  }

  // ---- what it knows --------------------------------------------------------------------------------------------------

  ticket(id: string): TicketState | undefined {
    return this.#tickets.get(id);
  }

  tickets(): IterableIterator<TicketState> {
    return this.#tickets.values();
  }

  match(id: string): Match | undefined {
    return this.#matches.get(id);
  }

  matches(): IterableIterator<Match> {
    return this.#matches.values();
  }

  /** The ticket in which the player waits, and the match that they play. */
  whereIs(player: string): { readonly ticket: string; readonly match: string } {
    return { ticket: this.#claims.get(player) ?? '', match: this.#playing.get(player) ?? '' };
  }

  get dueMs(): number {
    let due = this.#deadlines.dueMs;
    for (const queue of this.queues.values()) due = Math.min(due, queue.dueMs);
    return due;
  }

  // ---- tickets --------------------------------------------------------------------------------------------------------

  /** What the Store knows, before anything else. A ticket that two matches know belongs to the later one: the earlier was given up. */
  open(tickets: readonly QueuedTicket[], matches: readonly Match[], nowMs: number): void {
    const inMatch = new Set<string>();
    for (const match of [...matches].sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1))) {
      const own = ticketsOf(match);
      const stale = match.stage === 'placing' && (own.some(({ id }) => inMatch.has(id)) || !this.queues.has(match.queue));
      if (stale) {
        this.#out.release(match.id);
        this.#must([{ kind: 'match-gone', match: match.id }]);
        continue;
      }
      for (const { id } of own) inMatch.add(id);
      this.#matches.set(match.id, match);
      if (match.stage === 'ended') this.#endedMatches.add(match.id, nowMs);
      if (match.stage === 'active') this.#seat(match);
      for (const ticket of own) {
        if (match.stage === 'placing') this.#claim(ticket);
        this.#set(ticket, match.stage === 'placing' ? 'PLACING' : 'COMPLETED', nowMs, { match: match.id });
      }
    }
    for (const ticket of tickets) {
      const queue = this.queues.get(ticket.queue);
      const unknown = queue ? queue.queue.refusal(ticket) : gone(ticket);
      if (inMatch.has(ticket.id)) continue;
      if (unknown || ticket.players.some(({ id }) => this.#claims.has(id))) {
        // The configuration has changed since: it cannot be matched any more.
        const { code = 'PLAYER_WAITING', message = 'a player waits in another ticket' } = unknown ?? {};
        this.#set(ticket, 'FAILED', nowMs, { code: code as ErrorCode, message });
        this.#must([{ kind: 'ticket-gone', ticket: ticket.id }]);
      } else {
        this.#claim(ticket);
        this.#search(ticket, nowMs);
      }
    }
    for (const match of this.#matches.values()) if (match.stage === 'placing') this.#out.reserve(match);
  }

  /** It waits once `done` is told so. The ticket's id is new. */
  add(ticket: QueuedTicket, nowMs: number, done: Done): void {
    const refusal = this.#refusal(ticket);
    if (refusal) {
      done(refusal);
      return;
    }
    this.#claim(ticket);
    this.#set(ticket, 'QUEUED', nowMs);
    this.#keep([{ kind: 'ticket', ticket }], (code, atMs) => {
      if (code !== '') {
        this.#unclaim(ticket);
        if (this.#tickets.get(ticket.id)?.status === 'QUEUED') this.#tickets.delete(ticket.id);
        done(refuse(code, 'the ticket could not be kept, and does not wait'));
        return;
      }
      this.queues.get(ticket.queue)?.waits.came(ticket.players.length, atMs);
      done(undefined);
      // Cancelled while it was on its way: it never waits.
      if (this.#tickets.get(ticket.id)?.status === 'QUEUED') this.#search(ticket, atMs);
    });
  }

  /** Told once it is durable: from then on it is in no match. Until there is a server for its match, it can be cancelled. */
  cancel(id: string, nowMs: number, done: Done): void {
    const state = this.#tickets.get(id);
    if (!state) {
      done(refuse('TICKET_UNKNOWN', `no ticket ${id} waits`));
      return;
    }
    if (isOver(state.status)) {
      // Told again while the first is still being written: behind it.
      if (state.status === 'CANCELLED') this.#must([], () => done(undefined));
      else done(refuse('TICKET_STATE', `ticket ${id} is ${state.status} already`));
      return;
    }
    this.#leave(state, nowMs);
    this.#end(state.ticket, 'CANCELLED', nowMs, { code: '', message: 'cancelled' }, done);
  }

  /** Players of a ticket say whether they want the match that was found for it. */
  answer(id: string, players: readonly string[], accept: boolean, nowMs: number): Refusal | undefined {
    const state = this.#tickets.get(id);
    if (!state) return refuse('TICKET_UNKNOWN', `no ticket ${id} waits`);
    if (state.status !== 'REQUIRES_ACCEPTANCE') return refuse('TICKET_STATE', `ticket ${id} is ${state.status}: nobody is asked`);
    const stranger = players.find((player) => !state.ticket.players.some((each) => each.id === player));
    if (stranger !== undefined) return refuse('TICKET_INVALID', `player ${stranger} is not in ticket ${id}`);
    const match = must(this.#matches.get(state.match), 'its match is there');
    if (!accept) {
      this.#dissolve(match, nowMs, { code: '', message: `${players.join(', ')} said no` }, new Set([id]));
      this.#tell('AcceptMatchCompleted', match.queue, [id], nowMs, { match: match.id, acceptance: 'Rejected' });
      return undefined;
    }
    const next = stepMatch(match, { kind: 'accepted', players }, nowMs);
    this.#matches.set(match.id, next);
    this.#out.changed(next);
    this.#tell('AcceptMatch', match.queue, idsOf(next), nowMs, { match: match.id, accepted: next.accepted });
    if (playersOf(next).every((player) => next.accepted.includes(player))) {
      this.#tell('AcceptMatchCompleted', match.queue, idsOf(next), nowMs, { match: match.id, acceptance: 'Accepted' });
      this.#place(stepMatch(next, { kind: 'place' }, nowMs), nowMs);
    }
    return undefined;
  }

  // ---- matches --------------------------------------------------------------------------------------------------------

  /** The answer to `reserve`. */
  placed(id: string, placement: Placement, nowMs: number): void {
    const match = this.#matches.get(id);
    if (match?.stage !== 'placing') {
      // Given up in the meantime.
      if (placement.ok && match?.server !== placement.server) this.#out.release(id);
      return;
    }
    const queue = must(this.queues.get(match.queue), 'its queue is there');
    if (!placement.ok) {
      queue.noServer(placement.code, placement.message, nowMs);
      this.#must([{ kind: 'match-gone', match: id }]);
      this.#dissolve(match, nowMs, placement);
      return;
    }
    queue.gotServer(match, nowMs);
    const placedOn = stepMatch(match, { kind: 'placed', ...placement }, nowMs);
    const room = queue.roomIn(placedOn) > 0;
    const active = queue.settings.backfill && room ? stepMatch(placedOn, { kind: 'backfill', open: true }, nowMs) : placedOn;
    this.#seat(active);
    for (const ticket of ticketsOf(active)) this.#set(ticket, 'COMPLETED', nowMs, { match: id });
    this.#put(active);
    const gone = ticketsOf(active).map(({ id: ticket }): Change => ({ kind: 'ticket-gone', ticket }));
    this.#must([{ kind: 'match', match: active }, ...gone], (atMs) =>
      this.#tell('MatchmakingSucceeded', active.queue, idsOf(active), atMs, { match: id }),
    );
  }

  /** `ratings`: written with it, or not at all. Told again, it is refused: a result counts once. */
  ended(
    id: string,
    outcome: 'finished' | 'over' | 'lost',
    result: MatchResult | null,
    ratings: readonly Change[],
    nowMs: number,
    done: Done,
  ): void {
    const match = this.#matches.get(id);
    if (!match) return done(refuse('MATCH_UNKNOWN', `there is no match ${id}`));
    if (match.stage !== 'active') return done(refuse('MATCH_STATE', `match ${id} is ${match.stage}`));
    const ended = stepMatch(match, { kind: 'ended', outcome, result, ratings: ratingMoves(ratings) }, nowMs);
    this.#unseat(match);
    this.#put(ended);
    this.#endedMatches.add(id, nowMs);
    this.#out.release(id);
    this.#must([{ kind: 'match', match: ended }, ...ratings], () => done(undefined));
  }

  /** A server is gone: what was played on it is lost. */
  serverGone(server: string, nowMs: number): void {
    for (const match of [...(this.#byServer.get(server) ?? [])]) this.ended(match, 'lost', null, [], nowMs, () => {});
  }

  /** Players have left their match; with backfill their places are filled. */
  left(id: string, players: readonly string[], nowMs: number): Refusal | undefined {
    return this.#step(id, (match) => stepMatch(match, { kind: 'left', players }, nowMs));
  }

  /** Its free places are filled from the queue from now on, or not any more. */
  backfill(id: string, open: boolean, nowMs: number): Refusal | undefined {
    return this.#step(id, (match) => stepMatch(match, { kind: 'backfill', open }, nowMs));
  }

  // ---- time and the Store ---------------------------------------------------------------------------------------------

  /** The answer to `keep`; empty: it is durable. */
  kept(token: number, code: ErrorCode | '', nowMs: number): void {
    const then = this.#writes.get(token);
    this.#writes.delete(token);
    then?.(code, nowMs);
  }

  tick(nowMs: number): void {
    for (const deadline of this.#deadlines.passed(nowMs)) this.#deadline(deadline, nowMs);
    for (const queue of this.queues.values()) {
      if (queue.dueMs > nowMs) continue;
      const { matches, fills, pool } = queue.form(nowMs);
      for (const each of fills) this.#fill(each, nowMs);
      for (const each of matches) this.#make(queue, each, nowMs);
      if (pool) this.#out.propose(queue.settings.name, pool);
    }
    for (const id of this.#overTickets.passed(nowMs)) this.#tickets.delete(id);
    const old = this.#endedMatches.passed(nowMs);
    for (const id of old) this.#matches.delete(id);
    if (old.length > 0) this.#must(old.map((match): Change => ({ kind: 'match-gone', match })));
  }

  /** The answer to `propose`. Answers what was wrong with it; proposals that may be are matches by then. */
  proposed(name: string, answer: FunctionAnswer, nowMs: number): readonly string[] {
    const queue = must(this.queues.get(name), 'a queue that asked is there');
    const { matches, refusals } = queue.proposed(answer, nowMs);
    for (const each of matches) this.#make(queue, each, nowMs);
    return refusals;
  }

  // ---- inside ---------------------------------------------------------------------------------------------------------

  #refusal(ticket: QueuedTicket): Refusal | undefined {
    const queue = this.queues.get(ticket.queue);
    const known = () => [...this.queues.keys()].join(', ') || 'none';
    if (!queue) return refuse('QUEUE_UNKNOWN', `there is no queue ${ticket.queue}; there are ${known()}`);
    const refusal = queue.queue.refusal(ticket);
    if (refusal) return refusal;
    const waiting = ticket.players.find(({ id }) => this.#claims.has(id));
    if (!waiting) return undefined;
    return refuse('PLAYER_WAITING', `player ${waiting.id} waits in ticket ${this.#claims.get(waiting.id)} already`);
  }

  #search(ticket: QueuedTicket, nowMs: number, why: { code: ErrorCode | ''; message: string } = { code: '', message: '' }): void {
    const queue = must(this.queues.get(ticket.queue), 'its queue is there');
    const admission = queue.add(ticket);
    if (!admission.ok) {
      this.#end(ticket, 'FAILED', nowMs, admission);
      return;
    }
    this.#set(ticket, 'SEARCHING', nowMs, { ...why, slot: admission.slot });
    this.#deadlines.add(ticket.createdMs + queue.settings.ticketTimeoutMs, { kind: 'ticket', id: ticket.id });
    this.#tell('MatchmakingSearching', ticket.queue, [ticket.id], nowMs, why);
  }

  #make(queue: QueueDesk, formed: FormedMatch, nowMs: number): void {
    const { acceptMs } = queue.settings;
    const match = makeMatch(this.#out.newId('match'), queue.settings, formed, nowMs);
    if (acceptMs === 0) {
      this.#place(match, nowMs);
      return;
    }
    this.#put(match);
    for (const ticket of ticketsOf(match)) this.#set(ticket, 'REQUIRES_ACCEPTANCE', nowMs, { match: match.id });
    this.#deadlines.add(match.acceptUntilMs, { kind: 'accept', id: match.id });
    this.#tell('PotentialMatchCreated', match.queue, idsOf(match), nowMs, { match: match.id });
  }

  /** Kept first: what a server is asked for must be known after a restart. */
  #place(match: Match, nowMs: number): void {
    this.#put(match);
    for (const ticket of ticketsOf(match)) this.#set(ticket, 'PLACING', nowMs, { match: match.id });
    this.#keep([{ kind: 'match', match }], (code, atMs) => {
      const now = this.#matches.get(match.id);
      if (now?.stage !== 'placing') return;
      if (code !== '') {
        this.queues.get(match.queue)?.noServer(code, 'the match could not be kept', atMs);
        // Whether it was written is not known.
        this.#must([{ kind: 'match-gone', match: match.id }]);
        this.#dissolve(now, atMs, { code, message: 'the match could not be kept' });
        return;
      }
      if (match.acceptUntilMs === 0) this.#tell('PotentialMatchCreated', match.queue, idsOf(match), atMs, { match: match.id });
      this.#out.reserve(now);
    });
  }

  #fill({ match: id, team, ticket }: Fill, nowMs: number): void {
    const match = must(this.#matches.get(id), 'a match that takes players is there');
    const own = ticket as QueuedTicket;
    const queue = must(this.queues.get(match.queue), 'its queue is there');
    const next = stepMatch(match, { kind: 'filled', team, ticket: own }, nowMs);
    this.#put(next);
    this.#seat(next);
    queue.waits.matched(nowMs - own.createdMs);
    this.#set(own, 'COMPLETED', nowMs, { match: id });
    this.#must(
      [
        { kind: 'match', match: next },
        { kind: 'ticket-gone', ticket: own.id },
      ],
      (atMs) => {
        this.#out.filled(next, own);
        this.#tell('MatchmakingSucceeded', next.queue, [own.id], atMs, { match: id });
      },
    );
  }

  #step(id: string, step: (match: Match) => Match): Refusal | undefined {
    const match = this.#matches.get(id);
    if (!match) return refuse('MATCH_UNKNOWN', `there is no match ${id}`);
    if (match.stage !== 'active') return refuse('MATCH_STATE', `match ${id} is ${match.stage}`);
    const next = step(match);
    if (next === match) return undefined;
    for (const player of next.left) if (this.#playing.get(player) === id) this.#playing.delete(player);
    this.#put(next);
    this.#must([{ kind: 'match', match: next }]);
    return undefined;
  }

  /** A ticket that ends leaves its queue, or the match that is being made of it: the others search on. */
  #leave({ ticket, match: matchId, status, slot }: TicketState, nowMs: number): void {
    if (status === 'SEARCHING') this.queues.get(ticket.queue)?.queue.cancel(slot, ticket.id);
    const match = this.#matches.get(matchId);
    if (!match) return;
    if (match.stage === 'placing') {
      this.#must([{ kind: 'match-gone', match: matchId }]);
      this.#out.release(matchId);
    }
    this.#dissolve(match, nowMs, { code: '', message: 'another ticket of the match was cancelled' }, new Set([ticket.id]), true);
  }

  /** `not`: tickets that do not come back; `quietly`: what becomes of them is told by the caller. */
  #dissolve(
    match: Match,
    nowMs: number,
    why: { readonly code: ErrorCode | ''; readonly message: string },
    not: ReadonlySet<string> = new Set(),
    quietly = false,
  ): void {
    this.#matches.delete(match.id);
    this.queues.get(match.queue)?.forget(match.id);
    const timeline = [...match.timeline, { what: 'ended', atMs: nowMs, text: why.message }];
    this.#out.changed({ ...match, stage: 'ended', outcome: 'over', endedMs: nowMs, timeline });
    for (const ticket of ticketsOf(match)) {
      if (!not.has(ticket.id)) this.#search(ticket, nowMs, { code: why.code, message: why.message });
      else if (!quietly) this.#end(ticket, 'CANCELLED', nowMs, why);
    }
  }

  #end(
    ticket: QueuedTicket,
    status: 'CANCELLED' | 'FAILED' | 'TIMED_OUT',
    nowMs: number,
    why: { readonly code: ErrorCode | ''; readonly message: string },
    done: Done = () => {},
  ): void {
    this.#unclaim(ticket);
    this.#set(ticket, status, nowMs, why);
    const name = ({ CANCELLED: 'MatchmakingCancelled', FAILED: 'MatchmakingFailed', TIMED_OUT: 'MatchmakingTimedOut' } as const)[
      status
    ];
    this.#must([{ kind: 'ticket-gone', ticket: ticket.id }], (atMs) => {
      this.#tell(name, ticket.queue, [ticket.id], atMs, why);
      done(undefined);
    });
  }

  #deadline({ kind, id }: Deadline, nowMs: number): void {
    if (kind === 'ticket') {
      const state = this.#tickets.get(id);
      if (state?.status !== 'SEARCHING') return;
      this.#leave(state, nowMs);
      this.#end(state.ticket, 'TIMED_OUT', nowMs, { code: '', message: 'no match in time' });
      return;
    }
    const match = this.#matches.get(id);
    if (match?.stage !== 'accepting') return;
    const silent = ticketsOf(match).filter(({ players }) => players.some((player) => !match.accepted.includes(player.id)));
    this.#dissolve(
      match,
      nowMs,
      { code: '', message: 'not everybody answered in time' },
      new Set(silent.map((ticket) => ticket.id)),
    );
    this.#tell('AcceptMatchCompleted', match.queue, idsOf(match), nowMs, { match: id, acceptance: 'TimedOut' });
  }

  #set(ticket: QueuedTicket, status: TicketStatus, sinceMs: number, about: Partial<TicketState> = {}): void {
    const { match = '', code = '', message = '', slot = -1 } = about;
    this.#tickets.set(ticket.id, { ticket, status, sinceMs, slot, match, code, message });
    if (!isOver(status)) return;
    this.#unclaim(ticket);
    this.#overTickets.add(ticket.id, sinceMs);
  }

  #claim({ id, players }: QueuedTicket): void {
    for (const player of players) this.#claims.set(player.id, id);
  }

  #unclaim({ id, players }: QueuedTicket): void {
    for (const player of players) if (this.#claims.get(player.id) === id) this.#claims.delete(player.id);
  }

  #put(match: Match): void {
    this.#matches.set(match.id, match);
    this.queues.get(match.queue)?.noteMatch(match);
    this.#out.changed(match);
  }

  /** Whoever begins a match has left the one before. */
  #seat(match: Match): void {
    for (const player of playersOf(match)) {
      const before = this.#playing.get(player);
      if (before !== undefined && before !== match.id) this.left(before, [player], match.placedMs);
      this.#playing.set(player, match.id);
    }
    const there = this.#byServer.get(match.server) ?? new Set();
    this.#byServer.set(match.server, there.add(match.id));
    this.queues.get(match.queue)?.noteMatch(match);
  }

  #unseat(match: Match): void {
    for (const player of playersOf(match)) if (this.#playing.get(player) === match.id) this.#playing.delete(player);
    const there = this.#byServer.get(match.server);
    there?.delete(match.id);
    if (there?.size === 0) this.#byServer.delete(match.server);
  }

  #tell(
    name: TicketEvent['name'],
    queue: string,
    tickets: readonly string[],
    atMs: number,
    about: Partial<TicketEvent> = {},
  ): void {
    const states = tickets.flatMap((id) => this.#tickets.get(id) ?? []);
    this.#out.happened({ match: '', code: '', message: '', ...about, name, queue, tickets, atMs }, states);
  }

  #keep(changes: readonly Change[], then: (code: ErrorCode | '', nowMs: number) => void): void {
    const token = ++this.#token;
    this.#writes.set(token, then);
    this.#out.keep(token, changes, false);
  }

  /** What has been decided is written, however long it takes. */
  #must(changes: readonly Change[], then: (nowMs: number) => void = () => {}): void {
    const token = ++this.#token;
    this.#writes.set(token, (_code, nowMs) => then(nowMs));
    this.#out.keep(token, changes, true);
  }
}

function gone({ queue }: QueuedTicket): Refusal {
  return refuse('QUEUE_UNKNOWN', `there is no queue ${queue} any more`);
}
