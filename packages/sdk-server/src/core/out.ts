/** What the engine wants done, and what it needs to know of the game. The shell and the simulator implement `ServerOut`. */
import type { GameSchema, MeshMessage, ServerToControl } from '@horizon-atlas/protocol';
import type { Entity } from './entities.ts';
import type { RegionWorld } from './region-world.ts';

/** A gateway's connection, as the shell numbers them; never used for another one. */
export type LinkId = number;

export interface ServerOut {
  /** Dropped while the control link is down: everything that matters is asked again. */
  toControl(message: ServerToControl): void;
  /** The frame is valid during the call only. */
  toGateway(link: LinkId, frame: Uint8Array): void;
  /** Wanted: a link to that server. Answered by `peerUp`; asked again while it is wanted. */
  dialPeer(server: string, address: string): void;
  /** Dropped while there is no link to that server. */
  toPeer(server: string, message: MeshMessage): void;
  /** The server has nothing left to do: its last checkpoint is durable, or waiting for that took too long. */
  drained?(): void;
  /** Nobody has spoken for `orphanMs`: the process should end. */
  orphaned?(): void;
  /** For logs and counters. */
  event?(name: string, fields: Readonly<Record<string, unknown>>): void;
  /** Milliseconds of a steady clock, to measure a tick's work; without it the work reads as zero. */
  workClock?(): number;
}

export interface Vec3 {
  x: number;
  y: number;
  z: number;
}

export interface PlayerInfo {
  readonly player: string;
  readonly name: string;
  readonly session: string;
  /** Where the control plane wants the player to appear, if it says so. */
  readonly at: Vec3 | undefined;
}

export interface SpawnSpec {
  position: Vec3;
  velocity?: Vec3;
  /** The public state, by the schema's `entity`. */
  entity: unknown;
  /** The game's own state; JSON unless the game has `snapshot` and `restore`. */
  data?: unknown;
}

export type Handler = (entity: Entity, data: unknown, world: RegionWorld) => void;
/** What it returns (JSON) is the answer; throwing a string-coded error answers with that code. */
export type ActionHandler = (entity: Entity, data: unknown, world: RegionWorld, origin: string) => unknown;

/** A game, types erased: `defineRegion` in the package's index is the typed form, where each hook is described. */
export interface GameHooks {
  readonly schema: GameSchema;
  spawn(player: PlayerInfo, world: RegionWorld): SpawnSpec;
  readonly commands?: Readonly<Record<string, Handler | undefined>>;
  readonly actions?: Readonly<Record<string, ActionHandler | undefined>>;
  readonly timers?: Readonly<Record<string, Handler | undefined>>;
  tick?(world: RegionWorld, dtS: number): void;
  onStart?(world: RegionWorld, saved: unknown): void;
  onJoin?(entity: Entity, world: RegionWorld): void;
  onLeave?(entity: Entity, world: RegionWorld): void;
  onHandoffOut?(anchor: Entity, world: RegionWorld): void;
  onHandoffIn?(anchor: Entity, world: RegionWorld): void;
  onDrain?(world: RegionWorld): void;
  /** An entity's private state as bytes; default JSON. Called for every checkpoint, and each tick while a crossing is near. */
  snapshot?(data: unknown): Uint8Array;
  /** The inverse of `snapshot`. */
  restore?(bytes: Uint8Array): unknown;
  /** From two snapshots, what changed; default: what lies between their common beginning and end. */
  delta?(before: Uint8Array, after: Uint8Array): Uint8Array;
  /** `patch(before, delta(before, after))` is `after`. */
  patch?(before: Uint8Array, delta: Uint8Array): Uint8Array;
  /** What the region itself has to remember, beside its entities; JSON. */
  saveWorld?(world: RegionWorld): unknown;
}
