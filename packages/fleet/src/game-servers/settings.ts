/** What the service of game servers is given: its host, and the fleets with the program that each runs. */
import type { Cancel, Clock, Entropy, Probe, Runner, ServerSpec, Store } from '@horizon-atlas/ports';
import type {
  GameServerCounter,
  GameServerList,
  GameServerPort,
  GameServerView,
  GameServerWord,
  PortProtocol,
} from '@horizon-atlas/protocol';
import type { GameServerPolicy } from '../core/game-servers/policy.ts';
import type { PortRange, PortWish } from '../core/game-servers/port-book.ts';
import type { RolloutTerms } from '../core/rollout/terms.ts';

export interface GameServersDeps {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly store: Store;
  /** Of game servers alone: whatever else runs in it is an orphan, and is ended. */
  readonly runner: Runner;
  readonly probe: Probe;
  /** Whether another program uses a port; absent: none does. */
  readonly isPortFree?: (host: string, port: number, protocol: PortProtocol) => Promise<boolean>;
  /**
   * Says to a game server by its link what it is to know. False: it has no link. A message may be lost with its link: at each hello all that still
   * stands is told again.
   */
  readonly tell?: (server: string, message: GameServerTold) => boolean;
}

/** What a game server is told by its link. */
export type GameServerTold =
  | { readonly kind: 'session'; readonly requestId: string; readonly players: readonly string[]; readonly session: string }
  /** Its session is over without its doing: nobody came, or who asked let go of it. */
  | { readonly kind: 'over'; readonly requestId: string; readonly end: string }
  /** Its word of the end has arrived, durably. */
  | { readonly kind: 'endedAck'; readonly requestId: string }
  | { readonly kind: 'state'; readonly view: GameServerView }
  | { readonly kind: 'stop'; readonly deadlineMs: number };

export interface GameServersSettings {
  readonly fleets: readonly FleetSettings[];
  /** For ports that no program has chosen itself. */
  readonly portRange: PortRange;
}

export interface FleetSettings {
  /** Ids of its servers begin with it. */
  readonly name: string;
  /** Of its program: servers of another one are replaced. */
  readonly version: string;
  readonly program: FleetProgram;
  /** The program as text that `revive` can read again: what a later Atlas goes back to. Absent: it goes back to nothing. */
  readonly revision?: string;
  readonly revive?: (revision: string) => FleetProgram | undefined;
  readonly rollout?: RolloutTerms;
  /** Where its servers may be; on one machine these are names. Servers go where the fewest are. */
  readonly sites: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly counters: Readonly<Record<string, GameServerCounter>>;
  readonly lists: Readonly<Record<string, GameServerList>>;
  readonly scaling: { readonly min: number; readonly max: number };
  /** More than one: further sessions go to servers that have room, before free ones are taken. */
  readonly sessionsPerServer: number;
  readonly policy: Partial<GameServerPolicy>;
}

/** What a game server is started with. */
export interface GameServerLaunch {
  readonly id: string;
  readonly fleet: string;
  readonly version: string;
  readonly site: string;
  readonly ports: readonly GameServerPort[];
  /** Others of its fleet are ready, and nobody waits for this one: it may start behind everything else. */
  readonly spare: boolean;
}

/** Of a program that chooses its ports itself, or has its own time to end. */
export interface Launched {
  readonly spec: ServerSpec;
  readonly ports?: readonly GameServerPort[];
  readonly stopGraceMs?: number;
}

/** How a fleet's servers are run and heard. */
export interface FleetProgram {
  readonly ports: readonly PortWish[];
  /** Where its servers listen. */
  readonly host: string;
  /** The spec's id is the launch's. A rejection is a failed start. Called again, with the same ports, for one that wakes. */
  launch(server: GameServerLaunch): ServerSpec | Launched | Promise<ServerSpec | Launched>;
  /** Its process exists, new or found again: whoever speaks for it begins. Returns how to stop. */
  attend?(server: GameServerLaunch & { readonly pid: number }, say: (word: GameServerWord) => void): Cancel;
}

/** The counter by which servers of several sessions are packed. */
export const sessionsCounter = 'sessions';

/** Labels that every game server has; Agones' name for the fleet's, so that its selectors go on working. */
export const labelNames = { fleet: 'agones.dev/fleet', site: 'atlas.dev/site', version: 'atlas.dev/version' } as const;
/** By which a server that speaks Agones' SDK reads its session. */
export const sessionAnnotation = 'atlas.dev/session';
