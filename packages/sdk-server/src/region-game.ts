/**
 * How a game is written down: hooks and handlers, typed from its schema to its handlers' arguments.
 *
 *   defineRegion({ schema, spawn(player) { … }, commands: { 'movement/move'(ship, move, world) { … } }, tick(world, dtS) { … } })
 */
import type { DataOf, EventFields, Fields, FieldsOf, GameSchema } from '@horizon-atlas/protocol';
import type { Bounds } from '@horizon-atlas/world';
import type { ActAnswer } from './core/act.ts';
import type { Move, TransferOutcome } from './core/ledger-calls.ts';
import type { GameHooks, PlayerInfo, Vec3 } from './core/out.ts';

/** Something in the world. `E` is its public state, by the schema's `entity`; `D` what only the game sees. */
export interface GameEntity<E, D> {
  readonly id: number;
  /** Units; write into it or replace it. What is no place in the world is taken back, with an event POSITION_INVALID. */
  position: Vec3;
  /** Units a second: told to clients, and what crossings are foreseen by. The game moves its entities itself. */
  velocity: Vec3;
  /** Seen by others; change it as you like, it is compared once a tick. */
  entity: E;
  /** Crosses borders and survives restarts with the entity; JSON unless the game has `snapshot` and `restore`. */
  data: D;
  /** The player's id; undefined if nobody plays it. */
  readonly player: string | undefined;
  readonly playerName: string | undefined;
}

/** A copy of a neighbour's entity; read-only. */
export interface GameShadow<E> {
  readonly id: number;
  readonly region: string;
  readonly position: Readonly<Vec3>;
  readonly velocity: Readonly<Vec3>;
  /** undefined if the neighbour's schema is another one. */
  readonly entity: Readonly<E> | undefined;
}

export interface Spawn<E, D> {
  position: Vec3;
  velocity?: Vec3;
  entity: E;
  data?: D;
}

/** What hooks may ask for and do. Methods are described at `RegionWorld`. */
export interface World<S extends EventFields, E, D> {
  readonly region: string;
  readonly bounds: Bounds;
  readonly tick: number;
  readonly rate: number;
  entities(): Iterable<GameEntity<E, D>>;
  players(): Iterable<GameEntity<E, D>>;
  shadows(): Iterable<GameShadow<E>>;
  get(id: number): GameEntity<E, D> | undefined;
  shadow(id: number): GameShadow<E> | undefined;
  near(of: GameEntity<E, D> | Vec3, radius: number): Iterable<GameEntity<E, D>>;
  spawn(spec: Spawn<E, D>): GameEntity<E, D>;
  remove(entity: GameEntity<E, D>): void;
  kick(entity: GameEntity<E, D>): void;
  send<N extends keyof S & string>(
    entity: GameEntity<E, D>,
    event: N,
    data: DataOf<S, N>,
    options?: { readonly latest?: number },
  ): boolean;
  broadcast<N extends keyof S & string>(
    event: N,
    data: DataOf<S, N>,
    options?: {
      readonly to?: { readonly near: GameEntity<E, D> | Vec3; readonly radius: number } | Iterable<GameEntity<E, D>>;
      readonly latest?: number;
    },
  ): void;
  act(
    entity: GameEntity<E, D> | GameShadow<E> | number,
    action: string,
    data?: unknown,
    answer?: (answer: ActAnswer) => void,
  ): void;
  lock(entity: GameEntity<E, D>, reason: string, ttlMs: number): void;
  unlock(entity: GameEntity<E, D>): void;
  group(anchor: GameEntity<E, D>, members: Iterable<GameEntity<E, D>>): boolean;
  ungroup(entity: GameEntity<E, D>): boolean;
  teleport(entity: GameEntity<E, D>, position: Vec3): boolean;
  after(entity: GameEntity<E, D>, ms: number, timer: string, data?: unknown): boolean;
  transfer(transfer: { readonly id: string; readonly moves: readonly Move[] }, answer?: (outcome: TransferOutcome) => void): void;
  balances(holder: string, answer: (items: ReadonlyMap<string, number>) => void): void;
}

