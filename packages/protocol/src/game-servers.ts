/**
 * Words about game servers that are given away as a whole (match servers, lobbies, unmodified dedicated servers), shared by who runs them, who speaks
 * for them, who leads players to them and who shows them. Agones' words where it has one. Who plays a region of a seamless world is elsewhere (records.ts).
 */

/**
 * A game server's life. `Activating`: it was given its session and is not playable yet. `Active`: players play. `Draining`: nobody new comes in, it ends
 * when it is empty. `Maintaining`: taken out by an operator; kept, and given to nobody. `Sleeping`: stopped or frozen because nobody plays, woken by who comes.
 */
export const gameServerStates = [
  'Scheduled',
  'Starting',
  'Warming',
  'Ready',
  'Reserved',
  'Allocated',
  'Activating',
  'Active',
  'Draining',
  'Maintaining',
  'Sleeping',
  'Unhealthy',
  'Error',
  'Shutdown',
] as const;
export type GameServerState = (typeof gameServerStates)[number];

/** How packets to a port are to be carried. `tcp+udp`: both, on one number, as BZFlag does. `ws`: HTTP that is upgraded. */
export type PortProtocol = 'udp' | 'tcp' | 'tcp+udp' | 'ws';

export interface GameServerPort {
  readonly name: string;
  readonly protocol: PortProtocol;
  /** Where the game server listens. */
  readonly host: string;
  readonly port: number;
}

/** Of something that a server has a number of. `count` of `capacity` are used. */
export interface GameServerCounter {
  readonly count: number;
  readonly capacity: number;
}

/** Of something whose members have names. */
export interface GameServerList {
  readonly values: readonly string[];
  readonly capacity: number;
}

