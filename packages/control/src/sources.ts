/**
 * What the API asks for its answers: implemented by the composition root on regions, fleet, gateways and the recording of what happened; control
 * decides nothing. Every method answers at once from memory unless it returns a promise.
 */
import type { ErrorCode, GameServerOrder } from '@horizon-atlas/protocol';
import type { PlayTicket, PlayWishes } from './resources/access.ts';
import type { GameConsole } from './resources/consoles.ts';
import type { Edge, EdgeWay, PublicWay } from './resources/edges.ts';
import type { Allocation, Fleet, GameServer, JoinKey, ModeDeployment } from './resources/fleets.ts';
import type { Game } from './resources/games.ts';
import type { ActionResult, AuditEntry, Event, Handoff, History, LogLine } from './resources/happenings.ts';
import type { Lobby, Match, Party, Queue, Rating, Seat, Ticket, TicketPlayer } from './resources/matchmaking.ts';
import type { FleetChange, Rollout, Scaling } from './resources/rollouts.ts';
import type { Gateway, Player, Region, Server } from './resources/world.ts';

export type Refusal = { readonly ok: false; readonly code: ErrorCode; readonly message: string };
export type Outcome<T> = ({ readonly ok: true } & T) | Refusal;

/** Some may be absent: what is asked of them is answered with NOT_READY. */
export interface Sources {
  readonly world: WorldSource;
  readonly edges: EdgeSource;
  readonly consoles: ConsoleSource;
  readonly games: GameSource;
  readonly events: EventSource;
  readonly scenes: SceneSource;
  readonly logs: LogSource;
  readonly actions: ActionSource;
  readonly audit: AuditSource;
  readonly play: PlaySource;
  readonly matchmaking: MatchmakingSource;
  readonly fleets: FleetSource;
  readonly versions: VersionSource;
}

/** Of game servers with a game definition. By id, or by the name of a fleet that has one server. */
export interface ConsoleSource {
  find(server: string): Outcome<{ readonly console: GameConsole }>;
  /** `shown`: the line without secrets. */
  type(server: string, line: string): Outcome<{ readonly shown: string }>;
  backup(server: string): Promise<Outcome<{ readonly folder: string }>>;
}

/** Game definitions: those that fleets run, and those that come with Atlas. */
export interface GameSource {
  games(): Promise<readonly Game[]>;
}

export interface WorldSource {
  regions(): readonly Region[];
  servers(): readonly Server[];
  gateways(): readonly Gateway[];
  /** Online ones and those that left in the last minutes; in the order in which they joined. */
  players(): readonly Player[];
  /** Under way and ended ones, the latest last. Bounded. */
  handoffs(): readonly Handoff[];
  history(): History;
}

export interface EdgeMove {
  readonly server?: string | undefined;
  readonly fleet?: string | undefined;
  readonly waitMs: number;
}

/** Edges: there where fleets have public ports. */
export interface EdgeSource {
  edges(): readonly Edge[];
  /** As of the last second. */
  sessions(): readonly EdgeWay[];
  end(session: string): Outcome<object>;
  /**
   * Has a player go on at another server, or at one of a fleet, on the connection that they have. NOT_FOUND, MOVE_IMPOSSIBLE, PROCESS_UNKNOWN, FLEET_UNKNOWN, PROCESS_STATE,
   * NOT_READY: it did not become ready in `waitMs`; SERVER_FULL, MOVE_FAILED.
   */
  move(session: string, wish: EdgeMove): Promise<Outcome<{ readonly server: string }>>;
  waysTo(server: string, player: string): Outcome<{ readonly ways: readonly PublicWay[] }>;
}

