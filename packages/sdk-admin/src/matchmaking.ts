/** Matchmaking by the API: `admin.matchmaking`. */
import { LiveStream } from './live-stream.ts';
import type { AdminError, Requester } from './request.ts';
import type { Lobby, Match, Page, PageQuery, Party, Queue, Rating, Seat, Ticket, TicketEvent } from './shapes.ts';

export interface TicketPlayer {
  readonly id: string;
  /** As the rule set's playerAttributes name them. */
  readonly attributes?: Readonly<Record<string, string | number | readonly string[] | Readonly<Record<string, number>>>>;
  /** Round trips to places, ms. */
  readonly latencyMs?: Readonly<Record<string, number>>;
}

export interface TicketWishes {
  readonly queue: string;
  readonly players: readonly TicketPlayer[];
  /** −100 to 100; higher ones are looked at first. */
  readonly priority?: number;
}

/** What became of each ticket of a batch, in its order. */
export interface TicketsTaken {
  /** `ticket` null: it was refused, and `code` and `message` say why. */
  readonly items: readonly { readonly ticket: Ticket | null; readonly code: string; readonly message: string }[];
  readonly taken: number;
  readonly refused: number;
}

export interface TicketQuery extends PageQuery {
  readonly queue?: string;
  readonly status?: Ticket['status'];
  readonly player?: string;
}

export interface MatchQuery extends PageQuery {
  readonly queue?: string;
  readonly stage?: Match['stage'];
  readonly player?: string;
}

/** Why a ticket waits. `waiting` null: it does not. */
export interface TicketExplanation {
  readonly ticket: Ticket;
  readonly waiting: {
    readonly waitedMs: number;
    readonly level: number;
    readonly levels: number;
    readonly loosensInMs: number | null;
    readonly playersNeeded: number;
    readonly others: number;
    readonly looked: number;
    readonly playable: { readonly tickets: number; readonly players: number };
    readonly apart: readonly { readonly reason: string; readonly tickets: number }[];
  } | null;
  readonly text: string;
}

/** Every team that played; rank 1 is the winner, equal ranks are a draw. Without ranks the highest score is the first. */
export interface Result {
  readonly teams: readonly { readonly name: string; readonly rank?: number; readonly score?: number }[];
  readonly data?: unknown;
}

export interface MatchmakingHandlers {
  event?(event: TicketEvent): void;
  match?(match: Match): void;
  /** So many are missing here, because this reader was too slow. */
  lost?(events: number): void;
  state?(state: string, error: AdminError | undefined): void;
}

/** Every method rejects with `AdminError`. */
export interface MatchmakingAdmin {
  queues(): Promise<readonly Queue[]>;
  queue(name: string): Promise<Queue>;
  /** Resolves once the ticket is durable. */
  createTicket(wishes: TicketWishes): Promise<Ticket>;
  /**
   * Up to 1,000, each taken or refused by itself. Resolves once those that were taken are durable. Once more with the same `key` (what to call this act, 1 to 200
   * visible characters) it queues nobody twice.
   */
  createTickets(tickets: readonly TicketWishes[], key?: string): Promise<TicketsTaken>;
  tickets(query?: TicketQuery): Promise<Page<Ticket>>;
  ticket(id: string): Promise<Ticket>;
  /** Resolved: it is in no match. */
  cancelTicket(id: string): Promise<void>;
  accept(id: string, accept?: boolean, players?: readonly string[]): Promise<Ticket>;
  explain(id: string): Promise<TicketExplanation>;
  /** The ticket as it changes, until it is over. Answers how to stop. */
  watchTicket(id: string, onTicket: (ticket: Ticket) => void, ended?: (error: AdminError | undefined) => void): () => void;
  /** Everything that happens, for a backend. Answers how to stop. */
  watch(handlers: MatchmakingHandlers, queue?: string): () => void;
  /** The latest first. */
  matches(query?: MatchQuery): Promise<Page<Match>>;
  match(id: string): Promise<Match>;
  endMatch(id: string, result?: Result): Promise<Match>;
  leftMatch(id: string, players: readonly string[]): Promise<Match>;
  backfill(id: string, open?: boolean, left?: readonly string[]): Promise<Match>;
  ratings(pool: string, limit?: number): Promise<{ readonly items: readonly Rating[]; readonly total: number }>;
  rating(pool: string, player: string): Promise<Rating>;
  whereIs(player: string): Promise<{ readonly ticket: string; readonly match: string; readonly party: string }>;
  parties(query?: PageQuery): Promise<Page<Party>>;
  party(id: string): Promise<Party>;
  createParty(leader: string, open?: boolean): Promise<Party>;
  /** `invite`, `uninvite`, `kick`, `leader` by the leader on another; `join`, `leave`, `ready` of a player; `open`, `queue`, `dequeue` by the leader. */
  actOnParty(id: string, act: string, body: Readonly<Record<string, unknown>>): Promise<Party | null>;
  lobbies(): Promise<readonly Lobby[]>;
  joinLobby(name: string, player: string): Promise<{ readonly server: string; readonly seats: readonly Seat[] }>;
  playFromLobby(name: string, player: string, queue: string): Promise<Ticket>;
}

