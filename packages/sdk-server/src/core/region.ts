/** A region that this server owns, or did until it was put to sleep: its entities, its clock, its place in the world. */
import type { RegionPlace } from '@horizon-atlas/protocol';
import type { Crossings, Track } from '@horizon-atlas/world';
import { type Entity, IdSource } from './entities.ts';
import type { EntityGroup } from './groups.ts';
import type { RegionWorld } from './region-world.ts';
import type { Session } from './sessions.ts';

/**
 *   active ──sleep──▶ saving ──covered──▶ (gone)        saving does not tick: nothing may happen after the last checkpoint
 *      └─────drain──────▲
 */
export type RegionPhase = 'active' | 'saving';

/** What a checkpoint contains of the commands. */
export interface PendingCheckpoint {
  readonly tick: number;
  readonly cursors: readonly { readonly session: Session; readonly applied: number }[];
}

export class Region {
  readonly id: string;
  epoch: number;
  phase: RegionPhase = 'active';
  /** By the map; undefined until the map names the region. */
  place: RegionPlace | undefined = undefined;
  tick: number;
  /** Simulation time since the assignment, ms: what timers and locks run by. */
  simMs = 0;
  /** 1 is real time. */
  rate = 1;
  readonly entities = new Map<number, Entity>();
  readonly groups = new Map<number, EntityGroup>();
  readonly ids: IdSource;
  /** Set when the map is known. */
  crossings: Crossings<EntityGroup> | undefined = undefined;
  readonly tracks = new Map<EntityGroup, Track<EntityGroup>>();
  /** The game's face of the region; set once, right after construction. */
  world: RegionWorld | undefined = undefined;
  /** Groups with pending timers. */
  readonly timed = new Set<EntityGroup>();
  checkpointDueMs: number;
  readonly checkpoints: PendingCheckpoint[] = [];
  /** Set while saving: the tick of the last checkpoint. */
  lastTick = -1;
  sleepRequested = false;

  constructor(id: string, epoch: number, tick: number, nowMs: number) {
    this.id = id;
    this.epoch = epoch;
    this.tick = tick;
    this.ids = new IdSource(epoch);
    // Soon, so that a death right after the start costs little.
    this.checkpointDueMs = nowMs;
  }
}