/** How fleets of game servers go from one version to another, and how they are scaled. */
export interface VersionSource {
  rollout(fleet: string): Rollout | undefined;
  /** FLEET_UNKNOWN, VERSION_TAKEN. */
  change(fleet: string, change: FleetChange): Outcome<{ readonly rollout: Rollout }>;
  /** FLEET_UNKNOWN, ROLLOUT_NONE. */
  rollback(fleet: string): Outcome<{ readonly rollout: Rollout }>;
  /** FLEET_UNKNOWN, ROLLOUT_NONE: nothing is under way. */
  hold(fleet: string, paused: boolean): Outcome<{ readonly rollout: Rollout }>;
  /** Undefined: the fleet has no policy, or is not there. */
  scaling(fleet: string): Scaling | undefined;
}

/** The event log: bounded, numbered from 1, kept over restarts of a watcher. */
export interface EventSource {
  /** Above `afterId`, oldest first. `tooOld`: events in between are forgotten already. */
  since(afterId: number): { readonly events: readonly Event[]; readonly tooOld: boolean };
  readonly lastId: number;
  onEvent(fn: (event: Event) => void): () => void;
}

/** Where everybody is, live and over the last minutes. Costs game servers something only while somebody watches. */
export interface SceneSource {
  /** An encoded full scene of now (protocol/scene.ts). */
  now(): Uint8Array;
  /** Encoded scenes as they come, at up to 5 Hz: deltas, and a full one each few seconds. The bytes are shared by all watchers. */
  onScene(fn: (scene: Uint8Array) => void): () => void;
  /** Full scenes of the recording between two moments, Unix ms, at most `max` of them, evenly thinned. */
  recorded(fromMs: number, toMs: number, max: number): readonly Uint8Array[];
  /** The oldest moment that is recorded. */
  readonly sinceMs: number;
}

export interface LogSource {
  /** The last `lines` of what a server or gateway printed. */
  tail(process: string, lines: number): Promise<Outcome<{ readonly lines: readonly LogLine[] }>>;
  /** Lines as they are printed. Ends when cancelled, or calls `ended` when the process is gone. */
  follow(process: string, onLine: (line: LogLine) => void, ended: () => void): () => void;
}

/** Playing in the browser, in development: who may join with what, and the game's own web client. */
export interface PlaySource {
  /**
   * A token for a player, new or the one of `wishes.player`, and where to show it. PLAY_UNAVAILABLE: not in this configuration;
   * NOT_READY: no gateway is up; REQUEST_INVALID: such a name or player cannot be.
   */
  ticket(wishes: PlayWishes): Promise<Outcome<{ readonly ticket: PlayTicket }>>;
  /** A file of the web client. @param path below the page's own, as it stands in the URL, without query; empty for the page itself */
  page(path: string): Promise<Outcome<{ readonly file: PageFile }>>;
  /** Names of pages beside the first one: the first part of their paths. */
  readonly pages: readonly string[];
  /** Those of them that people may play at now, the first one with an empty name. */
  readonly offered: readonly { readonly name: string; readonly path: string }[];
  /** Where the page may connect to beside this API: sources of a Content-Security-Policy. */
  readonly connectSources: readonly string[];
}

export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
  /** Changes with the body. */
  readonly tag: string;
  /** It only tells what is wrong with what was asked for. */
  readonly trouble: boolean;
}

/** What operators do. `dryRun`: nothing happens, but the effects are told. Doing the same again while it is under way is the same act. */
export interface ActionSource {
  /** SIGKILL, now: for those who want to see a recovery. A server's or a gateway's id. */
  kill(process: string, dryRun: boolean): Promise<Outcome<{ readonly result: ActionResult }>>;
  /** A region server hands its regions over after a last checkpoint, a gateway sends its clients elsewhere; then it ends, and is replaced where wanted. */
  drain(process: string, dryRun: boolean): Promise<Outcome<{ readonly result: ActionResult }>>;
  /** As `drain`, and the post is filled anew at once. */
  restart(process: string, dryRun: boolean): Promise<Outcome<{ readonly result: ActionResult }>>;
  /** The player is placed elsewhere, by a handoff where that is another region. */
  move(
    player: string,
    to: { readonly x: number; readonly y: number; readonly z: number },
    dryRun: boolean,
  ): Promise<Outcome<{ readonly result: ActionResult }>>;
  kick(player: string, message: string, dryRun: boolean): Promise<Outcome<{ readonly result: ActionResult }>>;
}

