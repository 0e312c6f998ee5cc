/**
 * What players see, each tick: a `View` of everything in sight (latest wins), and an `EntityState` (reliable) for whatever has
 * come into sight or has changed. Every entity is encoded once a tick; a view is a copy of the blocks of those in it.
 */
import { Writer } from '@horizon-atlas/base';
import { type Codec, EntityState, events, formatHorizon, gameLink } from '@horizon-atlas/protocol';
import { DEFAULT_BOUNDS, PointGrid } from '@horizon-atlas/world';
import type { Delivery } from './delivery.ts';
import { type Entity, isFiniteVec, publicState } from './entities.ts';
import type { Vec3 } from './out.ts';
import type { Region } from './region.ts';
import type { ServerState } from './server-state.ts';
import type { Session } from './sessions.ts';
import type { Shadows } from './shadows.ts';

/** An entity or a shadow. */
interface Thing {
  readonly id: number;
  position: Vec3;
  velocity: Vec3;
  readonly stateBytes: Uint8Array;
  readonly entity: unknown;
}

/** A Sighting of views.ts: u53 and six f32. */
const BLOCK = 32;
/** latest frame: kind, handle, key, event. View: tick, epoch, count. */
const HEADER = 11 + 16;
/** Below so many things, looking at each is quicker than sorting them. */
const SCAN_MAX = 48;
const HIGH = 0x1_0000_0000;

const encoder = new TextEncoder();

export class Views {
  readonly #state: ServerState;
  readonly #delivery: Delivery;
  readonly #shadows: Shadows;
  readonly #things: Thing[] = [];
  #grid: PointGrid | undefined = undefined;
  /** Blocks of all things, then the frame that is being built. */
  #bytes = new Uint8Array(64 * BLOCK);
  #view = new DataView(this.#bytes.buffer);
  #near = new Int32Array(1024);
  readonly #writer = new Writer(256);

  constructor(state: ServerState, delivery: Delivery, shadows: Shadows) {
    this.#state = state;
    this.#delivery = delivery;
    this.#shadows = shadows;
  }

