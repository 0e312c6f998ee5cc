/**
 * The matchmaker: the desk with a clock, a Store, servers for its matches, ratings, parties and lobbies around it. What it acknowledges survives the
 * death of its process: tickets that wait, matches, parties, ratings.
 */
import { must } from '@horizon-atlas/base';
import type { Cancel, Probe } from '@horizon-atlas/ports';
import { decodeRecord, keys, MatchRecord, type SessionResult, TicketRecord } from '@horizon-atlas/protocol';
import { type Driver, drive, noProbe } from '@horizon-atlas/runtime';
import { type Refusal, refuse } from './core/admission.ts';
import { Desk } from './core/desk.ts';
import type { Change, DeskOut } from './core/desk-io.ts';
import type { MatchPool } from './core/match-function.ts';
import type { Match, MatchResult } from './core/match-life.ts';
import type { Party, PartyInput } from './core/party.ts';
import { resultRefusal } from './core/rating.ts';
import type { Player } from './core/rule-set.ts';
import { isOver, type QueuedTicket, type TicketEvent, type TicketState } from './core/ticket-life.ts';
import { Lobbies } from './lobbies.ts';
import { MatchFunctions } from './match-functions.ts';
import { MatchNews } from './match-news.ts';
import type {
  Answer,
  Eyes,
  Matchmaker,
  MatchmakerDeps,
  MatchmakerQueue,
  MatchmakerSettings,
  RatingView,
  TicketNews,
} from './matchmaker.ts';
import { Parties } from './parties.ts';
import { playFrom } from './play-from-lobby.ts';
import { RatingBook } from './rating-book.ts';
import { ratingView, withRating } from './rating-view.ts';
import { readResult } from './read-result.ts';
import { recordedCancel, recordedMatch, recordedTicket } from './recording.ts';
import { seatsOf } from './seats.ts';
import { codeOf, sessionOf, sessionRequest } from './session-request.ts';
import { opsOf, StoreLine } from './store-line.ts';
import {
  asSeenBy,
  explanationOf,
  type MatchView,
  matchView,
  queueView,
  type Seat,
  type TicketView,
  type TicketWishes,
  ticketView,
} from './views.ts';

export const servicePolicy = {
  /** Between two looks at empty lobby servers. */
  tidyMs: 10_000,
  /** A token to join is good for so long. */
  seatS: 120,
} as const;

export function makeMatchmaker(deps: MatchmakerDeps, settings: MatchmakerSettings): Matchmaker {
  return new Service(deps, settings);
}

class Service implements Matchmaker, DeskOut {
  readonly #deps: MatchmakerDeps;
  readonly #settings: MatchmakerSettings;
  readonly #probe: Probe;
  readonly #desk: Desk;
  readonly #line: StoreLine;
  readonly #book: RatingBook;
  readonly #parties: Parties;
  readonly #lobbies: Lobbies;
  readonly #queues: ReadonlyMap<string, MatchmakerQueue>;
  readonly #ticketWatchers = new Map<string, Set<(whole: TicketView) => void>>();
  readonly #watchers = new Set<(news: readonly TicketNews[], event: TicketEvent) => void>();
  readonly #matchNews: MatchNews;
  readonly #functions: MatchFunctions;
  readonly #matchWatchers = new Set<(match: MatchView) => void>();
  /** Wall time that goes on evenly: what is added to the clock's. */
  readonly #wallMs: number;
  #driver: Driver | undefined;
  #results: Promise<unknown> = Promise.resolve();
  #unwatch: Cancel[] = [];
  #cancelTidy: Cancel = () => {};
  #stopped = false;