export type AuditNote = Omit<AuditEntry, 'seq' | 'atMs' | 'hash'>;

export interface AuditSource {
  append(note: AuditNote): void;
  /** Counted, and written once a second for each kind and code: a flood of refusals is a line. */
  refuse(kind: string, code: string, address: string): void;
  /** Entries with a `seq` above `after`, beginning with `from`, oldest or latest first. `next` is the `seq` after these, `total` counts all above `after`. */
  page(
    ask: AuditPageAsk,
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: number | null; readonly total: number }>;
}

export interface AuditPageAsk {
  readonly after: number;
  readonly limit: number;
  readonly latest: boolean;
  readonly from: number | undefined;
}

/** Who may see where players go, with the tokens that they show there. */
export type SeatEyes = { readonly seats: 'all' | 'none' } | { readonly seats: 'player'; readonly player: string };

export type PartyAct =
  | { readonly kind: 'invite' | 'kick' | 'lead' | 'uninvite'; readonly by: string; readonly player: string }
  | { readonly kind: 'join' | 'leave'; readonly player: string }
  | ({ readonly kind: 'ready'; readonly player: string; readonly ready: boolean } & Pick<
      TicketPlayer,
      'attributes' | 'latencyMs'
    >)
  | { readonly kind: 'open'; readonly by: string; readonly open: boolean };

/** What of a ticket's waiting is known; see resources/matchmaking.ts. */
export interface WaitingTold {
  readonly waitedMs: number;
  readonly level: number;
  readonly levels: number;
  readonly loosensInMs: number | null;
  readonly playersNeeded: number;
  readonly others: number;
  readonly looked: number;
  readonly playable: { readonly tickets: number; readonly players: number };
  readonly apart: readonly { readonly reason: string; readonly tickets: number }[];
  readonly text: string;
}

export interface TicketHappening {
  readonly name: string;
  readonly atMs: number;
  readonly queue: string;
  readonly match: string;
  readonly code: string;
  readonly message: string;
}

export interface MatchmakingSource {
  create(wishes: {
    readonly queue: string;
    readonly players: readonly TicketPlayer[];
    readonly priority?: number;
  }): Promise<Outcome<{ readonly ticket: Ticket }>>;
  ticket(id: string, eyes: SeatEyes): Ticket | undefined;
  tickets(): readonly Ticket[];
  /** Resolves once it is durable. */
  cancel(id: string): Promise<Outcome<object>>;
  accept(id: string, players: readonly string[], accept: boolean): Outcome<object>;
  explain(id: string): Outcome<{ readonly explanation: WaitingTold | undefined; readonly ticket: Ticket }>;
  watchTicket(id: string, eyes: SeatEyes, fn: (ticket: Ticket) => void): () => void;
  watch(fn: (news: readonly { readonly ticket: Ticket }[], event: TicketHappening) => void): () => void;
  matches(): readonly Match[];
  match(id: string): Match | undefined;
  watchMatches(fn: (match: Match) => void): () => void;
  /** What a game server or a backend says of its end, in whatever shape. RESULT_INVALID: it is no result of this match. `said` undefined: none. */
  end(id: string, said: unknown): Promise<Outcome<object>>;
  left(id: string, players: readonly string[]): Outcome<object>;
  backfill(id: string, open: boolean): Outcome<object>;
  queues(): readonly Queue[];
  readonly ratingPools: readonly string[];
  rating(pool: string, player: string): Promise<Rating>;
  ratings(pool: string, most: number): Promise<{ readonly ratings: readonly Rating[]; readonly total: number }>;
  whereIs(player: string): { readonly ticket: string; readonly match: string; readonly party: string };
  parties(): readonly Party[];
  party(id: string): Party | undefined;
  createParty(leader: string, open: boolean): Promise<Outcome<{ readonly party: Party | null }>>;
  actOnParty(id: string, act: PartyAct): Promise<Outcome<{ readonly party: Party | null }>>;
  queueParty(id: string, by: string, queue: string): Promise<Outcome<{ readonly party: Party | null }>>;
  dequeueParty(id: string, by: string): Promise<Outcome<{ readonly party: Party | null }>>;
  lobbies(): readonly Lobby[];
  joinLobby(lobby: string, player: string): Promise<Outcome<{ readonly server: string; readonly seats: readonly Seat[] }>>;
  play(
    lobby: string,
    player: string,
    queue: string,
    brings: Pick<TicketPlayer, 'attributes' | 'latencyMs'>,
  ): Promise<Outcome<{ readonly ticket: string }>>;
}