/**
 * A region's game. The same one runs in every region's server. Hooks are called one after the other, never within each other,
 * and must not wait; what they throw is reported and costs only that call.
 */
export interface RegionGame<C extends EventFields, S extends EventFields, F extends Fields, D> {
  readonly schema: GameSchema<C, S, F>;
  /** Steps a second, default 30. */
  readonly tickHz?: number;
  /** A player is new to the world: where, and as what. Declare it first: its `data` types all other hooks. */
  spawn(player: PlayerInfo, world: World<S, FieldsOf<F>, any>): Spawn<FieldsOf<F>, D>;
  /** What players ask for, by the schema's `client` events. In each player's order, each once. */
  readonly commands?: {
    readonly [N in keyof C & string]?: (
      entity: GameEntity<FieldsOf<F>, D>,
      data: DataOf<C, N>,
      world: World<S, FieldsOf<F>, D>,
    ) => void;
  };
  /** What entities do to each other by `world.act`, over borders too. The result (JSON) is the answer; throw AtlasError to refuse. */
  readonly actions?: Readonly<
    Record<string, (entity: GameEntity<FieldsOf<F>, D>, data: any, world: World<S, FieldsOf<F>, D>, origin: string) => unknown>
  >;
  /** What `world.after` calls. */
  readonly timers?: Readonly<
    Record<string, (entity: GameEntity<FieldsOf<F>, D>, data: any, world: World<S, FieldsOf<F>, D>) => void>
  >;
  /** One step of `dtS` seconds. */
  tick?(world: World<S, FieldsOf<F>, D>, dtS: number): void;
  /** The region is ours and its groups are in it. `saved` is what `saveWorld` gave last, undefined for a region that is new. */
  onStart?(world: World<S, FieldsOf<F>, D>, saved: any): void;
  /** A player has come into the world here. */
  onJoin?(entity: GameEntity<FieldsOf<F>, D>, world: World<S, FieldsOf<F>, D>): void;
  /** Its session is over; the entity is written down for the next visit and then goes. */
  onLeave?(entity: GameEntity<FieldsOf<F>, D>, world: World<S, FieldsOf<F>, D>): void;
  /** A group is about to be handed over: the last moment to change it here. It may come back by `onHandoffIn`. */
  onHandoffOut?(anchor: GameEntity<FieldsOf<F>, D>, world: World<S, FieldsOf<F>, D>): void;
  onHandoffIn?(anchor: GameEntity<FieldsOf<F>, D>, world: World<S, FieldsOf<F>, D>): void;
  /** The server stops soon: the last moment before the last checkpoint. */
  onDrain?(world: World<S, FieldsOf<F>, D>): void;
  /** What the region itself remembers, JSON. */
  saveWorld?(world: World<S, FieldsOf<F>, D>): unknown;
  /** An entity's `data` as bytes and back; default JSON. */
  snapshot?(data: D): Uint8Array;
  restore?(bytes: Uint8Array): D;
  /** From two snapshots what changed, and back; default: what lies between their common beginning and end. */
  delta?(before: Uint8Array, after: Uint8Array): Uint8Array;
  patch?(before: Uint8Array, delta: Uint8Array): Uint8Array;
}

/** A game with its types taken off, as engines take it. */
export interface Game extends GameHooks {
  readonly tickHz: number | undefined;
}

/** A game that remembers its types, so that a test of it has them, too. */
export interface TypedGame<C extends EventFields, S extends EventFields, F extends Fields, D> extends Game {
  readonly types?: { readonly schema: GameSchema<C, S, F>; readonly data: D };
}

/** Checks nothing at run time; exists for the types. */
export function defineRegion<C extends EventFields, S extends EventFields, F extends Fields, D>(
  game: RegionGame<C, S, F, D>,
): TypedGame<C, S, F, D> {
  return game as unknown as Game;
}
