/**
 * Everybody who is on the map, in columns: the last three places of each and when they were there. Scenes come a few times a second; drawing asks for
 * the places at a moment in between, sixty times a second, and makes no object for it.
 */
import type { Scene } from '@horizon-atlas/protocol';

const shadowKind = 2;

export class Crowd {
  /** Slots in use are 0 … count − 1; those with `alive` 0 are free. */
  count = 0;
  capacity = 0;
  entity = new Float64Array(0);
  region = new Uint16Array(0);
  kind = new Uint8Array(0);
  alive = new Uint8Array(0);
  /** Places at the moment asked for last. */
  x = new Float32Array(0);
  y = new Float32Array(0);
  /** Of the newest scene; 0 before the first. */
  latestMs = 0;
  movers = 0;

  // Oldest first: a, b, c.
  #ax = new Float32Array(0);
  #ay = new Float32Array(0);
  #bx = new Float32Array(0);
  #by = new Float32Array(0);
  #cx = new Float32Array(0);
  #cy = new Float32Array(0);
  #at = new Float64Array(0);
  #bt = new Float64Array(0);
  #ct = new Float64Array(0);
  #seen = new Uint32Array(0);
  #round = 0;
  /** A shadow has the negative number of its original, so both are here. */
  readonly #slots = new Map<number, number>();
  #free: number[] = [];

  apply(scene: Scene): void {
    const before = this.latestMs;
    this.#round++;
    const { entity, x, y, region, kind } = scene;
    for (let i = 0; i < entity.length; i++) {
      let slot = this.#slots.get(entity[i] as number);
      if (slot === undefined) {
        slot = this.#take();
        this.#slots.set(entity[i] as number, slot);
        this.#place(slot, scene, i);
      } else this.#move(slot, x[i] as number, y[i] as number, scene.atMs, before);
      this.region[slot] = region[i] as number;
      this.kind[slot] = kind[i] as number;
      this.#seen[slot] = this.#round;
    }
    if (scene.full) this.#dropUnseen();
    for (let i = 0; i < scene.gone.length; i++) this.#drop(scene.gone[i] as number);
    this.latestMs = scene.atMs;
  }

  /** Forgets everybody: before a jump in time. */
  clear(): void {
    this.#slots.clear();
    this.#free = [];
    this.alive.fill(0);
    this.count = 0;
    this.movers = 0;
    this.latestMs = 0;
  }

  /** The slot of a mover; −1 if it is not here. */
  slotOf(entity: number): number {
    return this.#slots.get(entity) ?? -1;
  }

  /** Writes where everybody is at a moment into `x` and `y`. Before the first and after the last known place one stands still. */
  sample(atMs: number): void {
    for (let i = 0; i < this.count; i++) {
      if (this.alive[i] === 0) continue;
      const bt = this.#bt[i] as number;
      if (atMs >= bt) {
        const part = partOf(atMs, bt, this.#ct[i] as number);
        this.x[i] = (this.#bx[i] as number) + ((this.#cx[i] as number) - (this.#bx[i] as number)) * part;
        this.y[i] = (this.#by[i] as number) + ((this.#cy[i] as number) - (this.#by[i] as number)) * part;
      } else {
        const part = partOf(atMs, this.#at[i] as number, bt);
        this.x[i] = (this.#ax[i] as number) + ((this.#bx[i] as number) - (this.#ax[i] as number)) * part;
        this.y[i] = (this.#ay[i] as number) + ((this.#by[i] as number) - (this.#ay[i] as number)) * part;
      }
    }
  }

  /** Where a mover was two scenes ago: the end of the tail that it draws. */
  tailX(slot: number): number {
    return this.#ax[slot] as number;
  }

  tailY(slot: number): number {
    return this.#ay[slot] as number;
  }

  /** The mover that is no shadow nearest to a world point, within a distance; −1: none. */
  nearest(x: number, y: number, within: number): number {
    let [best, least] = [-1, within * within];
    for (let i = 0; i < this.count; i++) {
      if (this.alive[i] === 0 || this.kind[i] === shadowKind) continue;
      const [dx, dy] = [(this.x[i] as number) - x, (this.y[i] as number) - y];
      // Players before what else is at the same place.
      const apart = dx * dx + dy * dy + (this.kind[i] === 0 ? 0 : least / 2);
      if (apart < least) [best, least] = [i, apart];
    }
    return best;
  }

  #place(slot: number, scene: Scene, i: number): void {
    const [x, y] = [scene.x[i] as number, scene.y[i] as number];
    this.#ax[slot] = this.#bx[slot] = this.#cx[slot] = x;
    this.#ay[slot] = this.#by[slot] = this.#cy[slot] = y;
    this.#at[slot] = this.#bt[slot] = this.#ct[slot] = scene.atMs;
    this.entity[slot] = scene.entity[i] as number;
    this.x[slot] = x;
    this.y[slot] = y;
  }

  #move(slot: number, x: number, y: number, atMs: number, beforeMs: number): void {
    this.#ax[slot] = this.#bx[slot] as number;
    this.#ay[slot] = this.#by[slot] as number;
    this.#at[slot] = this.#bt[slot] as number;
    this.#bx[slot] = this.#cx[slot] as number;
    this.#by[slot] = this.#cy[slot] as number;
    // Whoever was in no scene in between stood still until the last one, and did not creep all the while.
    this.#bt[slot] = Math.max(this.#ct[slot] as number, Math.min(beforeMs, atMs));
    this.#cx[slot] = x;
    this.#cy[slot] = y;
    this.#ct[slot] = atMs;
  }

  #dropUnseen(): void {
    for (const [entity, slot] of this.#slots) if (this.#seen[slot] !== this.#round) this.#drop(entity);
  }

  #drop(entity: number): void {
    const slot = this.#slots.get(entity);
    if (slot === undefined) return;
    this.#slots.delete(entity);
    this.#release(slot);
  }

  #take(): number {
    this.movers++;
    const freed = this.#free.pop();
    const slot = freed ?? this.count++;
    if (slot >= this.capacity) this.#grow(Math.max(1024, this.capacity * 2));
    this.alive[slot] = 1;
    return slot;
  }

  #release(slot: number): void {
    this.alive[slot] = 0;
    this.#free.push(slot);
    this.movers--;
  }

  #grow(capacity: number): void {
    const float = (old: Float32Array): Float32Array<ArrayBuffer> => {
      const grown = new Float32Array(capacity);
      grown.set(old);
      return grown;
    };
    const double = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(capacity);
      grown.set(old);
      return grown;
    };
    const byte = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(capacity);
      grown.set(old);
      return grown;
    };
    [this.x, this.y] = [float(this.x), float(this.y)];
    [this.#ax, this.#ay, this.#bx, this.#by] = [float(this.#ax), float(this.#ay), float(this.#bx), float(this.#by)];
    [this.#cx, this.#cy] = [float(this.#cx), float(this.#cy)];
    [this.#at, this.#bt, this.#ct] = [double(this.#at), double(this.#bt), double(this.#ct)];
    this.entity = double(this.entity);
    [this.kind, this.alive] = [byte(this.kind), byte(this.alive)];
    const [region, seen] = [new Uint16Array(capacity), new Uint32Array(capacity)];
    region.set(this.region);
    seen.set(this.#seen);
    this.region = region;
    this.#seen = seen;
    this.capacity = capacity;
  }
}

function partOf(atMs: number, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 1;
  return Math.min(Math.max((atMs - fromMs) / (toMs - fromMs), 0), 1);
}