/** What is known of one game server. */
export interface GameServerView {
  readonly id: string;
  readonly fleet: string;
  /** Of its fleet's program: what a rollout replaces. */
  readonly version: string;
  readonly state: GameServerState;
  /** When it came into its state, and when its process was started; ms since 1970, 0: not yet. */
  readonly sinceMs: number;
  readonly startedAtMs: number;
  readonly pid: number;
  readonly ports: readonly GameServerPort[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly counters: Readonly<Record<string, GameServerCounter>>;
  readonly lists: Readonly<Record<string, GameServerList>>;
  /** Undefined: nobody counts them. */
  readonly players: { readonly count: number; readonly capacity: number; readonly names?: readonly string[] } | undefined;
  /** Requests that it was allocated for and that have not been released; several where it holds several sessions. */
  readonly allocations: readonly string[];
  /** Why it is in its state, where that is not plain; '' otherwise. */
  readonly why: string;
}

/** What is said of a game server's process, by itself (our SDK, Agones') or by who watches it (logs, queries, the edge). */
export type GameServerWord =
  | { readonly say: 'warming' }
  | { readonly say: 'ready' }
  /** It is alive; with the policy `push`, silence is a hang. */
  | { readonly say: 'health' }
  /** It takes itself, as Agones' Allocate(). */
  | { readonly say: 'allocate' }
  /** Ready again after `forMs`; 0: it stays reserved. */
  | { readonly say: 'reserve'; readonly forMs: number }
  /** Its session can be played. */
  | { readonly say: 'active' }
  /** Nobody new may come. */
  | { readonly say: 'draining' }
  /** It wants to end; its end is no crash. */
  | { readonly say: 'shutdown' }
  /** `names` where they are known. */
  | { readonly say: 'players'; readonly count: number; readonly capacity?: number; readonly names?: readonly string[] }
  | { readonly say: 'joined' | 'left'; readonly player: string }
  | { readonly say: 'label' | 'annotation'; readonly key: string; readonly value: string }
  | { readonly say: 'counter'; readonly name: string; readonly by?: number; readonly count?: number; readonly capacity?: number }
  | {
      readonly say: 'list';
      readonly name: string;
      readonly add?: readonly string[];
      readonly remove?: readonly string[];
      readonly values?: readonly string[];
      readonly capacity?: number;
    }
  /** It hangs, or answers nothing any more, as far as who watches it can tell. */
  | { readonly say: 'hung'; readonly why: string };

/** What can be done with a game server by an operator. `maintain`: taken out once its session is over; `restore`: back in. */
export type GameServerOrder = 'shutdown' | 'drain' | 'maintain' | 'restore';

/** What can be done with game servers by who speaks for them or shows them. Provided by fleet's service, put together in atlas. */
export interface GameServers {
  get(id: string): GameServerView | undefined;
  list(fleet?: string): readonly GameServerView[];
  /** Each change, once it has happened; `gone`: the view is the last one. Returns how to stop. */
  watch(fn: (view: GameServerView, gone: boolean) => void): () => void;
  /** False: there is no such server (any more), or it is refused in its state. */
  heard(id: string, word: GameServerWord): boolean;
  /** Undefined: done, or begun; otherwise why not: PROCESS_UNKNOWN, PROCESS_STATE. */
  order(id: string, order: GameServerOrder): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined;
  /**
   * Nobody plays on it: its process is ended, or stands still and keeps its memory. The server stays known, with its ports. Undefined: done, or begun;
   * PROCESS_STATE: it is not Ready, or somebody has it.
   */
  sleep(id: string, how: SleepKind): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined;
  /** Somebody comes. Undefined: done, or begun, or it is awake already; it can be played once it is Ready. */
  wake(id: string): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined;
}

/** How a server sleeps: without a process, or with one that is stopped by SIGSTOP. */
export type SleepKind = 'stopped' | 'frozen';

/** What is known of a fleet. */
export interface FleetView {
  readonly name: string;
  /** Of the program that new servers run. */
  readonly version: string;
  /** How many servers there are to be: as held or scaled, and one for each request that waits; within `min` and `max`. */
  readonly replicas: number;
  /** The size at which an operator holds it, whatever whoever scales it says; undefined: it is scaled. */
  readonly held: number | undefined;
  readonly min: number;
  readonly max: number;
  /** How many servers are in each state; states that none is in are absent. */
  readonly states: Readonly<Partial<Record<GameServerState, number>>>;
  /** Somebody has them, and they run: Allocated, Activating, Active, and Draining with players. */
  readonly inUse: number;
  /** Requests that wait for one. */
  readonly waiting: number;
  /** From the start of a process to Ready, of the last ones; ms. Undefined: none was started yet. */
  readonly startMs: { readonly p50: number; readonly p99: number; readonly max: number; readonly count: number } | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly sites: readonly string[];
  /** How it was deployed as a mode. */
  readonly mode?: ModeScaling | undefined;
  /** Starts go wrong: when it is tried again, ms since 1970, and why. Undefined: all is well. */
  readonly trouble: { readonly code: string; readonly message: string; readonly againAtMs: number } | undefined;
}

/** A fleet as a game mode for so many players: how many servers, and when more or fewer. */
export interface ModeScaling {
  readonly expectedPlayers: number;
  readonly min: number;
  readonly max: number;
  /** Shares of servers in use: above the first there are to be more, below the second fewer. */
  readonly up: number;
  readonly down: number;
  /** Some of the fleet's. */
  readonly sites: readonly string[];
}

/** Sizes of fleets, for who scales and shows them. Provided by fleet's service. */
export interface Fleets {
  fleet(name: string): FleetView | undefined;
  fleets(): readonly FleetView[];
  /** At most once a turn for each fleet that changed. Returns how to stop. */
  watchFleets(fn: (view: FleetView) => void): () => void;
  /**
   * So many servers in all, within the fleet's limits, from whoever scales it: said anew after each change, and not kept over a restart, where as many as there are
   * stay until it is said again. False: no such fleet.
   */
  scale(name: string, replicas: number): boolean;
  /** By an operator, in place of `scale`, also after a restart; undefined: let go, and from its present size on it is scaled again. False: no such fleet. */
  hold(name: string, replicas: number | undefined): boolean;
}

/** For who stands at the doors of fleets. Provided by fleet's service. */
export interface Doorkeeper {
  /** Somebody who has asked nobody is at the fleet's door, and it may have no server: one is started, within its limits. False: no such fleet. */
  knock(name: string): boolean;
}

/** How far a fleet is between two versions of its program. */
export interface RolloutView {
  readonly fleet: string;
  /** What new servers run, and what `rollback` goes back to; '': nothing is known. */
  readonly version: string;
  readonly previous: string;
  /** `canary`: a few of the new version on trial. `rolling`: the former version's go. `steady`: none of them is free any more. */
  readonly phase: 'steady' | 'canary' | 'rolling';
  /** By an operator: no more of the new version come, and the former version's stay. */
  readonly paused: boolean;
  /** When it began, and when the trial will have lasted; ms since 1970, 0: never, not yet. */
  readonly sinceMs: number;
  readonly trialUntilMs: number;
  /** Servers of the version, and of all others. `ready`: nobody has them. */
  readonly next: { readonly ready: number; readonly coming: number; readonly inUse: number };
  readonly former: { readonly ready: number; readonly coming: number; readonly inUse: number };
  /** Of the new version, since it began. */
  readonly started: number;
  readonly failed: number;
  /** Why it went back by itself, or was sent back; '' otherwise. */
  readonly why: string;
  /** The version that was given up by itself; '': none. */
  readonly refused: string;
  /** Versions whose program is known, newest first. */
  readonly revisions: readonly { readonly version: string; readonly atMs: number }[];
}

/** Versions of fleets' programs. Provided by fleet's service. */
export interface Rollouts {
  rollout(fleet: string): RolloutView | undefined;
  /** From now on servers run this. `program`: as the composition root reads it. Undefined: begun; otherwise why not. */
  rollOut(fleet: string, version: string, program: string): 'FLEET_UNKNOWN' | 'VERSION_TAKEN' | undefined;
  /** The program of a version, as it was given; undefined: it is not known. */
  program(fleet: string, version: string): string | undefined;
  /** Back to the version before. */
  rollback(fleet: string): 'FLEET_UNKNOWN' | 'ROLLOUT_NONE' | undefined;
  /** Has what is under way stay as it is, or go on. */
  holdRollout(fleet: string, paused: boolean): 'FLEET_UNKNOWN' | 'ROLLOUT_NONE' | undefined;
}

/** Asks for a server for a match; answered once. The same `requestId` is the same request. */
export interface SessionRequest {
  readonly requestId: string;
  readonly fleet: string;
  /** One of the fleet's sites; undefined: any. */
  readonly site?: string;
  /** Who will come. */
  readonly players: readonly string[];
  /** JSON that the game server is given: match id, teams, rules. */
  readonly session: unknown;
  /** How long it may wait for a server, and its first player for it to be given back; ms. 0: not at all, and for ever. */
  readonly waitMs: number;
  readonly leaseMs: number;
}

/** `places`: whether strangers may take its free places. `left`: players who do not come back, so that their places are free. */
export type SessionWish =
  | { readonly kind: 'places'; readonly open: boolean }
  | { readonly kind: 'left'; readonly players: readonly string[] };

export type SessionAnswer =
  | { readonly ok: true; readonly server: string; readonly fleet: string; readonly ports: readonly GameServerPort[] }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly etaMs: number | undefined };

