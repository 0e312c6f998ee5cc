/**
 * How groups come into a region and leave it: admitted with a player, spawned by the game, installed from a state, ended.
 *
 * A player who has left is kept until the control plane has it on record: `ended` is repeated until it is answered, and a player
 * who comes back before that goes on from where it ended.
 */
import { AtlasError, type ControlToServer, type Group, type ServerToControl } from '@horizon-atlas/protocol';
import type { Delivery } from './delivery.ts';
import { Entity, isFiniteVec } from './entities.ts';
import { decodeGroup, encodeGroup, type GroupCargo } from './group-state.ts';
import { EntityGroup } from './groups.ts';
import type { SpawnSpec, Vec3 } from './out.ts';
import type { Region } from './region.ts';
import type { ServerState } from './server-state.ts';
import { Session } from './sessions.ts';

type Admit = Extract<ControlToServer, { kind: 'admit' }>;
type Ended = Extract<ServerToControl, { kind: 'ended' }>;

interface Ending {
  message: Ended;
  /** The group as it was with its session, for checkpoints until the end is on record. */
  readonly last: Group | undefined;
  /** When to say it again, or, answered, when to forget it. */
  dueMs: number;
}

/** What has ended and is on record is remembered for so long, ms: a login that crossed with it on the way is over by then. */
const OVER_MS = 30_000;

export class Life {
  readonly #state: ServerState;
  readonly #delivery: Delivery;
  /** Told and not yet answered, by group and session. */
  readonly #endings = new Map<string, Ending>();
  /** Answered not long ago. A second login may still ask for the group: see `#revive`. */
  readonly #over = new Map<string, Ending>();
  #sweepDueMs = 0;
  readonly #leaving = new Set<EntityGroup>();
  /** A session is here now, or has a new epoch: attaches may be waiting for it. */
  onSession: (session: Session) => void = () => {};
  /** A group is gone from its region, for whatever reason. */
  onGone: (group: EntityGroup) => void = () => {};

  constructor(state: ServerState, delivery: Delivery) {
    this.#state = state;
    this.#delivery = delivery;
  }

