/**
 * Everybody's place in the whole world, put together from what each region told last, and what has changed of it from scene to scene. An
 * engine: ten thousand movers are some milliseconds of typed arrays, and nothing is kept of each but its place in them.
 *
 * An entity that is just crossing is told of by both sides, and counts where it moves. A shadow has the negative number of the entity that it
 * shows, so that both can be in one scene; where several regions hold one, the first is shown.
 */
import { encodeScene, type Movers, moverFrozen, type Scene } from '@horizon-atlas/protocol';

const SHADOW = 2;

export class SceneBoard {
  /** By region, in the order of the world's list. */
  readonly #index: ReadonlyMap<string, number>;
  readonly #heard: (Movers | undefined)[];
  readonly #slots = new Map<number, number>();
  #columns = columns(1024);
  /** Slots in use lie below; those in `#free` are not in use. */
  #end = 0;
  readonly #free: number[] = [];
  #builds = 0;
  #atMs = 0;
  #full: Uint8Array<ArrayBuffer> | undefined;

  constructor(regions: readonly string[]) {
    this.#index = new Map(regions.map((id, i) => [id, i]));
    this.#heard = new Array(regions.length).fill(undefined);
  }

  heard(region: string, movers: Movers): void {
    const index = this.#index.get(region);
    if (index !== undefined) this.#heard[index] = movers;
  }

  /** Nobody is there any more. */
  forget(region: string): void {
    const index = this.#index.get(region);
    if (index !== undefined) this.#heard[index] = undefined;
  }

  get movers(): number {
    return this.#slots.size;
  }

  /** Takes in what was heard since the last time; what has changed by that, encoded. */
  build(atMs: number): Uint8Array<ArrayBuffer> {
    this.#builds++;
    this.#atMs = atMs;
    this.#full = undefined;
    for (const [region, movers] of this.#heard.entries()) if (movers) this.#take(region, movers);
    const changed: number[] = [];
    const gone: number[] = [];
    const c = this.#columns;
    for (let slot = 0; slot < this.#end; slot++) {
      if (c.key[slot] === 0) continue;
      if (c.seen[slot] !== this.#builds) {
        gone.push(c.key[slot] as number);
        this.#slots.delete(c.key[slot] as number);
        c.key[slot] = 0;
        this.#free.push(slot);
      } else if (this.#settle(slot)) changed.push(slot);
    }
    return encodeScene(this.#scene(changed, gone, false));
  }

  /** Everybody, as of the last `build`. */
  full(): Uint8Array<ArrayBuffer> {
    this.#full ??= encodeScene(this.#scene([...this.#slots.values()], [], true));
    return this.#full;
  }

  #take(region: number, { entity, x, y, kind }: Movers): void {
    for (let i = 0; i < entity.length; i++) {
      const [px, py, told, id] = [x[i] as number, y[i] as number, kind[i] as number, entity[i] as number];
      const kindOf = told & ~moverFrozen;
      if (!Number.isFinite(px + py + id) || id <= 0 || kindOf > SHADOW) continue;
      const key = kindOf === SHADOW ? -id : id;
      const slot = this.#slots.get(key) ?? this.#newSlot(key);
      const c = this.#columns;
      // Told twice in this round: the one that moves is right.
      if (c.seen[slot] === this.#builds && (kindOf === SHADOW || (told & moverFrozen) !== 0)) continue;
      c.seen[slot] = this.#builds;
      c.nextX[slot] = px;
      c.nextY[slot] = py;
      c.nextRegion[slot] = region;
      c.nextKind[slot] = kindOf;
    }
  }

  /** The next becomes the present. True: it is another. */
  #settle(slot: number): boolean {
    const c = this.#columns;
    const same =
      c.x[slot] === c.nextX[slot] &&
      c.y[slot] === c.nextY[slot] &&
      c.region[slot] === c.nextRegion[slot] &&
      c.kind[slot] === c.nextKind[slot];
    if (same) return false;
    c.x[slot] = c.nextX[slot] as number;
    c.y[slot] = c.nextY[slot] as number;
    c.region[slot] = c.nextRegion[slot] as number;
    c.kind[slot] = c.nextKind[slot] as number;
    return true;
  }

  #newSlot(key: number): number {
    const slot = this.#free.pop() ?? this.#end++;
    if (slot >= this.#columns.key.length) this.#columns = grown(this.#columns);
    this.#slots.set(key, slot);
    this.#columns.key[slot] = key;
    // Nowhere yet, so that it counts as changed.
    this.#columns.x[slot] = Number.NaN;
    return slot;
  }

  #scene(slots: readonly number[], gone: readonly number[], full: boolean): Scene {
    const c = this.#columns;
    const n = slots.length;
    const scene = {
      atMs: this.#atMs,
      full,
      entity: new Float64Array(n),
      x: new Float32Array(n),
      y: new Float32Array(n),
      region: new Uint16Array(n),
      kind: new Uint8Array(n),
      gone: Float64Array.from(gone),
    };
    for (let i = 0; i < n; i++) {
      const slot = slots[i] as number;
      scene.entity[i] = c.key[slot] as number;
      scene.x[i] = c.x[slot] as number;
      scene.y[i] = c.y[slot] as number;
      scene.region[i] = c.region[slot] as number;
      scene.kind[i] = c.kind[slot] as number;
    }
    return scene;
  }
}

interface Columns {
  /** 0: not in use. */
  readonly key: Float64Array;
  /** The build in which it was told of last. */
  readonly seen: Uint32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly region: Uint16Array;
  readonly kind: Uint8Array;
  readonly nextX: Float32Array;
  readonly nextY: Float32Array;
  readonly nextRegion: Uint16Array;
  readonly nextKind: Uint8Array;
}

function columns(n: number): Columns {
  return {
    key: new Float64Array(n),
    seen: new Uint32Array(n),
    x: new Float32Array(n),
    y: new Float32Array(n),
    region: new Uint16Array(n),
    kind: new Uint8Array(n),
    nextX: new Float32Array(n),
    nextY: new Float32Array(n),
    nextRegion: new Uint16Array(n),
    nextKind: new Uint8Array(n),
  };
}

function grown(from: Columns): Columns {
  const to = columns(from.key.length * 2);
  for (const name of Object.keys(to) as (keyof Columns)[]) to[name].set(from[name]);
  return to;
}