/** How a session ended: by the server's word, by who asked for it, because nobody came in time, or because its server died. */
export type SessionEnd = 'ended' | 'released' | 'expired' | 'died';

/** What came of a session; matchmaking takes ratings from it. */
export interface SessionResult {
  readonly requestId: string;
  readonly server: string;
  readonly fleet: string;
  readonly end: SessionEnd;
  /** JSON that the game server said at its end; undefined: it said nothing. */
  readonly result: unknown;
  readonly atMs: number;
}

/** Gives servers to matches. Provided by fleet's service. */
export interface Sessions {
  request(request: SessionRequest): Promise<SessionAnswer>;
  /** Nobody waits for the answer any more; one that came already is to be released. False: it does not wait. */
  cancel(requestId: string): boolean;
  /** The match is over, or does not take place. */
  release(requestId: string): void;
  /**
   * Somebody else plays, or something else is to be known: kept, and told to the game server as the session was, by its link or as an annotation. False: there is no
   * such session any more, or not yet.
   */
  update(requestId: string, change: Pick<SessionRequest, 'players' | 'session'>): boolean;
  /** What game servers want of whoever asked for their sessions. Returns how to stop. */
  wishes(fn: (requestId: string, wish: SessionWish) => void): () => void;
  /**
   * How each session ended, once that is durable. What `fn` has not resolved for is told again at the next start of Atlas, so a result may come twice:
   * tell them apart by `requestId`. Returns how to stop.
   */
  results(fn: (result: SessionResult) => void | Promise<void>): () => void;
}

/** What a join token says; a JWT signed by the control plane (EdDSA), checked by edges and game servers. */
export interface JoinClaims {
  /** Player. */
  readonly sub: string;
  /** Id of the game server, of the match (a `requestId`), and the player's team; '' where there is none. */
  readonly srv: string;
  readonly mat: string;
  readonly team: string;
  /** Until when it may be shown, seconds since 1970. */
  readonly exp: number;
}

/** Makes join tokens and says by which keys they are checked. */
export interface JoinTokens {
  sign(claims: JoinClaims): string;
  /** Public keys (OKP, Ed25519), newest first, as a JSON Web Key Set has them. */
  keys(): readonly {
    readonly kty: 'OKP';
    readonly crv: 'Ed25519';
    readonly alg: 'EdDSA';
    readonly kid: string;
    readonly x: string;
  }[];
}