  constructor(deps: MatchmakerDeps, settings: MatchmakerSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#probe = deps.probe ?? noProbe;
    this.#matchNews = new MatchNews(this.#probe);
    this.#wallMs = Math.floor(deps.clock.wall() - deps.clock.now());
    this.#functions = new MatchFunctions(
      deps.clock,
      new Map(settings.queues.flatMap(({ name, functionSource }) => (functionSource ? [[name, functionSource]] : []))),
    );
    this.#queues = new Map(settings.queues.map((queue) => [queue.name, queue]));
    this.#desk = new Desk(settings.queues, this);
    this.#line = new StoreLine(deps.store, deps.clock, (code, message) =>
      this.#probe.event('matchmaker_store_failed', { code, message }),
    );
    this.#book = new RatingBook(deps.store);
    this.#parties = new Parties({
      store: deps.store,
      newId: (prefix) => deps.entropy.id(prefix),
      nowMs: () => this.#nowMs(),
      enqueue: async (queue, party, players) => {
        const made = await this.create({ queue, players, party });
        return made.ok ? { ok: true, ticket: made.ticket.id } : made;
      },
      dequeue: async (ticket) => {
        const answer = await this.cancel(ticket);
        return answer.ok ? undefined : answer;
      },
      changed: () => {},
    });
    this.#lobbies = new Lobbies(
      {
        sessions: deps.sessions,
        servers: deps.servers,
        newId: (prefix) => deps.entropy.id(prefix),
        nowMs: () => this.#nowMs(),
      },
      settings.lobbies,
    );
  }

  // ---- life -----------------------------------------------------------------------------------------------------------

  async start(): Promise<void> {
    const { store, sessions, servers, clock } = this.#deps;
    const [tickets, matches] = [await store.list(keys.tickets), await store.list(keys.matches)];
    const desk = this.#desk;
    const wallMs = this.#wallMs;
    this.#driver = drive(clock, {
      get dueMs() {
        return desk.dueMs - wallMs;
      },
      tick: (nowMs) => desk.tick(Math.floor(nowMs + wallMs)),
    });
    // Answers come as soon as something is asked: there must be somebody to hear them.
    const read = <T>(body: unknown): T => body as T;
    this.#feed((nowMs) =>
      this.#desk.open(
        tickets.records.flatMap(({ value }) => read<QueuedTicket | undefined>(decodeRecord(TicketRecord, value)?.body) ?? []),
        matches.records.flatMap(({ value }) => read<Match | undefined>(decodeRecord(MatchRecord, value)?.body) ?? []),
        nowMs,
      ),
    );
    this.#matchNews.found(this.#desk.matches());
    await this.#parties.open((ticket) => {
      const state = this.#desk.ticket(ticket);
      return state !== undefined && !isOver(state.status);
    });
    this.#unwatch = [
      servers.watch((view, gone) => {
        if (gone) this.#feed((nowMs) => this.#desk.serverGone(view.id, nowMs));
      }),
      sessions.results((result) => this.#sessionEnded(result)),
      sessions.wishes((id, wish) => void (wish.kind === 'left' ? this.left(id, wish.players) : this.backfill(id, wish.open))),
    ];
    // What a former Atlas may not have told any more; who knows it already is told nothing new.
    for (const { id, timeline } of this.#desk.matches())
      if (timeline.some(({ what }) => what === 'filled' || what === 'left')) this.#tellServer(id);
    this.#tidyLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTidy();
    for (const cancel of this.#unwatch) cancel();
    this.#driver?.stop();
    await this.#functions.close();
    await this.#results.catch(() => {});
    await this.#line.close();
  }

  #tidyLater(): void {
    const { clock } = this.#deps;
    if (this.#settings.lobbies.length === 0) return;
    this.#cancelTidy = clock.at(clock.now() + servicePolicy.tidyMs, () => {
      this.#lobbies.tidy();
      this.#tidyLater();
    });
  }

  #nowMs(): number {
    return Math.floor(this.#deps.clock.now() + this.#wallMs);
  }

  #feed<T>(act: (nowMs: number) => T): T {
    const driver = must(this.#driver, 'the matchmaker was started');
    return driver.feed((nowMs) => act(Math.floor(nowMs + this.#wallMs)));
  }

  // ---- tickets --------------------------------------------------------------------------------------------------------

  async create(wishes: TicketWishes): Promise<Answer<{ readonly ticket: TicketView }>> {
    if (this.#stopped) return refuse('NOT_READY', 'Atlas is stopping');
    const queue = this.#queues.get(wishes.queue);
    const players = queue?.rating ? await withRating(this.#book, queue.rating, wishes.players, this.#nowMs()) : wishes.players;
    const ticket: QueuedTicket = {
      id: this.#deps.entropy.id('ticket'),
      queue: wishes.queue,
      party: wishes.party ?? '',
      priority: wishes.priority ?? 0,
      createdMs: Math.floor(this.#nowMs()),
      players,
    };
    const refusal = await new Promise<Refusal | undefined>((resolve) =>
      this.#feed((nowMs) => this.#desk.add(ticket, nowMs, resolve)),
    );
    if (refusal) {
      this.#probe.count('atlas_matchmaking_refused_total', 1, { code: refusal.code });
      return refusal;
    }
    this.#probe.count('atlas_matchmaking_tickets_total', 1, { queue: ticket.queue });
    if (queue?.recorded) this.#deps.record?.(queue.name, recordedTicket(ticket));
    const view = this.ticket(ticket.id, { seats: 'none' });
    return view ? { ok: true, ticket: view } : refuse('TICKET_UNKNOWN', `ticket ${ticket.id} is over already`);
  }

  ticket(id: string, eyes: Eyes): TicketView | undefined {
    const state = this.#desk.ticket(id);
    return state && ticketView(this.#desk, state, this.#nowMs(), this.#seats(state, eyes));
  }

  tickets(): readonly TicketView[] {
    const nowMs = this.#nowMs();
    return [...this.#desk.tickets()].map((state) => ticketView(this.#desk, state, nowMs, []));
  }

  async cancel(id: string): Promise<Answer<object>> {
    const state = this.#desk.ticket(id);
    const refusal = await new Promise<Refusal | undefined>((resolve) =>
      this.#feed((nowMs) => this.#desk.cancel(id, nowMs, resolve)),
    );
    if (refusal) return refusal;
    if (state && this.#queues.get(state.ticket.queue)?.recorded)
      this.#deps.record?.(state.ticket.queue, recordedCancel(id, this.#nowMs()));
    return { ok: true };
  }

  accept(id: string, players: readonly string[], accept: boolean): Answer<object> {
    return this.#feed((nowMs) => this.#desk.answer(id, players, accept, nowMs)) ?? { ok: true };
  }

  explain(id: string): ReturnType<Matchmaker['explain']> {
    const state = this.#desk.ticket(id);
    const ticket = this.ticket(id, { seats: 'none' });
    if (!state || !ticket) return refuse('TICKET_UNKNOWN', `no ticket ${id} waits, or was matched lately`);
    return { ok: true, explanation: explanationOf(this.#desk, state, this.#nowMs()), ticket };
  }

  watchTicket(id: string, eyes: Eyes, fn: (view: TicketView) => void): Cancel {
    const tell = (whole: TicketView) => fn(asSeenBy(whole, eyes));
    const all = this.#ticketWatchers.get(id) ?? new Set();
    this.#ticketWatchers.set(id, all.add(tell));
    return () => {
      all.delete(tell);
      if (all.size === 0 && this.#ticketWatchers.get(id) === all) this.#ticketWatchers.delete(id);
    };
  }

  watch(fn: (news: readonly TicketNews[], event: TicketEvent) => void): Cancel {
    this.#watchers.add(fn);
    return () => void this.#watchers.delete(fn);
  }

  // ---- matches --------------------------------------------------------------------------------------------------------

  matches(): readonly MatchView[] {
    return [...this.#desk.matches()].map(matchView);
  }

  match(id: string): MatchView | undefined {
    const match = this.#desk.match(id);
    return match && matchView(match);
  }

  watchMatches(fn: (match: MatchView) => void): Cancel {
    this.#matchWatchers.add(fn);
    return () => void this.#matchWatchers.delete(fn);
  }

  /** One after the other: a rating that two results change is changed by both. */
  end(id: string, said: unknown): Promise<Answer<object>> {
    const result = said === undefined ? null : readResult(said);
    if (result === undefined) {
      const expected = 'expected { teams: [{ name, rank or score }, …] }, with a rank or score for each';
      return Promise.resolve(refuse('RESULT_INVALID', expected));
    }
    const done = this.#results.then(() => this.#end(id, result));
    this.#results = done.catch(() => {});
    return done;
  }

  async #end(id: string, result: MatchResult | null): Promise<Answer<object>> {
    const match = this.#desk.match(id);
    if (!match) return refuse('MATCH_UNKNOWN', `there is no match ${id}`);
    if (match.stage !== 'active') return refuse('MATCH_STATE', `match ${id} is ${match.stage}`);
    const wrong = result && resultRefusal(match, result);
    if (wrong) return wrong;
    const pool = this.#queues.get(match.queue)?.rating?.pool;
    const changes: readonly Change[] =
      pool !== undefined && result ? await this.#book.changes(pool, match, result, this.#nowMs()) : [];
    const refusal = await new Promise<Refusal | undefined>((resolve) =>
      this.#feed((nowMs) => this.#desk.ended(id, result ? 'finished' : 'over', result, changes, nowMs, resolve)),
    );
    if (refusal) return refusal;
    this.#book.changed(changes);
    return { ok: true };
  }

  left(id: string, players: readonly string[]): Answer<object> {
    const refusal = this.#feed((nowMs) => this.#desk.left(id, players, nowMs));
    if (!refusal) this.#tellServer(id);
    return refusal ?? { ok: true };
  }

  backfill(id: string, open: boolean): Answer<object> {
    return this.#feed((nowMs) => this.#desk.backfill(id, open, nowMs)) ?? { ok: true };
  }

  /** Resolves once it is known for good: what has not been taken is told again at the next start. */
  async #sessionEnded({ requestId, end, result }: SessionResult): Promise<void> {
    if (this.#desk.match(requestId)?.stage !== 'active') return;
    if (end === 'died') {
      await new Promise<Refusal | undefined>((resolve) =>
        this.#feed((nowMs) => this.#desk.ended(requestId, 'lost', null, [], nowMs, resolve)),
      );
      return;
    }
    const answer = await this.end(requestId, result);
    // A result that does not fit is no reason for a match to go on for ever.
    if (answer.ok || answer.code !== 'RESULT_INVALID') return;
    this.#probe.event('match_result_invalid', { match: requestId, message: answer.message });
    await this.end(requestId, undefined);
  }

  // ---- queues and ratings ---------------------------------------------------------------------------------------------

  queues(): ReturnType<Matchmaker['queues']> {
    const nowMs = this.#nowMs();
    return [...this.#desk.queues.values()].map((queue) => queueView(queue, nowMs));
  }

  get ratingPools(): readonly string[] {
    return [...new Set(this.#settings.queues.flatMap(({ rating }) => rating?.pool ?? []))];
  }

  async rating(pool: string, player: string): Promise<RatingView> {
    return ratingView(await this.#book.of(pool, player, this.#nowMs()));
  }

  async ratings(pool: string, most: number): ReturnType<Matchmaker['ratings']> {
    const { ratings, total } = await this.#book.best(pool, most);
    return { ratings: ratings.map(ratingView), total };
  }

  whereIs(player: string): ReturnType<Matchmaker['whereIs']> {
    return { ...this.#desk.whereIs(player), party: this.#parties.ofPlayer(player)?.id ?? '' };
  }

  // ---- parties and lobbies --------------------------------------------------------------------------------------------

  parties(): readonly Party[] {
    return this.#parties.list();
  }

  party(id: string): Party | undefined {
    return this.#parties.get(id);
  }

  createParty(leader: string, open: boolean): ReturnType<Matchmaker['createParty']> {
    return this.#parties.create(leader, open);
  }

  actOnParty(id: string, input: Exclude<PartyInput, { kind: 'queued' | 'unqueued' }>): ReturnType<Matchmaker['actOnParty']> {
    return this.#parties.act(id, input);
  }

  queueParty(id: string, by: string, queue: string): ReturnType<Matchmaker['queueParty']> {
    return this.#parties.queue(id, by, queue);
  }

  dequeueParty(id: string, by: string): ReturnType<Matchmaker['dequeueParty']> {
    return this.#parties.dequeue(id, by);
  }

  lobbies(): ReturnType<Matchmaker['lobbies']> {
    return this.#lobbies.list();
  }

  async joinLobby(lobby: string, player: string): ReturnType<Matchmaker['joinLobby']> {
    const players = this.#parties.ofPlayer(player)?.members.map((member) => member.player) ?? [player];
    const place = await this.#lobbies.join(lobby, players);
    if (!place.ok) return place;
    const { server, ports, request } = place;
    const seats = players.map((each) => ({
      player: each,
      team: '',
      address: this.#deps.address(server, ports, each),
      token: this.#deps.token?.(each, server, request, '') ?? '',
    }));
    return { ok: true, server, seats };
  }

  play(
    lobby: string,
    player: string,
    queue: string,
    brings: Pick<Player, 'attributes' | 'latencyMs'>,
  ): ReturnType<Matchmaker['play']> {
    const create = (wishes: TicketWishes) => this.create(wishes);
    return playFrom({ lobbies: this.#lobbies, parties: this.#parties, create }, lobby, player, queue, brings);
  }

  // ---- what the desk wants --------------------------------------------------------------------------------------------

  keep(token: number, changes: readonly Change[], mustBe: boolean): void {
    this.#line.add(opsOf(changes), mustBe, (code) => this.#feed((nowMs) => this.#desk.kept(token, code, nowMs)));
  }

  reserve(match: Match): void {
    const placed = (placement: Parameters<Desk['placed']>[1]): void => {
      if (!this.#stopped) this.#feed((nowMs) => this.#desk.placed(match.id, placement, nowMs));
    };
    this.#deps.sessions
      .request(sessionRequest(match, { ...this.#settings, sites: this.#queues.get(match.queue)?.sites ?? [] }))
      .then(
        (answer) => placed(answer.ok ? answer : { ...answer, code: codeOf(answer.code) }),
        (error: unknown) => placed({ ok: false, code: 'INTERNAL', message: String(error) }),
      );
  }

  release(match: string): void {
    this.#deps.sessions.cancel(match);
    this.#deps.sessions.release(match);
  }

  happened(event: TicketEvent, states: readonly TicketState[]): void {
    this.#probe.count('atlas_matchmaking_events_total', 1, { name: event.name, queue: event.queue });
    const nowMs = this.#nowMs();
    const news: TicketNews[] = [];
    for (const state of states) {
      const { ticket, match } = state;
      const own = this.#ticketWatchers.get(ticket.id);
      // Made once for all who look at it, because its seats are signed.
      const whole =
        own || this.#watchers.size > 0 ? ticketView(this.#desk, state, nowMs, this.#seats(state, { seats: 'all' })) : undefined;
      if (whole) {
        news.push({ event, ticket: whole });
        for (const tell of own ?? []) tell(whole);
      }
      if (isOver(state.status) && ticket.party !== '') this.#parties.ticketOver(ticket.party, ticket.id, match);
      if (event.name === 'MatchmakingSucceeded')
        this.#probe.observe('atlas_matchmaking_wait_ms', event.atMs - ticket.createdMs, { queue: event.queue });
    }
    for (const tell of this.#watchers) tell(news, event);
  }

  changed(match: Match): void {
    this.#matchNews.changed(match);
    const queue = this.#queues.get(match.queue);
    if (queue?.recorded && match.stage === 'active' && match.placedMs === match.timeline.at(-1)?.atMs)
      this.#deps.record?.(queue.name, recordedMatch(match));
    if (this.#matchWatchers.size === 0) return;
    const view = matchView(match);
    for (const tell of this.#matchWatchers) tell(view);
  }

  filled(match: Match, ticket: QueuedTicket): void {
    this.#probe.event('match_filled', { match: match.id, server: match.server, ticket: ticket.id });
    this.#tellServer(match.id);
  }

  /** Who plays now. */
  #tellServer(id: string): void {
    const match = this.#desk.match(id);
    if (match?.stage === 'active') this.#deps.sessions.update(id, sessionOf(match));
  }

  propose(queue: string, pool: MatchPool): void {
    void this.#functions.call(queue, pool).then((answer) => {
      if (this.#stopped) return;
      const refusals = this.#feed((nowMs) => this.#desk.proposed(queue, answer, nowMs));
      const code = answer.ok ? 'PROPOSAL_INVALID' : answer.code;
      for (const message of answer.ok ? refusals : [answer.message])
        this.#probe.event('match_function_trouble', { queue, code, message });
    });
  }

  newId(prefix: string): string {
    return this.#deps.entropy.id(prefix);
  }

  #seats(state: TicketState, eyes: Eyes): readonly Seat[] {
    return seatsOf(this.#desk, this.#deps, state, eyes);
  }
}
