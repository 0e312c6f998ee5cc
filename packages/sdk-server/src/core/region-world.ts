/** The game's face of a region: everything that a hook may ask for or do. Types erased; the package's index gives them back. */
import { AtlasError, type Codec, limits } from '@horizon-atlas/protocol';
import { type Bounds, DEFAULT_BOUNDS } from '@horizon-atlas/world';
import type { ActAnswer, Acts } from './act.ts';
import { type Delivery, Outgoing } from './delivery.ts';
import { type Entity, isFiniteVec } from './entities.ts';
import type { LedgerCalls, Move, TransferOutcome } from './ledger-calls.ts';
import type { Life } from './life.ts';
import type { SpawnSpec, Vec3 } from './out.ts';
import type { Region } from './region.ts';
import type { ServerState } from './server-state.ts';
import type { Session } from './sessions.ts';
import type { Shadow, Shadows } from './shadows.ts';

export interface WorldParts {
  readonly state: ServerState;
  readonly life: Life;
  readonly delivery: Delivery;
  readonly acts: Acts;
  readonly shadows: Shadows;
  readonly ledger: LedgerCalls;
}

/** Who hears a broadcast: everybody in the region, who is near a place, or just these. */
export type Audience = { readonly near: Entity | Vec3; readonly radius: number } | Iterable<Entity>;

export class RegionWorld {
  readonly #region: Region;
  readonly #parts: WorldParts;

  constructor(region: Region, parts: WorldParts) {
    this.#region = region;
    this.#parts = parts;
  }

  /** The region's id. */
  get region(): string {
    return this.#region.id;
  }

  /** Its area: half-open, the upper faces belong to the neighbours. */
  get bounds(): Bounds {
    return this.#region.place ?? DEFAULT_BOUNDS;
  }

  /** Counts up by one each step, over restarts too. */
  get tick(): number {
    return this.#region.tick;
  }

  /** Simulation time against real time; 1 unless the region is overloaded. */
  get rate(): number {
    return this.#region.rate;
  }