const base = '/api/v1/matchmaking';
const over = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT']);

export function matchmakingAdmin(requester: Requester): MatchmakingAdmin {
  const at = (...parts: readonly string[]): string => [base, ...parts.map(encodeURIComponent)].join('/');
  const get = <T>(path: string, query?: object): Promise<T> => requester.json<T>(path, query ? { query } : {});
  const post = <T>(path: string, body?: object): Promise<T> =>
    requester.json<T>(path, { method: 'POST', ...(body ? { body } : {}) });
  return {
    queues: async () => (await get<{ items: readonly Queue[] }>(at('queues'))).items,
    queue: (name) => get(at('queues', name)),
    createTicket: (wishes) => post(at('tickets'), wishes),
    createTickets: (tickets, idempotencyKey) =>
      requester.json(at('tickets', 'batch'), { method: 'POST', body: { tickets }, idempotencyKey }),
    tickets: (query) => get(at('tickets'), query),
    ticket: (id) => get(at('tickets', id)),
    cancelTicket: (id) => requester.json<void>(at('tickets', id), { method: 'DELETE' }),
    accept: (id, accept = true, players = undefined) =>
      post(at('tickets', id, 'accept'), { accept, ...(players ? { players } : {}) }),
    explain: (id) => get(at('tickets', id, 'explain')),
    watchTicket: (id, onTicket, ended) => watchTicket(requester, at('tickets', id, 'watch'), onTicket, ended),
    watch: (handlers, queue) => watchAll(requester, handlers, queue),
    matches: (query) => get(at('matches'), query),
    match: (id) => get(at('matches', id)),
    endMatch: (id, result) => post(at('matches', id, 'result'), result),
    leftMatch: (id, players) => post(at('matches', id, 'left'), { players }),
    backfill: (id, open = true, left = []) => post(at('matches', id, 'backfill'), { open, left }),
    ratings: (pool, limit) => get(at('ratings', pool), limit === undefined ? undefined : { limit }),
    rating: (pool, player) => get(at('ratings', pool, player)),
    whereIs: (player) => get(at('players', player)),
    parties: (query) => get(at('parties'), query),
    party: (id) => get(at('parties', id)),
    createParty: (leader, open = false) => post(at('parties'), { leader, open }),
    actOnParty: async (id, act, body) => (await post<{ party: Party | null }>(at('parties', id, act), body)).party,
    lobbies: async () => (await get<{ items: readonly Lobby[] }>(at('lobbies'))).items,
    joinLobby: (name, player) => post(at('lobbies', name, 'join'), { player }),
    playFromLobby: (name, player, queue) => post(at('lobbies', name, 'play'), { player, queue }),
  };
}

function watchTicket(
  requester: Requester,
  path: string,
  onTicket: (ticket: Ticket) => void,
  ended: ((error: AdminError | undefined) => void) | undefined,
): () => void {
  const stream = new LiveStream(requester, {
    path,
    query: {},
    lastId: '',
    onEvent({ event, data }) {
      if (event !== 'ticket') return;
      const ticket = JSON.parse(data) as Ticket;
      onTicket(ticket);
      if (over.has(ticket.status)) stream.close();
    },
    onState(state, error) {
      if (state === 'closed') ended?.(error);
    },
  });
  void stream.run();
  return () => stream.close();
}

function watchAll(requester: Requester, handlers: MatchmakingHandlers, queue: string | undefined): () => void {
  const stream = new LiveStream(requester, {
    path: `${base}/watch`,
    query: queue === undefined ? {} : { queue },
    lastId: '',
    onEvent({ event, data }) {
      if (event === 'event') handlers.event?.(JSON.parse(data) as TicketEvent);
      else if (event === 'match') handlers.match?.(JSON.parse(data) as Match);
      else if (event === 'lost') handlers.lost?.((JSON.parse(data) as { events: number }).events);
    },
    onState: (state, error) => handlers.state?.(state, error),
  });
  void stream.run();
  return () => stream.close();
}
