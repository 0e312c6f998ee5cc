/** What the matchmaker needs, is told, and does: see service.ts. */
import type { Cancel, Clock, Entropy, Probe, Store } from '@horizon-atlas/ports';
import type { GameServerPort, GameServers, Sessions } from '@horizon-atlas/protocol';
import type { Refusal } from './core/admission.ts';
import type { QueueSettings } from './core/desk-io.ts';
import type { Explanation } from './core/explain.ts';
import type { LobbySettings } from './core/lobby.ts';
import type { Party, PartyInput } from './core/party.ts';
import type { Player } from './core/rule-set.ts';
import type { TicketEvent } from './core/ticket-life.ts';
import type { LobbyView } from './lobbies.ts';
import type { FunctionSource } from './match-functions.ts';
import type { PartyAnswer } from './parties.ts';
import type { MatchView, QueueView, Seat, TicketView, TicketWishes } from './views.ts';

export interface MatchmakerDeps {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly store: Store;
  readonly probe?: Probe;
  readonly sessions: Sessions;
  /** For lobbies, and for matches whose server is gone. */
  readonly servers: GameServers;
  /** Where a player reaches a server: the edge's address, or the server's own. */
  address(server: string, ports: readonly GameServerPort[], player: string): string;
  /** What the player shows there; absent: nobody makes tokens. */
  token?(player: string, server: string, match: string, team: string): string;
  /** A line of a queue's recording: what `atlas mm replay` reads. */
  record?(queue: string, line: string): void;
}

export interface MatchmakerQueue extends QueueSettings {
  /** Its matches are rated, and players' ratings are given to the rule set as this attribute, whatever the ticket says. */
  readonly rating: { readonly pool: string; readonly attribute: string } | undefined;
  /** Of the fleet; a match at one of them is played there. Other places are names that players measured, and nothing else. */
  readonly sites: readonly string[];
  readonly recorded: boolean;
  /** Where `matchFunction` is. */
  readonly functionSource?: FunctionSource | undefined;
}

export interface MatchmakerSettings {
  readonly queues: readonly MatchmakerQueue[];
  readonly lobbies: readonly LobbySettings[];
  /** How long a match may wait for a server, and a server for its first player, ms. */
  readonly waitMs: number;
  readonly leaseMs: number;
}

export type Answer<T> = ({ readonly ok: true } & T) | Refusal;
/** Who may see seats with their tokens: everybody's, one player's, or none. */
export type Eyes = { readonly seats: 'all' | 'none' } | { readonly seats: 'player'; readonly player: string };

export interface RatingView {
  readonly pool: string;
  readonly player: string;
  /** As Elo's: 1500 for somebody unknown. `uncertainty`: 200 for them, and less with each match. */
  readonly rating: number;
  readonly uncertainty: number;
  readonly mu: number;
  readonly sigma: number;
  readonly games: number;
  readonly wins: number;
  readonly updatedAtMs: number;
}

export interface TicketNews {
  readonly event: TicketEvent;
  readonly ticket: TicketView;
}

export interface Matchmaker {
  /** Reads what is kept. Rejects when the Store cannot be read. */
  start(): Promise<void>;
  /** What is decided is written; nothing new is. */
  stop(): Promise<void>;

  create(wishes: TicketWishes): Promise<Answer<{ readonly ticket: TicketView }>>;
  ticket(id: string, eyes: Eyes): TicketView | undefined;
  /** Those that wait or were matched lately, the oldest first. */
  tickets(): readonly TicketView[];
  cancel(id: string): Promise<Answer<object>>;
  accept(id: string, players: readonly string[], accept: boolean): Answer<object>;
  explain(id: string): Answer<{ readonly explanation: Explanation | undefined; readonly ticket: TicketView }>;
  /** Each change of one ticket, as it may be seen. Returns how to stop. */
  watchTicket(id: string, eyes: Eyes, fn: (view: TicketView) => void): Cancel;
  /** Everything that FlexMatch would have published. */
  watch(fn: (news: readonly TicketNews[], event: TicketEvent) => void): Cancel;

  matches(): readonly MatchView[];
  match(id: string): MatchView | undefined;
  watchMatches(fn: (match: MatchView) => void): Cancel;
  /** `said`: a result as a game server or a backend tells it, see read-result.ts; undefined: it is over without one. */
  end(id: string, said: unknown): Promise<Answer<object>>;
  left(id: string, players: readonly string[]): Answer<object>;
  backfill(id: string, open: boolean): Answer<object>;

  queues(): readonly QueueView[];
  rating(pool: string, player: string): Promise<RatingView>;
  ratings(pool: string, most: number): Promise<{ readonly ratings: readonly RatingView[]; readonly total: number }>;
  /** Names of pools of ratings. */
  readonly ratingPools: readonly string[];
  whereIs(player: string): { readonly ticket: string; readonly match: string; readonly party: string };

  parties(): readonly Party[];
  party(id: string): Party | undefined;
  createParty(leader: string, open: boolean): Promise<PartyAnswer>;
  actOnParty(id: string, input: Exclude<PartyInput, { kind: 'queued' | 'unqueued' }>): Promise<PartyAnswer>;
  queueParty(id: string, by: string, queue: string): Promise<PartyAnswer>;
  dequeueParty(id: string, by: string): Promise<PartyAnswer>;

  lobbies(): readonly LobbyView[];
  /** A seat on a lobby server for the player and all of their party. */
  joinLobby(lobby: string, player: string): Promise<Answer<{ readonly server: string; readonly seats: readonly Seat[] }>>;
  /** From a lobby into a queue: the player alone, or the whole party. */
  play(
    lobby: string,
    player: string,
    queue: string,
    brings: Pick<Player, 'attributes' | 'latencyMs'>,
  ): Promise<Answer<{ readonly ticket: string }>>;
}
