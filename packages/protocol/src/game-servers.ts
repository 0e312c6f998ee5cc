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

/** What can be done with game servers by who speaks for them or shows them. Provided by fleet's service, put together in atlas. */
export interface GameServers {
  get(id: string): GameServerView | undefined;
  list(fleet?: string): readonly GameServerView[];
  /** Each change, once it has happened; `gone`: the view is the last one. Returns how to stop. */
  watch(fn: (view: GameServerView, gone: boolean) => void): () => void;
  /** False: there is no such server (any more), or it is refused in its state. */
  heard(id: string, word: GameServerWord): boolean;
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
  readonly waitMs: number;
  readonly leaseMs: number;
}

export type SessionAnswer =
  | { readonly ok: true; readonly server: string; readonly fleet: string; readonly ports: readonly GameServerPort[] }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly etaMs: number | undefined };

/** Gives servers to matches. Provided by fleet's service. */
export interface Sessions {
  request(request: SessionRequest): Promise<SessionAnswer>;
  /** The match is over, or does not take place. */
  release(requestId: string): void;
}
