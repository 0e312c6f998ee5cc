/**
 * Border shadows: what neighbours may see of our entities near their area, and what we see of theirs. Read-only, newest owner wins.
 *
 *   our entity within the radius of a neighbour's area ── changes, gone ──▶ its server keeps a Shadow
 *
 * Only changes are sent. Everything is sent again every few seconds, and what was not heard of for longer is forgotten, so a
 * lost message heals by itself.
 */
import { Reader } from '@horizon-atlas/base';
import type { Codec, GameSchema, MeshMessage, RegionPlace, Shadow as ShadowUpdate } from '@horizon-atlas/protocol';
import { distance } from '@horizon-atlas/world';
import { type Entity, publicState, sameBytes } from './entities.ts';
import type { Vec3 } from './out.ts';
import type { Region } from './region.ts';
import type { ServerState } from './server-state.ts';

/** Updates and departures in one message; the wire allows twice as many. */
const PER_MESSAGE = 8192;

/** A read-only copy of an entity that lives next door. Act on it with `world.act`. */
export class Shadow {
  readonly id: number;
  readonly group: number;
  epoch: number;
  /** Where it lives. */
  region: string;
  server: string;
  readonly position: Vec3 = { x: 0, y: 0, z: 0 };
  readonly velocity: Vec3 = { x: 0, y: 0, z: 0 };
  stateBytes: Uint8Array;
  heardMs = 0;
  readonly #schema: GameSchema;
  #decoded: unknown = undefined;
  #decodedFrom: Uint8Array | undefined = undefined;

  constructor(update: ShadowUpdate, region: string, server: string, schema: GameSchema) {
    this.id = update.entity;
    this.group = update.group;
    this.epoch = update.epoch;
    this.region = region;
    this.server = server;
    this.stateBytes = update.state;
    this.#schema = schema;
  }

  /** Its public state; undefined if the neighbour's schema is another one. */
  get entity(): unknown {
    if (this.#decodedFrom !== this.stateBytes) {
      const r = new Reader(this.stateBytes);
      const value = (this.#schema.entity as Codec<unknown>).read(r);
      this.#decoded = r.bad ? undefined : value;
      this.#decodedFrom = this.stateBytes;
    }
    return this.#decoded;
  }
}

interface Sent {
  epoch: number;
  tick: number;
  x: number;
  y: number;
  z: number;
  vx: number;
  vy: number;
  vz: number;
  state: Uint8Array;
}

/** One of our regions beside one region of a neighbour. */
interface Border {
  readonly place: RegionPlace;
  readonly sent: Map<number, Sent>;
  refreshDueMs: number;
}

type ShadowsMessage = Extract<MeshMessage, { kind: 'shadows' }>;

export class Shadows {
  readonly #state: ServerState;
  readonly #send: (server: string, message: MeshMessage) => void;
  /** By entity. */
  readonly all = new Map<number, Shadow>();
  readonly #borders = new Map<Region, Border[]>();
  readonly #epochs = new Map<string, number>();
  #sweepDueMs = 0;

  constructor(state: ServerState, send: (server: string, message: MeshMessage) => void) {
    this.#state = state;
    this.#send = send;
  }

  /** The map or our regions have changed. */
  remap(): void {
    const { regions, map, policy } = this.#state;
    const former = new Map(
      [...this.#borders.values()].flat().map((border) => [`${border.place.region}@${border.place.server}`, border]),
    );
    this.#borders.clear();
    if (!map) return;
    for (const { place } of map.regions)
      this.#epochs.set(place.region, Math.max(place.epoch, this.#epochs.get(place.region) ?? 0));
    for (const region of regions.values()) {
      const borders = map
        .neighbours(region.id, policy.shadowRadius)
        .filter(({ place }) => place.active && place.server !== '')
        .map(({ place }) => {
          const known = regions.size === 1 ? former.get(`${place.region}@${place.server}`) : undefined;
          return known ? { ...known, place } : { place, sent: new Map<number, Sent>(), refreshDueMs: 0 };
        });
      this.#borders.set(region, borders);
    }
  }

  /** Servers that we want a link to. */
  *wanted(): Iterable<RegionPlace> {
    for (const borders of this.#borders.values()) for (const { place } of borders) yield place;
  }

  /** Whoever has just connected has seen nothing yet. */
  peerUp(server: string): void {
    for (const borders of this.#borders.values()) {
      for (const border of borders) {
        if (border.place.server !== server) continue;
        border.sent.clear();
        border.refreshDueMs = 0;
      }
    }
  }

  /** Tells the neighbours of a region what has changed since they were last told. */
  tell(region: Region): void {
    const borders = this.#borders.get(region);
    if (!borders) return;
    for (const border of borders) {
      const { server } = border.place;
      if (server === this.#state.id || this.#state.peers.has(server)) this.#tellBorder(region, border);
    }
  }

  #tellBorder(region: Region, border: Border): void {
    const { policy, nowMs } = this.#state;
    const all = nowMs >= border.refreshDueMs;
    if (all) border.refreshDueMs = nowMs + policy.shadowRefreshMs;
    const updates: ShadowUpdate[] = [];
    let near = 0;
    for (const entity of region.entities.values()) {
      const { x, y, z } = entity.position;
      if (distance(border.place, x, y, z) > policy.shadowRadius) continue;
      near++;
      this.#consider(region, border, entity, all, updates);
    }
    const gone: number[] = [];
    if (border.sent.size > near) {
      for (const [id, sent] of border.sent) {
        if (sent.tick === region.tick) continue;
        border.sent.delete(id);
        gone.push(id);
      }
    }
    for (let at = 0; at < updates.length || at < gone.length; at += PER_MESSAGE) {
      this.#send(border.place.server, {
        kind: 'shadows',
        region: region.id,
        epoch: region.epoch,
        tick: region.tick,
        updates: updates.slice(at, at + PER_MESSAGE),
        gone: gone.slice(at, at + PER_MESSAGE),
      });
    }
  }