  /** Shows the region to the players in it. */
  show(region: Region, sessions: readonly Session[]): void {
    if (sessions.length === 0) return;
    this.#collect(region);
    for (const session of sessions) {
      const eye = region.entities.get(session.entity);
      if (!eye || !session.attached) continue;
      const count = this.#look(eye);
      this.#tellStates(region, session, count);
      if (session.format === 'atlas') this.#sendView(region, session, count);
      else if (region.tick % this.#state.policy.horizonViewEvery === 0) this.#sendHorizon(region, session, count);
    }
  }

  #collect(region: Region): void {
    const things = this.#things;
    things.length = 0;
    for (const entity of region.entities.values()) {
      const shadow = this.#shadows.all.get(entity.id);
      // A frozen group that already lives next door is seen there.
      if (shadow && entity.group?.frozen && shadow.epoch > entity.group.epoch) continue;
      publicState(entity, this.#state.game.schema, region.tick, (message) => this.#state.event('state-invalid', { message }));
      things.push(entity);
    }
    for (const shadow of this.#shadows.all.values()) {
      const own = region.entities.get(shadow.id);
      if (!own || (own.group?.frozen && shadow.epoch > own.group.epoch)) things.push(shadow);
    }
    this.#reserve(things.length);
    for (let i = 0; i < things.length; i++) this.#block(i, things[i] as Thing);
    this.#index();
  }

  /** Room for the blocks of `things` things and a frame with as many. */
  #reserve(things: number): void {
    const need = things * BLOCK + HEADER + Math.min(things, this.#state.policy.viewEntitiesMax) * BLOCK;
    if (this.#bytes.length >= need) return;
    this.#bytes = new Uint8Array(need * 2);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #block(i: number, { id, position: p, velocity: v }: Thing): void {
    const view = this.#view;
    const at = i * BLOCK;
    view.setUint32(at, id % HIGH, true);
    view.setUint32(at + 4, Math.floor(id / HIGH), true);
    view.setFloat32(at + 8, p.x, true);
    view.setFloat32(at + 12, p.y, true);
    view.setFloat32(at + 16, p.z, true);
    view.setFloat32(at + 20, v.x, true);
    view.setFloat32(at + 24, v.y, true);
    view.setFloat32(at + 28, v.z, true);
  }

  /** The grid's handles are kept equal to the things' places in the list, by adding and removing at the end only. */
  #index(): void {
    const things = this.#things;
    if (things.length <= SCAN_MAX) return;
    this.#grid ??= new PointGrid({ bounds: this.#state.worldBounds ?? DEFAULT_BOUNDS, cell: this.#state.policy.viewRadius / 2 });
    const grid = this.#grid;
    while (grid.size > things.length) grid.remove(grid.size - 1);
    for (let i = 0; i < things.length; i++) {
      const { x, y, z } = (things[i] as Thing).position;
      if (i < grid.size) grid.move(i, x, y, z);
      else grid.insert(x, y, z);
    }
    if (this.#near.length < things.length) this.#near = new Int32Array(things.length * 2);
  }

  /** Writes what is in sight into `#near`; how many. The eye is always among them. */
  #look(eye: Entity): number {
    const { x, y, z } = eye.position;
    const { viewRadius, viewEntitiesMax } = this.#state.policy;
    const things = this.#things;
    const near = this.#near;
    let count = 0;
    if (things.length > SCAN_MAX && this.#grid && isFiniteVec(eye.position)) {
      count = this.#grid.near(x, y, z, viewRadius, near);
    } else {
      const r2 = viewRadius * viewRadius;
      for (let i = 0; i < things.length; i++) {
        const p = (things[i] as Thing).position;
        if ((p.x - x) ** 2 + (p.y - y) ** 2 + (p.z - z) ** 2 <= r2) near[count++] = i;
      }
    }
    if (count <= viewEntitiesMax) return count;
    near.subarray(0, count).sort((a, b) => this.#distance2(a, eye) - this.#distance2(b, eye));
    return viewEntitiesMax;
  }

  #distance2(i: number, eye: Entity): number {
    const p = (this.#things[i] as Thing).position;
    const e = eye.position;
    return (p.x - e.x) ** 2 + (p.y - e.y) ** 2 + (p.z - e.z) ** 2;
  }

  #tellStates(region: Region, session: Session, count: number): void {
    // Numbered messages are part of the state that a frozen group has given away.
    if (session.group.frozen) return;
    const { seen } = session;
    for (let i = 0; i < count; i++) {
      const thing = this.#things[this.#near[i] as number] as Thing;
      const known = seen.get(thing.id);
      if (known?.state === thing.stateBytes) {
        known.tick = region.tick;
        continue;
      }
      this.#delivery.message(
        session,
        session.format === 'horizon' ? events.horizon : events.entity,
        this.#stateOf(thing, session),
      );
      if (!session.attached) return;
      if (known) {
        known.state = thing.stateBytes;
        known.tick = region.tick;
      } else seen.set(thing.id, { state: thing.stateBytes, tick: region.tick });
    }
    if (seen.size === count) return;
    for (const [id, known] of seen) if (known.tick !== region.tick) seen.delete(id);
  }

  #stateOf(thing: Thing, session: Session): Uint8Array {
    if (session.format === 'horizon') {
      const state = typeof thing.entity === 'object' ? thing.entity : {};
      return encoder.encode(formatHorizon('atlas/entity', { ...state, entity: thing.id }));
    }
    const w = this.#writer;
    w.reset();
    (EntityState as Codec<{ entity: number; state: Uint8Array }>).write(w, { entity: thing.id, state: thing.stateBytes });
    return w.copy();
  }

  #sendView(region: Region, session: Session, count: number): void {
    const to = session.attached;
    if (!to) return;
    const view = this.#view;
    const start = this.#things.length * BLOCK;
    view.setUint8(start, gameLink.latestDown);
    view.setUint32(start + 1, to.handle, true);
    view.setUint32(start + 5, 0, true);
    view.setUint16(start + 9, events.view, true);
    view.setUint32(start + 11, region.tick % HIGH, true);
    const { epoch } = session.group;
    view.setUint32(start + 15, epoch % HIGH, true);
    view.setUint32(start + 19, Math.floor(epoch / HIGH), true);
    view.setUint32(start + 23, count, true);
    let at = start + HEADER;
    for (let i = 0; i < count; i++) {
      const from = (this.#near[i] as number) * BLOCK;
      this.#bytes.copyWithin(at, from, from + BLOCK);
      at += BLOCK;
    }
    this.#state.out.toGateway(to.link, this.#bytes.subarray(start, at));
  }

  #sendHorizon(region: Region, session: Session, count: number): void {
    const entities: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const { id, position: p, velocity: v } = this.#things[this.#near[i] as number] as Thing;
      entities.push({ entity: id, x: p.x, y: p.y, z: p.z, vx: v.x, vy: v.y, vz: v.z });
    }
    const data = { tick: region.tick, epoch: session.group.epoch, entities };
    this.#delivery.latest(session, 0, events.horizon, encoder.encode(formatHorizon('atlas/view', data)));
  }
}