  admit(message: Admit): void {
    const { group: wanted } = message;
    const answer = (ok: boolean, code: string, epoch = wanted.epoch): void =>
      this.#state.out.toControl({ kind: 'admitted', group: wanted.group, epoch, session: wanted.session, ok, code });
    const region = this.#state.regions.get(message.region);
    if (region?.phase !== 'active') {
      answer(false, 'NO_REGION');
      return;
    }
    const known = this.#state.groups.get(wanted.group);
    if (known) {
      // Until it is thawed or gone nobody can say whose it will be; the question will come again.
      if (known.frozen) return;
      if (known.ownEpoch > wanted.epoch) {
        this.#state.fence('admit', { group: wanted.group, epoch: wanted.epoch });
        answer(false, 'EPOCH_STALE', known.epoch);
        return;
      }
      if (known.region !== region) {
        answer(false, 'NOT_OWNER');
        return;
      }
      this.#takeOver(known, wanted);
      answer(true, '');
      return;
    }
    // Asked before it heard that this very session is over; or asked long ago.
    if (this.isOver(wanted.group, wanted.session, wanted.epoch)) return;
    if (this.#over.has(`${wanted.group}/${wanted.session}`)) {
      this.#state.fence('admit', { group: wanted.group, session: wanted.session });
      return;
    }
    if (this.#state.departedAt(wanted.group) > wanted.epoch) {
      this.#state.fence('admit', { group: wanted.group, epoch: wanted.epoch });
      answer(false, 'EPOCH_STALE', this.#state.departedAt(wanted.group));
      return;
    }
    if (region.entities.size >= this.#state.policy.entitiesMax) {
      answer(false, 'REGION_FULL');
      return;
    }
    const at = message.x === undefined ? undefined : { x: message.x, y: message.y ?? 0, z: message.z ?? 0 };
    const group = this.install(region, wanted, 'admit', at);
    answer(group !== undefined, group ? '' : 'INTERNAL');
  }

  /**
   * Brings a group into the region, from its state or, where that is empty, by the game's `spawn`. Reason `admit`: a player comes
   * from outside of the world, so the sessions of the state are over. undefined: it could not be read; nothing has changed.
   */
  install(region: Region, record: Group, reason: 'admit' | 'assign' | 'activate', at?: Vec3): EntityGroup | undefined {
    // What ended here is newer than any state that the control plane has of the same group.
    const told = { ...record, state: this.#revive(record.group) ?? record.state };
    const group = new EntityGroup(told.group, region, told.epoch, told.claimed);
    const cargo = told.state.length > 0 ? decodeGroup(told.state, this.#state.game) : this.#spawnPlayer(region, told, at);
    if (!cargo) {
      this.#state.event('state-invalid', { group: told.group, region: region.id, bytes: told.state.length });
      return undefined;
    }
    this.#load(group, cargo, told, reason);
    this.#place(group);
    const world = region.world;
    for (const session of group.sessions) {
      this.#state.sessions.set(session.id, session);
      const entity = group.members.find((each) => each.session === session);
      if (entity && world && reason === 'admit') this.#state.guard('onJoin', () => this.#state.game.onJoin?.(entity, world));
    }
    for (const session of group.sessions) this.onSession(session);
    return group;
  }

  #load(group: EntityGroup, cargo: GroupCargo, told: Group, reason: string): void {
    const { policy, nowMs } = this.#state;
    for (const [i, each] of cargo.entities.entries()) {
      // The anchor is the group, also when a player comes back as another group than it left.
      const entity = new Entity(i === 0 ? told.group : each.id, each.position, each.velocity, each.entity, each.data);
      entity.group = group;
      group.members.push(entity);
    }
    const renamed = (id: number): number => (id === cargo.entities[0]?.id ? told.group : id);
    // Whoever is not the session that the record names was replaced by it.
    const keep =
      reason !== 'admit' && (told.session === '' || cargo.sessions.some(({ cursor }) => cursor.session === told.session));
    for (const { cursor, messages } of keep ? cargo.sessions : []) {
      const session = new Session({ ...cursor, entity: renamed(cursor.entity) }, group, policy, nowMs);
      session.load(cursor, messages);
      this.#seat(group, session);
    }
    if (!keep && told.session !== '') this.#freshSession(group, told);
    for (const { dueInMs, entity, name, data } of cargo.timers) {
      group.timers.push({ dueMs: group.region.simMs + dueInMs, entity: renamed(entity), name, data });
    }
  }

  #freshSession(group: EntityGroup, told: Group): Session {
    const { session, player, name } = told;
    const fresh = new Session({ session, player, name, entity: group.id }, group, this.#state.policy, this.#state.nowMs);
    this.#seat(group, fresh);
    return fresh;
  }

  #seat(group: EntityGroup, session: Session): void {
    const entity = group.members.find((each) => each.id === session.entity) ?? group.anchor;
    entity.session = session;
    group.sessions.push(session);
  }

  #place(group: EntityGroup): void {
    const { region } = group;
    this.#state.groups.set(group.id, group);
    region.groups.set(group.id, group);
    for (const entity of group.members) region.entities.set(entity.id, entity);
    if (group.timers.length > 0) region.timed.add(group);
    this.track(group);
  }

  /** Crossing detection begins with the map, which may come after the group. */
  track(group: EntityGroup): void {
    const { region } = group;
    if (!region.crossings || region.tracks.has(group)) return;
    const { x, y, z } = group.anchor.position;
    region.tracks.set(group, region.crossings.track(group, region.id, x, y, z, this.#state.nowMs));
  }

  #spawnPlayer(region: Region, told: Group, at: Vec3 | undefined): GroupCargo | undefined {
    const { world } = region;
    if (!world) return undefined;
    const info = { player: told.player, name: told.name, session: told.session, at };
    const spec = this.#state.guard('spawn', () => this.#state.game.spawn(info, world));
    if (!spec || !isFiniteVec(spec.position)) return undefined;
    const { position, velocity = { x: 0, y: 0, z: 0 }, entity, data } = spec;
    return { entities: [{ id: told.group, position, velocity, entity, data }], sessions: [], timers: [] };
  }

  /** A second login of the same player: the entity stays, the former session is over. */
  #takeOver(group: EntityGroup, told: Group): void {
    group.ownEpoch = told.epoch;
    group.claimed = told.claimed;
    const former = group.mainSession;
    if (former?.id !== told.session) {
      if (former) {
        this.#delivery.kick(former, 'SESSION_REPLACED', '');
        this.#unseat(former);
      }
      this.#state.sessions.set(told.session, this.#freshSession(group, told));
    }
    const session = this.#state.sessions.get(told.session);
    if (session) this.onSession(session);
  }

