/** Groups: what crosses a border whole or not at all. Every entity is in exactly one; most are alone in theirs. */
import { assert } from '@horizon-atlas/base';
import type { HeldAct } from './act.ts';
import type { Entity } from './entities.ts';
import type { Region } from './region.ts';
import type { Session } from './sessions.ts';

/** Versions of one epoch; see `nextVersion`. */
const VERSIONS_PER_EPOCH = 2 ** 20;

export interface GroupTimer {
  /** Simulation time of the region, ms. */
  dueMs: number;
  readonly entity: number;
  readonly name: string;
  readonly data: unknown;
}

export interface GroupLock {
  readonly reason: string;
  /** Simulation time of the region, ms. */
  readonly untilMs: number;
}

/** What a frozen group is, and was told to the control plane. */
export interface Frozen {
  readonly target: string;
  readonly version: number;
  readonly state: Uint8Array;
  /** Simulation time of the region at the freeze: timers and locks stand still from here on. */
  readonly simMs: number;
  /** Actions that came meanwhile: they go to whoever owns the group in the end. */
  readonly acts: HeldAct[];
}

export class EntityGroup {
  /** The anchor's id. */
  readonly id: number;
  region: Region;
  /** The group's own epoch, as it was told; see `epoch`. */
  ownEpoch: number;
  /** There is an authority record. */
  claimed: boolean;
  /** The anchor first. */
  readonly members: Entity[] = [];
  readonly sessions: Session[] = [];
  readonly timers: GroupTimer[] = [];
  lock: GroupLock | undefined = undefined;
  frozen: Frozen | undefined = undefined;
  /** The latest version that was made for a target, while there is one. */
  written: { readonly tick: number; readonly epoch: number; readonly version: number; readonly state: Uint8Array } | undefined =
    undefined;
  /** Sessions that end in the next tick in which the group is not frozen. */
  readonly leaving: { readonly session: Session; readonly code: string }[] = [];
  #versionEpoch = 0;
  #versions = 0;

  constructor(id: number, region: Region, ownEpoch: number, claimed: boolean) {
    this.id = id;
    this.region = region;
    this.ownEpoch = ownEpoch;
    this.claimed = claimed;
  }

  get anchor(): Entity {
    const anchor = this.members[0];
    assert(anchor !== undefined, `group ${this.id} has no anchor`);
    return anchor;
  }

  /** The effective epoch: recovery of the region outdates everything said about its groups before. */
  get epoch(): number {
    return Math.max(this.ownEpoch, this.region.epoch);
  }

  /**
   * The next version of its state. A version contains its epoch, which has one owner, so the same number never stands for two
   * states, whatever was lost or restored. undefined: the million versions of the epoch are used up.
   */
  nextVersion(): number | undefined {
    if (this.#versionEpoch !== this.epoch) {
      this.#versionEpoch = this.epoch;
      this.#versions = 0;
    }
    // The last one is kept for the freeze.
    if (this.#versions >= VERSIONS_PER_EPOCH - 2) return undefined;
    this.#versions++;
    return this.epoch * VERSIONS_PER_EPOCH + this.#versions;
  }

  /** The version of a freeze, which is always to be had. */
  finalVersion(): number {
    return this.nextVersion() ?? this.epoch * VERSIONS_PER_EPOCH + VERSIONS_PER_EPOCH - 1;
  }

  get mainSession(): Session | undefined {
    return this.sessions[0];
  }
}