/** Fleets of game servers that are given away as a whole. */
export interface FleetSource {
  fleets(): readonly Fleet[];
  fleet(name: string): Fleet | undefined;
  /** null: as many as are in use, and its warm ones. False: there is no such fleet. */
  scale(name: string, replicas: number | null): boolean;
  /** Rejects with nothing; FLEET_UNKNOWN, REQUEST_INVALID (a site that the fleet has not). */
  deployMode(wishes: ModeWishes): Promise<Outcome<{ readonly deployment: ModeDeployment }>>;
  servers(fleet?: string): readonly GameServer[];
  server(id: string): GameServer | undefined;
  /** Each change of one, once it has happened. */
  onServer(fn: (server: GameServer, gone: boolean) => void): () => void;
  order(id: string, order: GameServerOrder): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined;
  newRequestId(): string;
  /** Answered once it is durable, or when nothing came within `waitMs`. */
  allocate(ask: AllocationAsk): Promise<AllocationAnswered>;
  /** False: it does not wait. */
  cancel(requestId: string): boolean;
  allocations(): readonly Allocation[];
  allocation(requestId: string): Allocation | undefined;
  /** False: there is no such allocation any more. */
  activate(requestId: string): boolean;
  release(requestId: string): boolean;
  /** Public keys that check join tokens, newest first. */
  joinKeys(): readonly JoinKey[];
}

export interface ModeWishes {
  readonly mode: string;
  readonly expectedPlayers: number;
  readonly sites: readonly string[];
}

/** A request for a game server, in Agones' words. */
export interface AllocationAsk {
  readonly requestId: string;
  readonly selectors: readonly {
    readonly matchLabels: Readonly<Record<string, string>>;
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
      readonly values: readonly string[];
    }[];
    readonly state: 'Ready' | 'Allocated';
    readonly counters: Readonly<Record<string, { readonly count: Span; readonly available: Span }>>;
    readonly lists: Readonly<Record<string, { readonly contains: string | undefined; readonly available: Span }>>;
  }[];
  readonly priorities: readonly {
    readonly type: 'Counter' | 'List';
    readonly key: string;
    readonly order: 'Ascending' | 'Descending';
  }[];
  readonly scheduling: 'Packed' | 'Distributed';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly counters: Readonly<Record<string, { readonly by: number; readonly capacity: number | undefined }>>;
  readonly lists: Readonly<
    Record<string, { readonly add: readonly string[]; readonly remove: readonly string[]; readonly capacity: number | undefined }>
  >;
  readonly waitMs: number;
  readonly leaseMs: number;
  readonly priority: number;
  readonly players: readonly string[];
  /** JSON; empty: none. */
  readonly session: string;
}

interface Span {
  readonly min?: number;
  readonly max?: number;
}

export interface AllocationGiven {
  readonly requestId: string;
  readonly server: string;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
  readonly address: string;
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly counters: Readonly<Record<string, { readonly count: number; readonly capacity: number }>>;
  readonly lists: Readonly<Record<string, { readonly values: readonly string[]; readonly capacity: number }>>;
}

export type AllocationAnswered =
  | { readonly ok: true; readonly given: AllocationGiven }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly etaMs: number | undefined };
