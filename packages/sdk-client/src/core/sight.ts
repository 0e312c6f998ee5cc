/**
 * What the player sees: entities by id, kept from views (places, latest-wins) and entity messages (states, reliable), with an event only
 * where something changed; and how long the own entity's picture stood still, which is what a border costs a player.
 */
import type { EntityState, View } from '@horizon-atlas/protocol';
import type { ClientPolicy } from './policy.ts';

/** One object per entity while it is in sight: hold on to it, its fields are brought up to date with each view. */
export interface Entity<E = Uint8Array> {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly vx: number;
  readonly vy: number;
  readonly vz: number;
  /** undefined until its state has arrived, which may be after it came into sight. */
  readonly state: E | undefined;
}

interface Seen<E> {
  id: number;
  x: number;
  y: number;
  z: number;
  vx: number;
  vy: number;
  vz: number;
  state: E | undefined;
  bytes: Uint8Array | undefined;
  round: number;
}

export interface SightOut<E> {
  entered(entity: Entity<E>): void;
  changed(entity: Entity<E>): void;
  left(entity: Entity<E>): void;
  /** The own entity's picture went from one region's server to another's; `gapMs` between the last view here and the first there. */
  crossed(crossing: Crossing): void;
}

export interface Crossing {
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
  readonly gapMs: number;
}

export interface GapStats {
  /** Views that held the own entity. */
  readonly views: number;
  /** The largest distance between two of them on one connection, in milliseconds. */
  readonly maxMs: number;
  readonly crossings: number;
  /** The largest distance around a crossing. */
  readonly crossingMaxMs: number;
  /** Views dropped because a newer owner had already been heard. */
  readonly stale: number;
}

export class Sight<E> {
  readonly entities = new Map<number, Entity<E>>();
  readonly #seen = this.entities as Map<number, Seen<E>>;
  readonly #unseen = new Map<number, Uint8Array>();
  readonly #out: SightOut<E>;
  readonly #decode: (state: Uint8Array) => E | undefined;
  readonly #unseenMax: number;
  #round = 0;
  #own = 0;
  #epoch = 0;
  #lastOwnMs = Number.NaN;
  #region = '';
  /** A change of region that was announced and whose first view has not come. */
  #announced: { from: string; to: string; epoch: number } | undefined;
  /** A change of epoch that was seen in a view before any announcement. */
  #cut: { epoch: number; gapMs: number } | undefined;
  #stats = { views: 0, maxMs: 0, crossings: 0, crossingMaxMs: 0, stale: 0 };

  constructor(out: SightOut<E>, decode: (state: Uint8Array) => E | undefined, policy: ClientPolicy) {
    this.#out = out;
    this.#decode = decode;
    this.#unseenMax = policy.unseenStatesMax;
  }

  get gaps(): GapStats {
    return this.#stats;
  }

  /** The region that the player is played on. */
  get region(): string {
    return this.#region;
  }

  /** Begins the statistics anew. */
  resetGaps(): void {
    this.#stats = { views: 0, maxMs: 0, crossings: 0, crossingMaxMs: 0, stale: 0 };
  }

  /** A connection begins. `fresh`: its session is a new one, so nothing that was seen still holds. */
  begin(own: number, region: string, fresh: boolean): void {
    this.#own = own;
    this.#region = region;
    this.#announced = undefined;
    this.#cut = undefined;
    this.#lastOwnMs = Number.NaN;
    if (!fresh) return;
    this.#epoch = 0;
    this.#unseen.clear();
    for (const entity of [...this.#seen.values()]) this.#leave(entity);
  }

  /** The gateway says where the player is played from now on. */
  moved(region: string, epoch: number): void {
    if (region === this.#region) return;
    const from = this.#region;
    this.#region = region;
    if (this.#cut !== undefined && this.#cut.epoch >= epoch) this.#cross({ from, to: region, epoch, gapMs: this.#cut.gapMs });
    else this.#announced = { from: this.#announced?.from ?? from, to: region, epoch };
    this.#cut = undefined;
  }

  /** False: the view is a former owner's, and was dropped. */
  view(view: View, nowMs: number): boolean {
    if (view.epoch < this.#epoch) {
      this.#stats.stale++;
      return false;
    }
    const round = ++this.#round;
    let ownSeen = false;
    let distinct = 0;
    for (const at of view.entities) {
      if (at.entity === this.#own) ownSeen = true;
      const known = this.#seen.get(at.entity);
      if (known === undefined) {
        this.#enter(at, round);
        distinct++;
        continue;
      }
      if (known.round !== round) distinct++;
      known.x = at.x;
      known.y = at.y;
      known.z = at.z;
      known.vx = at.vx;
      known.vy = at.vy;
      known.vz = at.vz;
      known.round = round;
    }
    if (this.#seen.size > distinct) {
      for (const entity of this.#seen.values()) if (entity.round !== round) this.#leave(entity);
    }
    if (ownSeen) this.#measure(view.epoch, nowMs);
    return true;
  }

  state(told: EntityState): void {
    const known = this.#seen.get(told.entity);
    if (known === undefined) {
      this.#unseen.delete(told.entity);
      this.#unseen.set(told.entity, told.state);
      if (this.#unseen.size > this.#unseenMax) this.#unseen.delete(this.#unseen.keys().next().value as number);
      return;
    }
    if (known.bytes !== undefined && equal(known.bytes, told.state)) return;
    known.bytes = told.state;
    known.state = this.#decode(told.state);
    this.#out.changed(known);
  }

  #enter(at: View['entities'][number], round: number): void {
    const bytes = this.#unseen.get(at.entity);
    if (bytes !== undefined) this.#unseen.delete(at.entity);
    const { x, y, z, vx, vy, vz } = at;
    const state = bytes === undefined ? undefined : this.#decode(bytes);
    const entity: Seen<E> = { id: at.entity, x, y, z, vx, vy, vz, state, bytes, round };
    this.#seen.set(at.entity, entity);
    this.#out.entered(entity);
  }

  #leave(entity: Seen<E>): void {
    this.#seen.delete(entity.id);
    this.#out.left(entity);
  }

  #measure(epoch: number, nowMs: number): void {
    const gapMs = nowMs - this.#lastOwnMs;
    this.#lastOwnMs = nowMs;
    this.#stats.views++;
    if (gapMs > this.#stats.maxMs) this.#stats.maxMs = gapMs;
    if (epoch === this.#epoch) return;
    const first = this.#epoch === 0;
    this.#epoch = epoch;
    // The first view of a connection has no predecessor to measure a gap against.
    if (first || Number.isNaN(gapMs)) return;
    const announced = this.#announced;
    this.#announced = undefined;
    if (announced !== undefined && epoch >= announced.epoch) this.#cross({ ...announced, gapMs });
    else this.#cut = { epoch, gapMs };
  }

  #cross(crossing: Crossing): void {
    this.#stats.crossings++;
    if (crossing.gapMs > this.#stats.crossingMaxMs) this.#stats.crossingMaxMs = crossing.gapMs;
    this.#out.crossed(crossing);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