  #consider(region: Region, border: Border, entity: Entity, all: boolean, updates: ShadowUpdate[]): void {
    const group = entity.group;
    if (!group) return;
    const { x, y, z } = entity.position;
    const { x: vx, y: vy, z: vz } = entity.velocity;
    const state = publicState(entity, this.#state.game.schema, region.tick, (message) =>
      this.#state.event('state-invalid', { message }),
    );
    const { epoch } = group;
    const sent = border.sent.get(entity.id);
    if (!sent) {
      border.sent.set(entity.id, { epoch, tick: region.tick, x, y, z, vx, vy, vz, state });
    } else {
      sent.tick = region.tick;
      const moved = sent.x !== x || sent.y !== y || sent.z !== z || sent.vx !== vx || sent.vy !== vy || sent.vz !== vz;
      if (!all && !moved && sent.state === state && sent.epoch === epoch) return;
      sent.epoch = epoch;
      sent.x = x;
      sent.y = y;
      sent.z = z;
      sent.vx = vx;
      sent.vy = vy;
      sent.vz = vz;
      sent.state = state;
    }
    updates.push({ entity: entity.id, group: group.id, epoch, x, y, z, vx, vy, vz, state });
  }

  /** What a neighbour shows us. */
  hear(server: string, message: ShadowsMessage): void {
    const known = this.#epochs.get(message.region) ?? 0;
    if (message.epoch < known) {
      this.#state.fence('shadows', { server, region: message.region, epoch: message.epoch, known });
      return;
    }
    this.#epochs.set(message.region, message.epoch);
    for (const update of message.updates) this.#take(server, message.region, update);
    for (const id of message.gone) if (this.all.get(id)?.region === message.region) this.all.delete(id);
  }

  #take(server: string, region: string, update: ShadowUpdate): void {
    const own = this.#state.groups.get(update.group);
    // What we simulate ourselves needs no copy; an older owner's is wrong.
    if (own && server !== this.#state.id && own.epoch >= update.epoch) return;
    let shadow = this.all.get(update.entity);
    if (shadow && shadow.epoch > update.epoch) {
      this.#state.fence('shadow', { server, entity: update.entity, epoch: update.epoch });
      return;
    }
    if (!shadow) {
      shadow = new Shadow(update, region, server, this.#state.game.schema);
      this.all.set(update.entity, shadow);
    }
    shadow.epoch = update.epoch;
    shadow.region = region;
    shadow.server = server;
    shadow.heardMs = this.#state.nowMs;
    shadow.position.x = update.x;
    shadow.position.y = update.y;
    shadow.position.z = update.z;
    shadow.velocity.x = update.vx;
    shadow.velocity.y = update.vy;
    shadow.velocity.z = update.vz;
    if (!sameBytes(shadow.stateBytes, update.state)) shadow.stateBytes = update.state;
  }

  /** An entity that has just left us goes on being seen, as its new owner's, until that one shows it itself. */
  leave(entity: Entity, group: number, epoch: number, region: string, server: string): void {
    const { x, y, z } = entity.position;
    const { x: vx, y: vy, z: vz } = entity.velocity;
    this.#take(server, region, { entity: entity.id, group, epoch, x, y, z, vx, vy, vz, state: entity.stateBytes });
  }

  /** It is ours now. */
  drop(entity: number): void {
    this.all.delete(entity);
  }

  /** Forgets what nobody has spoken of for long; cheap to call each tick. */
  sweep(nowMs: number): void {
    if (nowMs < this.#sweepDueMs) return;
    this.#sweepDueMs = nowMs + 1000;
    const staleMs = this.#state.policy.shadowStaleMs;
    for (const [id, shadow] of this.all) if (nowMs - shadow.heardMs > staleMs) this.all.delete(id);
  }
}