  /** @throws AtlasError POSITION_INVALID, REGION_FULL: an error in the game's own code, or its limit. */
  spawn(region: Region, spec: SpawnSpec): Entity {
    if (!isFiniteVec(spec.position)) throw new AtlasError('POSITION_INVALID');
    const id = region.entities.size < this.#state.policy.entitiesMax ? region.ids.next() : undefined;
    if (id === undefined) throw new AtlasError('REGION_FULL', `region ${region.id} holds as many entities as it may`);
    const entity = new Entity(id, { ...spec.position }, { ...(spec.velocity ?? { x: 0, y: 0, z: 0 }) }, spec.entity, spec.data);
    this.alone(region, entity);
    return entity;
  }

  /** Makes an entity a group of its own. */
  alone(region: Region, entity: Entity): void {
    const group = new EntityGroup(entity.id, region, region.epoch, false);
    entity.group = group;
    group.members.push(entity);
    this.#place(group);
  }

  /** The game takes an entity out of the world. A player's ends its session. */
  remove(entity: Entity): void {
    const { group, session } = entity;
    if (!group || group.frozen) return;
    if (session) {
      this.end(session, 'SESSION_ENDED');
      return;
    }
    if (group.anchor !== entity) {
      group.members.splice(group.members.indexOf(entity), 1);
      group.region.entities.delete(entity.id);
      entity.group = undefined;
      return;
    }
    for (const each of [...group.sessions]) this.end(each, 'SESSION_ENDED');
    if (this.#state.groups.get(group.id) !== group) return;
    this.disown(group);
    this.forget(group);
  }

  /** An entity that is alone becomes a member of another's group. */
  join(group: EntityGroup, entity: Entity): void {
    const former = entity.group;
    if (former) {
      this.disown(former);
      for (const timer of former.timers) group.timers.push(timer);
      if (group.timers.length > 0) group.region.timed.add(group);
      this.forget(former);
    }
    entity.group = group;
    group.members.push(entity);
    group.region.entities.set(entity.id, entity);
  }

  /** A member becomes a group of its own; its timers go with it. */
  part(group: EntityGroup, entity: Entity): void {
    group.members.splice(group.members.indexOf(entity), 1);
    this.alone(group.region, entity);
    const own = group.timers.filter((each) => each.entity === entity.id);
    if (own.length === 0) return;
    for (const timer of own) group.timers.splice(group.timers.indexOf(timer), 1);
    entity.group?.timers.push(...own);
    if (entity.group) group.region.timed.add(entity.group);
  }

  /** The group is a group no more: a recovery must not bring it back. */
  disown(group: EntityGroup): void {
    if (group.claimed) this.#ended(group, '', '', group.anchor, noBytes, '');
  }

  /** Ends a session after what it said before has been applied, and not while its group is frozen. */
  leave(session: Session, code: string): void {
    session.group.leaving.push({ session, code });
    this.#leaving.add(session.group);
  }

  /** Ends a session for good: its player's part of the world is handed to the control plane for the next visit. */
  end(session: Session, code: string): void {
    const { group } = session;
    const { game, nowMs, policy } = this.#state;
    if (group.frozen) {
      this.leave(session, code);
      return;
    }
    const { region } = group;
    const entity = group.members.find((each) => each.session === session) ?? group.anchor;
    const { world } = region;
    if (world) this.#state.guard('onLeave', () => game.onLeave?.(entity, world));
    const whole = group.sessions.length === 1;
    const members = whole ? group.members : [entity];
    const timers = whole ? group.timers : [];
    const written = encodeGroup({ id: members[0]?.id ?? group.id, region, members, sessions: [], timers }, game, nowMs, policy);
    if (!written.ok) this.#state.event('state-invalid', { group: group.id, code: written.code, message: written.message });
    const state = written.ok ? written.state : noBytes;
    const last = whole ? this.#asItWas(group, session) : undefined;
    this.#delivery.kick(session, code, '');
    this.#unseat(session);
    this.#ended(group, session.id, session.player, entity, state, code, last);
    if (whole) this.forget(group);
    else this.remove(entity);
  }

  #asItWas(group: EntityGroup, { player, name, id: session }: Session): Group | undefined {
    const { game, nowMs, policy } = this.#state;
    const written = encodeGroup(group, game, nowMs, policy);
    if (!written.ok) return undefined;
    const { id, epoch, claimed } = group;
    return { group: id, epoch, claimed, player, name, session, state: written.state };
  }

