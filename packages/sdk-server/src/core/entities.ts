/** An entity: something with a place in the world, a state that others see, and a state that only the game sees. */
import { Writer } from '@horizon-atlas/base';
import { type GameSchema, limits } from '@horizon-atlas/protocol';
import type { EntityGroup } from './groups.ts';
import type { Vec3 } from './out.ts';
import type { Session } from './sessions.ts';

/** A shadow carries no more than this of public state. */
export const PUBLIC_STATE_BYTES = 4096;

const empty = new Uint8Array(0);

export class Entity {
  readonly id: number;
  /** The game may write into these, or put another object in their place. */
  position: Vec3;
  velocity: Vec3;
  /** Public state, of the schema's `entity`. Change it as you like: it is compared once a tick. */
  entity: unknown;
  /** The game's own. */
  data: unknown;

  /** Maintained by the engine; the game reads `player` and `world` instead. */
  group: EntityGroup | undefined = undefined;
  session: Session | undefined = undefined;
  /** The latest place that was valid. */
  readonly good: Vec3;
  /** The public state as bytes: another array whenever it has changed, so that identity tells. */
  stateBytes: Uint8Array = empty;
  stateTick = -1;

  constructor(id: number, position: Vec3, velocity: Vec3, entity: unknown, data: unknown) {
    this.id = id;
    this.position = position;
    this.velocity = velocity;
    this.entity = entity;
    this.data = data;
    this.good = { x: position.x, y: position.y, z: position.z };
  }

  /** The player's id, or undefined for everything that nobody plays. */
  get player(): string | undefined {
    return this.session?.player;
  }

  /** The player's name, or undefined. */
  get playerName(): string | undefined {
    return this.session?.name;
  }
}

const shared = new Writer(256);

/**
 * The public state as bytes, encoded at most once a tick. When the game's object does not fit its own schema the former bytes
 * stay and `wrong` is told: one bad entity must not stop the region.
 */
export function publicState(entity: Entity, schema: GameSchema, tick: number, wrong: (message: string) => void): Uint8Array {
  if (entity.stateTick === tick) return entity.stateBytes;
  entity.stateTick = tick;
  try {
    shared.reset();
    schema.entity.write(shared, entity.entity as never);
  } catch (error) {
    wrong(`the public state of entity ${entity.id} does not fit the schema: ${String(error)}`);
    return entity.stateBytes;
  }
  const bytes = shared.view();
  if (bytes.length > PUBLIC_STATE_BYTES) {
    wrong(`the public state of entity ${entity.id} has ${bytes.length} bytes; the limit is ${PUBLIC_STATE_BYTES}`);
    return entity.stateBytes;
  }
  if (!sameBytes(bytes, entity.stateBytes)) entity.stateBytes = bytes.slice();
  return entity.stateBytes;
}

/**
 * Ids that nobody else in the world gives: the region's epoch, which is used once, and a counter from 1. Zero is left to the
 * control plane, which numbers players by epochs of its own.
 */
export class IdSource {
  readonly #epoch: number;
  #counter = 0;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  /** undefined: the million ids of this epoch are used up. */
  next(): number | undefined {
    if (this.#counter >= limits.idsPerEpoch - 1 || this.#epoch >= 2 ** 33) return undefined;
    this.#counter++;
    return this.#epoch * limits.idsPerEpoch + this.#counter;
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function isFiniteVec(v: Vec3): boolean {
  return Number.isFinite(v.x) && Number.isFinite(v.y) && Number.isFinite(v.z);
}