  /** All entities that are simulated here. Those of a group that is just crossing are left out: they stand still. */
  *entities(): Iterable<Entity> {
    for (const entity of this.#region.entities.values()) if (!entity.group?.frozen) yield entity;
  }

  /** The players' entities. */
  *players(): Iterable<Entity> {
    for (const entity of this.entities()) if (entity.session) yield entity;
  }

  /** Copies of the neighbours' entities near the border. */
  *shadows(): Iterable<Shadow> {
    for (const shadow of this.#parts.shadows.all.values()) if (!this.#region.entities.has(shadow.id)) yield shadow;
  }

  get(id: number): Entity | undefined {
    const entity = this.#region.entities.get(id);
    return entity?.group?.frozen ? undefined : entity;
  }

  shadow(id: number): Shadow | undefined {
    return this.#region.entities.has(id) ? undefined : this.#parts.shadows.all.get(id);
  }

  /** Entities within `radius` units, itself left out. */
  *near(of: Entity | Vec3, radius: number): Iterable<Entity> {
    const at = 'position' in of ? of.position : of;
    const r2 = radius * radius;
    for (const entity of this.entities()) {
      if (entity === of) continue;
      const { x, y, z } = entity.position;
      if ((x - at.x) ** 2 + (y - at.y) ** 2 + (z - at.z) ** 2 <= r2) yield entity;
    }
  }

  /** An entity that nobody plays. @throws AtlasError POSITION_INVALID, REGION_FULL */
  spawn(spec: SpawnSpec): Entity {
    return this.#parts.life.spawn(this.#region, spec);
  }

  /** Takes an entity out of the world. A player's entity ends its session, and is kept for the next visit. */
  remove(entity: Entity): void {
    this.#parts.life.remove(entity);
  }

  /** Ends a player's session for good, with SESSION_KICKED. */
  kick(entity: Entity): void {
    if (entity.session) this.#parts.life.leave(entity.session, 'SESSION_KICKED');
  }

  /**
   * Sends one player a message: reliable, in order and once; with `latest`, a number of the game's choosing, replaced on its way by a newer
   * one with the same number. False: nobody plays the entity, or it is just crossing.
   * @throws AtlasError MESSAGE_INVALID, MESSAGE_TOO_BIG: an error in the game's own code.
   */
  send(entity: Entity, event: string, data: unknown, options?: { readonly latest?: number }): boolean {
    const { session } = entity;
    if (!session) return false;
    const outgoing = this.#outgoing(event, data);
    if (options?.latest === undefined) return this.#reliable(session, outgoing);
    this.#parts.delivery.latest(
      session,
      latestKey(outgoing, options.latest),
      outgoing.eventFor(session),
      outgoing.payloadFor(session),
    );
    return session.attached !== undefined;
  }

  /** The same for many; encoded once. With `latest` it goes as one frame to each gateway, which passes it on to all of them. */
  broadcast(event: string, data: unknown, options?: { readonly to?: Audience; readonly latest?: number }): void {
    const outgoing = this.#outgoing(event, data);
    const sessions = this.#audience(options?.to);
    if (options?.latest !== undefined) {
      this.#parts.delivery.fanOut(sessions, latestKey(outgoing, options.latest), outgoing);
      return;
    }
    for (const session of sessions) this.#reliable(session, outgoing);
  }

  /** Does something to an entity wherever it lives; the answer, if wanted, comes in a later tick. At most once. */
  act(entity: Entity | Shadow | number, action: string, data: unknown, answer?: (answer: ActAnswer) => void): void {
    this.#parts.acts.act(typeof entity === 'number' ? entity : entity.id, action, data, answer);
  }

  /** Asks that the entity's group does not cross a border for now. It may be put off once, for a limited time. */
  lock(entity: Entity, reason: string, ttlMs: number): void {
    const { group } = entity;
    if (group && Number.isFinite(ttlMs)) group.lock = { reason: reason.slice(0, 100), untilMs: this.#region.simMs + ttlMs };
  }

  unlock(entity: Entity): void {
    if (entity.group) entity.group.lock = undefined;
  }

  /**
   * Makes entities cross borders with `anchor`, whole or not at all. A player can be an anchor and not a member, since the control
   * plane knows each group by one player. False, and nothing has changed: a member is a player, leads others, or is just crossing,
   * or there would be too many.
   */
  group(anchor: Entity, members: Iterable<Entity>): boolean {
    const { group } = anchor;
    const { policy } = this.#parts.state;
    const joining = [...members].filter((each) => each.group !== group);
    if (!group || group.anchor !== anchor || group.frozen) return false;
    const free = joining.every((each) => !each.session && each.group && !each.group.frozen && each.group.members.length === 1);
    if (!free || group.members.length + joining.length > policy.groupMembersMax) return false;
    for (const entity of joining) this.#parts.life.join(group, entity);
    return true;
  }

  /** Makes an entity a group of its own again. An anchor cannot leave, nor can anybody while the group is crossing. */
  ungroup(entity: Entity): boolean {
    const { group } = entity;
    if (!group || group.frozen || group.anchor === entity || entity.session) return false;
    this.#parts.life.part(group, entity);
    return true;
  }

  /** Puts an entity and its group elsewhere, in another region too. False: not a place in the world. */
  teleport(entity: Entity, position: Vec3): boolean {
    const { group } = entity;
    const world = this.#parts.state.worldBounds;
    if (!group || group.frozen || !isFiniteVec(position)) return false;
    const { x, y, z } = position;
    if (world && (x < world.minX || x >= world.maxX || y < world.minY || y >= world.maxY || z < world.minZ || z >= world.maxZ))
      return false;
    const from = { ...entity.position };
    for (const each of group.members) {
      const p = each.position;
      each.position = { x: p.x + x - from.x, y: p.y + y - from.y, z: p.z + z - from.z };
    }
    return true;
  }

  /** Calls `timers[timer]` in `ms` of simulation time. Travels with the entity's group. False: too many timers, or crossing. */
  after(entity: Entity, ms: number, timer: string, data?: unknown): boolean {
    const { group } = entity;
    if (!group || group.frozen || !(ms >= 0) || group.timers.length >= this.#parts.state.policy.groupTimersMax) return false;
    group.timers.push({ dueMs: group.region.simMs + ms, entity: entity.id, name: timer, data });
    group.region.timed.add(group);
    return true;
  }

  /** Moves items or money between holders by the ledger: the same id takes effect once. Repeated until answered. */
  transfer(
    transfer: { readonly id: string; readonly moves: readonly Move[] },
    answer?: (outcome: TransferOutcome) => void,
  ): void {
    this.#parts.ledger.transfer(transfer.id, transfer.moves, answer);
  }

  /** What a holder has, by item. */
  balances(holder: string, answer: (items: ReadonlyMap<string, number>) => void): void {
    this.#parts.ledger.balances(holder, answer);
  }

  #outgoing(event: string, data: unknown): Outgoing {
    const { server } = this.#parts.state.game.schema;
    return new Outgoing(event, server.id(event), server.codec(event) as Codec<unknown>, data);
  }

  #reliable(session: Session, outgoing: Outgoing): boolean {
    const payload = outgoing.payloadFor(session);
    const most = Math.min(limits.serverMessageBytes, this.#parts.state.policy.unackedBytesMax);
    if (payload.length > most)
      throw new AtlasError('MESSAGE_TOO_BIG', `${outgoing.name} has ${payload.length} bytes; the limit is ${most}`);
    return this.#parts.delivery.message(session, outgoing.eventFor(session), payload);
  }

  *#audience(to: Audience | undefined): Iterable<Session> {
    if (to === undefined) {
      for (const { session } of this.players()) if (session) yield session;
    } else if ('near' in to) {
      const { near, radius } = to;
      if ('position' in near && near.session) yield near.session;
      for (const { session } of this.near(near, radius)) if (session) yield session;
    } else {
      for (const { session } of to) if (session) yield session;
    }
  }
}

/** Keys of different events do not meet; 0 is the view's. */
function latestKey(outgoing: Outgoing, key: number): number {
  return outgoing.event * 0x1_0000 + (key & 0xffff);
}