  /**
   * Groups of the region whose end is not on record yet. They belong into its checkpoints: if this server died now, the control plane
   * would know them as living, and what earlier checkpoints have covered must not be lost with them.
   */
  *ending(region: Region): Iterable<Group> {
    for (const { message, last } of this.#endings.values()) {
      if (last && message.region === region.id && !this.#state.groups.has(message.group)) yield last;
    }
  }

  /**
   * Takes a group out of its region with everything of it. The control plane knows; gateways that are still attached are told that
   * we do not speak for it any more, because what the control plane said to them may have been lost, and they would listen here on.
   */
  forget(group: EntityGroup): void {
    const { region } = group;
    for (const session of [...group.sessions]) {
      this.#delivery.hangUp(session, 'NOT_OWNER');
      this.#unseat(session);
    }
    for (const entity of group.members) {
      if (region.entities.get(entity.id) === entity) region.entities.delete(entity.id);
    }
    region.groups.delete(group.id);
    region.timed.delete(group);
    const track = region.tracks.get(group);
    if (track) region.crossings?.forget(track);
    region.tracks.delete(group);
    this.#leaving.delete(group);
    if (this.#state.groups.get(group.id) === group) this.#state.groups.delete(group.id);
    this.onGone(group);
  }

  #unseat(session: Session): void {
    const { group } = session;
    const at = group.sessions.indexOf(session);
    if (at >= 0) group.sessions.splice(at, 1);
    for (const entity of group.members) if (entity.session === session) entity.session = undefined;
    if (session.attached) this.#state.links.get(session.attached.link)?.handles.delete(session.attached.handle);
    session.detach(this.#state.nowMs, this.#state.policy);
    if (this.#state.sessions.get(session.id) === session) this.#state.sessions.delete(session.id);
  }

  endedAck(session: string, group: number): void {
    const key = `${group}/${session}`;
    const ending = this.#endings.get(key);
    this.#endings.delete(key);
    if (ending) this.#over.set(key, { message: ending.message, last: undefined, dueMs: this.#state.nowMs + OVER_MS });
  }

  /**
   * The control plane gives us, at this epoch, a group that has ended here and does not know that yet: it is told, at this epoch.
   * False: that is not so, or another session is to go on with it.
   */
  isOver(group: number, session: string | undefined, epoch: number): boolean {
    for (const ending of this.#endings.values()) {
      const { message } = ending;
      if (message.group !== group || (session !== undefined && message.session !== session)) continue;
      ending.message = { ...message, epoch: Math.max(epoch, message.epoch) };
      ending.dueMs = this.#state.nowMs + this.#state.policy.repeatMs;
      this.#state.out.toControl(ending.message);
      return true;
    }
    return false;
  }

  /** Repeats what was not answered, and ends sessions whose window has passed. */
  tick(nowMs: number): void {
    for (const ending of this.#endings.values()) {
      if (nowMs < ending.dueMs) continue;
      ending.dueMs = nowMs + this.#state.policy.repeatMs;
      this.#state.out.toControl(ending.message);
    }
    for (const group of this.#leaving) {
      if (group.frozen) continue;
      this.#leaving.delete(group);
      // A group that has gone took its sessions with it.
      for (const { session, code } of group.leaving.splice(0)) if (group.sessions.includes(session)) this.end(session, code);
    }
    if (nowMs < this.#sweepDueMs) return;
    this.#sweepDueMs = nowMs + 1000;
    for (const [key, { dueMs }] of this.#over) if (nowMs >= dueMs) this.#over.delete(key);
    for (const session of this.#state.sessions.values()) {
      if (nowMs >= session.windowEndsMs() && !session.group.frozen) this.end(session, 'SESSION_ENDED');
    }
  }

  #ended(
    group: EntityGroup,
    session: string,
    player: string,
    entity: Entity,
    state: Uint8Array,
    code: string,
    last?: Group,
  ): void {
    const { x, y, z } = entity.position;
    const { id, epoch, region } = group;
    const message: Ended = { kind: 'ended', session, player, group: id, epoch, region: region.id, x, y, z, state, code };
    this.#endings.set(`${id}/${session}`, { message, last, dueMs: this.#state.nowMs + this.#state.policy.repeatMs });
    this.#state.out.toControl(message);
  }

  #revive(group: number): Uint8Array | undefined {
    for (const endings of [this.#endings, this.#over]) {
      for (const [key, { message }] of endings) {
        if (message.group !== group || message.state.length === 0) continue;
        endings.delete(key);
        return message.state;
      }
    }
    return undefined;
  }
}

const noBytes = new Uint8Array(0);
