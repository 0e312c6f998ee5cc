/**
 * What a player sees: a `view` frame each tick (latest-wins, complete in itself: an entity that is not in it is out of sight),
 * and an `entity` message (reliable) when an entity comes into sight or its state changes.
 */
import { bytes, f32, type Infer, list, struct, u32, u53 } from './schema.ts';

export const Sighting = struct({ entity: u53, x: f32, y: f32, z: f32, vx: f32, vy: f32, vz: f32 });
export type Sighting = Infer<typeof Sighting>;

/** Sent as `latest` with key 0 and event `events.view`. */
export const View = struct({ tick: u32, epoch: u53, entities: list(Sighting, 8192) });
export type View = Infer<typeof View>;

/** Sent as a reliable message with event `events.entity`; `state` is encoded by the game schema's `entity`. */
export const EntityState = struct({ entity: u53, state: bytes(65_536) });
export type EntityState = Infer<typeof EntityState>;
