/** Handoffs at work: takes what the control plane and the peers say to the two machines, and does what these ask for. */
import { unreachable } from '@horizon-atlas/base';
import type { ControlToServer, MeshMessage } from '@horizon-atlas/protocol';
import type { Acts } from './act.ts';
import type { Delivery } from './delivery.ts';
import { diffStates } from './delta.ts';
import { sameBytes } from './entities.ts';
import { encodeGroup, gameDelta } from './group-state.ts';
import type { EntityGroup } from './groups.ts';
import { type Copy, type SourceInput, type SourceRequest, type SourceState, sourceIdle, sourceStep } from './handoff-source.ts';
import {
  type TargetInput,
  type TargetRequest,
  type TargetState,
  targetNone,
  targetRegion,
  targetStep,
} from './handoff-target.ts';
import { HandoffTraces } from './handoff-traces.ts';
import type { Life } from './life.ts';
import type { Region } from './region.ts';
import type { ServerState } from './server-state.ts';
import type { Shadows } from './shadows.ts';

type Control<K extends ControlToServer['kind']> = Extract<ControlToServer, { kind: K }>;
type Mesh<K extends MeshMessage['kind']> = Extract<MeshMessage, { kind: K }>;
type Install = Extract<TargetRequest, { kind: 'install' }>;

/** When a group cannot be written, its crossing is put off, ms. */
const UNWRITABLE_MS = 1000;

export class Handoffs {
  readonly #state: ServerState;
  readonly #life: Life;
  readonly #acts: Acts;
  readonly #shadows: Shadows;
  readonly #delivery: Delivery;
  readonly #send: (server: string, message: MeshMessage) => void;
  /** Groups that are not idle. */
  readonly #sources = new Map<EntityGroup, SourceState>();
  readonly #targets = new Map<number, TargetState>();
  readonly #traces: HandoffTraces;

  constructor(
    state: ServerState,
    life: Life,
    acts: Acts,
    shadows: Shadows,
    delivery: Delivery,
    send: (server: string, message: MeshMessage) => void,
  ) {
    this.#state = state;
    this.#life = life;
    this.#acts = acts;
    this.#shadows = shadows;
    this.#delivery = delivery;
    this.#send = send;
    this.#traces = new HandoffTraces(state.tracer);
  }

  /** What a new control plane must know of. */
  get warm(): Iterable<readonly [number, TargetState]> {
    return this.#targets;
  }

  // ---- source ---------------------------------------------------------------------------------------------------------

  prepare(message: Control<'prepare'>): void {
    const group = this.#owned('prepare', message.group, message.epoch);
    if (!group) return;
    const { target, server, address, epoch, region: source, traceparent } = message;
    this.#traces.begin('copy', group.id, server, traceparent, this.#state.nowMs, { epoch, source, target });
    if (server !== this.#state.id) this.#state.out.dialPeer(server, address);
    this.#source(group, { kind: 'prepare', target, server, address });
  }

  freeze(message: Control<'freeze'>): void {
    const group = this.#owned('freeze', message.group, message.epoch);
    if (!group) return;
    const { lock, region } = group;
    const { target, epoch, traceparent } = message;
    this.#traces.begin('frozen', group.id, '', traceparent, this.#state.nowMs, { epoch, source: region.id, target });
    const leftMs = lock ? lock.untilMs - region.simMs : 0;
    this.#source(group, {
      kind: 'freeze',
      target: message.target,
      lock: lock && leftMs > 0 ? { reason: lock.reason, leftMs } : undefined,
    });
  }

  thaw({ group: id, newEpoch }: Control<'thaw'>): void {
    const group = this.#state.groups.get(id);
    if (!group) {
      // The record names us and we have nothing: only its state can help. A departed group is another matter.
      if (this.#state.departedAt(id) >= newEpoch) {
        this.#state.fence('thaw', { group: id, epoch: newEpoch });
        return;
      }
      if (this.#life.isOver(id, undefined, newEpoch)) return;
      this.#state.out.toControl({ kind: 'needState', group: id, epoch: newEpoch });
      return;
    }
    if (newEpoch < group.epoch) {
      this.#state.fence('thaw', { group: id, epoch: newEpoch });
      return;
    }
    if (newEpoch === group.epoch && !group.frozen) {
      this.#state.out.toControl({ kind: 'thawed', group: id, epoch: newEpoch });
      return;
    }
    group.ownEpoch = newEpoch;
    this.#source(group, { kind: 'thaw' });
  }

  release(message: Control<'release'>): void {
    const { group: id, epoch, newEpoch, server, address } = message;
    const group = this.#state.groups.get(id);
    // An own region may have it by now, or it has come back: then there is nothing to drop.
    if (group && group.epoch < newEpoch) this.#source(group, { kind: 'release' });
    if (!group || group.epoch < newEpoch) {
      if (server !== this.#state.id && server !== '') this.#state.out.dialPeer(server, address);
      this.#leaveStub(group, id, message);
    }
    // We may have been told to take it, and it was given back before we could.
    const target = this.#targets.get(id);
    if (target?.kind === 'awaiting' && target.activation.group.epoch < newEpoch) this.#targets.delete(id);
    this.#state.out.toControl({ kind: 'released', group: id, epoch });
  }

  /** A lock does not outlive the crossing that it deferred. */
  turnedAway(group: EntityGroup): void {
    if (this.#sources.get(group)?.kind === 'idle') this.#sources.delete(group);
  }

  /** The group is no longer in its region. */
  gone(group: EntityGroup): void {
    this.#sources.delete(group);
    this.#traces.over(group.id, this.#state.nowMs, 'gone');
  }

  ack(server: string, message: Mesh<'ack'>): void {
    const group = this.#state.groups.get(message.group);
    if (!group) return;
    if (message.epoch !== group.epoch) {
      this.#state.fence('ack', { server, group: message.group, epoch: message.epoch });
      return;
    }
    if (this.#sources.has(group)) this.#source(group, { kind: 'ack', server, version: message.version });
  }

  #owned(what: string, id: number, epoch: number): EntityGroup | undefined {
    const group = this.#state.groups.get(id);
    if (!group) return undefined;
    if (epoch === group.epoch) return group;
    // A higher one: our own news (a thaw, an assignment) is on its way, and the question will be asked again after it.
    if (epoch < group.epoch) this.#state.fence(what, { group: id, epoch });
    return undefined;
  }

  #source(group: EntityGroup, input: SourceInput): void {
    const before = this.#sources.get(group) ?? sourceIdle;
    const { next, requests } = sourceStep(before, input, this.#state.nowMs, this.#state.policy);
    if (next === sourceIdle || next.kind === 'gone') this.#sources.delete(group);
    else if (next !== before) this.#sources.set(group, next);
    for (const request of requests) this.#doForSource(group, request);
  }

  #doForSource(group: EntityGroup, request: SourceRequest): void {
    const { out, nowMs } = this.#state;
    switch (request.kind) {
      case 'copy':
        this.#copy(group, request.copy, request.whole, request.keepAlive);
        return;
      case 'synced':
        out.toControl({ kind: 'synced', group: group.id, epoch: group.epoch, version: request.version });
        return;
      case 'defer':
        out.toControl({ kind: 'defer', group: group.id, epoch: group.epoch, reason: request.reason, ms: request.ms });
        this.#traces.end('frozen', group.id, '', nowMs, { deferred: request.reason, deferMs: request.ms });
        return;
      case 'freeze':
        this.#freeze(group, request.target, request.copy);
        return;
      case 'frozen':
        this.#sayFrozen(group);
        return;
      case 'frozenCopy':
        this.#sendFrozen(group, request.server);
        return;
      case 'thaw':
        this.#thaw(group);
        return;
      case 'drop':
        this.#drop(group);
        return;
      default:
        unreachable(request);
    }
  }

  #copy(group: EntityGroup, copy: Copy, whole: boolean, keepAlive: boolean): void {
    const { game, nowMs, policy, peers, id, out } = this.#state;
    if (copy.server !== id && !peers.has(copy.server)) {
      if (keepAlive) out.dialPeer(copy.server, copy.address);
      return;
    }
    const { tick } = group.region;
    // Both targets of a corner get the same version of the same tick.
    if (group.written?.tick !== tick || group.written.epoch !== group.epoch) {
      const written = encodeGroup(group, game, nowMs, policy);
      if (!written.ok) {
        this.#unwritable(group, written);
        return;
      }
      const { version, state } = group.written ?? { version: undefined, state: undefined };
      const same = state && group.written?.epoch === group.epoch && sameBytes(state, written.state);
      const next = same ? version : group.nextVersion();
      if (next === undefined) return;
      group.written = { tick, epoch: group.epoch, version: next, state: same ? state : written.state };
    }
    const { version, state, epoch } = group.written;
    if (copy.sent?.version === version && !whole && !keepAlive) return;
    const delta = whole || !copy.sent ? undefined : diffStates(copy.sent.state, state, gameDelta(game));
    // Noted first: between two regions of one server the answer comes within the call.
    this.#source(group, { kind: 'sent', server: copy.server, version, state, whole: delta === undefined });
    if (delta && copy.sent) {
      this.#send(copy.server, { kind: 'delta', group: group.id, epoch, base: copy.sent.version, version, delta });
    } else {
      const traceparent = this.#traces.traceparent('copy', group.id, copy.server);
      this.#send(copy.server, { kind: 'snapshot', group: group.id, epoch, version, state, traceparent });
    }
  }

  #freeze(group: EntityGroup, target: string, copy: Copy | undefined): void {
    const { game, nowMs, policy } = this.#state;
    const { world, simMs } = group.region;
    if (world) this.#state.guard('onHandoffOut', () => game.onHandoffOut?.(group.anchor, world));
    const written = encodeGroup(group, game, nowMs, policy);
    if (!written.ok) {
      this.#unwritable(group, written);
      this.#sources.delete(group);
      this.#traces.end('frozen', group.id, '', nowMs, { deferred: written.code, deferMs: UNWRITABLE_MS });
      if (world) this.#state.guard('onHandoffIn', () => game.onHandoffIn?.(group.anchor, world));
      this.#state.out.toControl({
        kind: 'defer',
        group: group.id,
        epoch: group.epoch,
        reason: written.code,
        ms: UNWRITABLE_MS,
      });
      return;
    }
    const { state } = written;
    const version = group.finalVersion();
    group.frozen = { target, version, state, simMs, acts: [] };
    this.#source(group, { kind: 'froze', version });
    this.#traces.end('copy', group.id, undefined, nowMs, { version, bytes: state.length });
    if (!copy?.sent) return;
    const delta = diffStates(copy.sent.state, state, gameDelta(game));
    if (!delta) return;
    this.#send(copy.server, { kind: 'final', group: group.id, epoch: group.epoch, base: copy.sent.version, version, delta });
  }

  #sayFrozen(group: EntityGroup): void {
    const { frozen } = group;
    if (!frozen) return;
    const sessions = group.sessions.map(({ id, applied }) => ({ session: id, applied }));
    const { version, state } = frozen;
    this.#state.out.toControl({ kind: 'frozen', group: group.id, epoch: group.epoch, version, state, sessions });
  }

  #sendFrozen(group: EntityGroup, server: string): void {
    if (!group.frozen) return;
    const { version, state } = group.frozen;
    this.#send(server, { kind: 'snapshot', group: group.id, epoch: group.epoch, version, state });
  }

  #thaw(group: EntityGroup): void {
    const { frozen, region } = group;
    group.frozen = undefined;
    this.#traces.end('frozen', group.id, '', this.#state.nowMs, { outcome: 'thawed' });
    // The target may have spoken to the clients before it lost the group, so the next numbers are theirs to say.
    if (frozen) {
      for (const session of group.sessions) {
        // So the old sockets' handles must not carry any more of them.
        this.#delivery.hangUp(session, 'NOT_OWNER');
        session.float();
      }
      for (const timer of group.timers) timer.dueMs += region.simMs - frozen.simMs;
      if (group.lock) group.lock = { ...group.lock, untilMs: group.lock.untilMs + region.simMs - frozen.simMs };
    }
    const track = region.tracks.get(group);
    if (track) region.crossings?.moved(track, region.id, this.#state.nowMs);
    this.#state.out.toControl({ kind: 'thawed', group: group.id, epoch: group.epoch });
    const { world } = region;
    if (frozen && world) this.#state.guard('onHandoffIn', () => this.#state.game.onHandoffIn?.(group.anchor, world));
    if (frozen) this.#acts.again(frozen.acts);
    for (const session of group.sessions) this.#life.onSession(session);
  }

  #drop(group: EntityGroup): void {
    this.#traces.end('frozen', group.id, '', this.#state.nowMs, { outcome: 'released' });
    if (!group.frozen) this.#state.event('dropped-unfrozen', { group: group.id, epoch: group.epoch });
    this.#life.forget(group);
  }

  #leaveStub(group: EntityGroup | undefined, id: number, message: Control<'release'>): void {
    const { nowMs, policy, stubs } = this.#state;
    const entities = group?.members.map((each) => each.id) ?? stubs.get(id)?.entities ?? [id];
    this.#state.departs(id, message.newEpoch);
    if (message.server === '') return;
    stubs.set(id, { group: id, epoch: message.newEpoch, server: message.server, entities, untilMs: nowMs + policy.stubMs });
    if (!group) return;
    for (const entity of group.members) this.#shadows.leave(entity, id, message.newEpoch, message.target, message.server);
    if (group.frozen) this.#acts.again(group.frozen.acts);
  }

  #unwritable(group: EntityGroup, why: { readonly code: string; readonly message: string }): void {
    this.#state.event('state-invalid', { group: group.id, code: why.code, message: why.message });
  }

  // ---- target ---------------------------------------------------------------------------------------------------------

  reserve(message: Control<'reserve'>): void {
    const { group: id, epoch, region: regionId, ttlMs } = message;
    const region = this.#state.regions.get(regionId);
    let code = '';
    if (region?.phase !== 'active') code = 'NO_REGION';
    else if (region.entities.size + this.#targets.size >= this.#state.policy.entitiesMax) code = 'REGION_FULL';
    if (code === '') this.#target(id, '', { kind: 'reserve', epoch, region: regionId, ttlMs });
    this.#state.out.toControl({ kind: 'reserved', group: id, epoch, region: regionId, ok: code === '', code });
  }

  /** To whichever side we are on. */
  cancel({ group: id, epoch, target }: Control<'cancel'>): void {
    const group = this.#state.groups.get(id);
    if (group && group.epoch === epoch && group.region.id !== target) {
      this.#source(group, { kind: 'cancel', target });
      const source = this.#sources.get(group);
      if (source?.kind !== 'copying') this.#traces.end('copy', id, undefined, this.#state.nowMs, { outcome: 'cancelled' });
    }
    const region = targetRegion(this.#targets.get(id) ?? targetNone) ?? target;
    if (region === target) this.#target(id, '', { kind: 'cancel', epoch });
  }

  activate({ region: regionId, version, group: told, traceparent }: Control<'activate'>): void {
    const region = this.#state.regions.get(regionId);
    if (region?.phase !== 'active') {
      this.#state.event('activate-without-region', { region: regionId, group: told.group });
      return;
    }
    if (told.epoch < Math.max(region.epoch, this.#state.departedAt(told.group))) {
      this.#state.fence('activate', { group: told.group, epoch: told.epoch });
      return;
    }
    const group = this.#state.groups.get(told.group);
    if (group && group.epoch >= told.epoch) {
      if (group.epoch > told.epoch) {
        this.#state.fence('activate', { group: told.group, epoch: told.epoch });
        return;
      }
      this.#state.out.toControl({
        kind: 'activated',
        group: told.group,
        epoch: told.epoch,
        warm: told.state.length === 0,
      });
      return;
    }
    if (!group && this.#life.isOver(told.group, told.session, told.epoch)) return;
    if (group?.frozen && group.region === region && told.state.length === 0 && group.frozen.version === version) {
      // Our own frozen copy, back at a new epoch.
      group.ownEpoch = told.epoch;
      this.#source(group, { kind: 'thaw' });
      this.#state.out.toControl({ kind: 'activated', group: told.group, epoch: told.epoch, warm: true });
      return;
    }
    const fields = { epoch: told.epoch, target: regionId, warm: told.state.length === 0 };
    const clock = () => this.#state.clockMs;
    this.#traces.install(told.group, traceparent, fields, clock, () => {
      this.#target(told.group, '', { kind: 'activate', activation: { region: regionId, version, group: told } });
      return this.#state.groups.get(told.group)?.epoch === told.epoch;
    });
  }

  snapshot(server: string, message: Mesh<'snapshot'>): void {
    if (this.#outdated(server, message)) return;
    const { epoch, version, state } = message;
    const fields = { epoch, version, bytes: state.length };
    this.#traces.begin('warm', message.group, '', message.traceparent, this.#state.nowMs, fields);
    this.#target(message.group, server, message);
  }

  delta(server: string, message: Mesh<'delta'> | Mesh<'final'>): void {
    if (this.#outdated(server, message)) return;
    this.#target(message.group, server, { ...message, kind: 'delta' });
  }

  /** From somebody who thinks that it owns what we own by now. */
  #outdated(server: string, message: { readonly group: number; readonly epoch: number; readonly kind: string }): boolean {
    if (server === this.#state.id) return false;
    const own = this.#state.groups.get(message.group)?.epoch;
    // The epoch of its departure is the next owner's: whoever speaks at that one may bring it back.
    if (own === undefined ? this.#state.departedAt(message.group) <= message.epoch : own < message.epoch) return false;
    this.#state.fence(message.kind, { server, group: message.group, epoch: message.epoch });
    return true;
  }

  #target(id: number, server: string, input: TargetInput): void {
    const before = this.#targets.get(id) ?? targetNone;
    const { next, requests } = targetStep(before, input, this.#state.nowMs, this.#state.policy, gameDelta(this.#state.game));
    if (next.kind === 'none') {
      this.#targets.delete(id);
      // Taken into the region, or lapsed.
      this.#traces.end('warm', id, '', this.#state.nowMs, { taken: requests.some(({ kind }) => kind === 'install') });
    } else if (next !== before) this.#targets.set(id, next);
    for (const request of requests) this.#doForTarget(id, server, request);
  }

  #doForTarget(group: number, server: string, request: TargetRequest): void {
    switch (request.kind) {
      case 'ack':
        this.#send(server, { kind: 'ack', group, epoch: request.epoch, version: request.version });
        return;
      case 'needState':
        this.#state.out.toControl({ kind: 'needState', group, epoch: request.epoch });
        return;
      case 'fenced':
        this.#state.fence('handoff', { group, server, epoch: request.epoch });
        return;
      case 'install':
        this.#install(request);
        return;
      default:
        unreachable(request);
    }
  }

  #install({ activation, state, warm }: Install): void {
    const region = this.#state.regions.get(activation.region);
    const { group: told } = activation;
    if (region?.phase !== 'active') return;
    // Ours at a lower epoch, in another region of ours or never told to leave: the record is right.
    const former = this.#state.groups.get(told.group);
    const acts = former?.frozen?.acts ?? [];
    if (former) this.#life.forget(former);
    const group = this.#life.install(region, { ...told, state }, 'activate');
    if (!group) return;
    this.#state.stubs.delete(told.group);
    this.#acts.again(acts);
    for (const entity of group.members) this.#shadows.drop(entity.id);
    this.#state.out.toControl({ kind: 'activated', group: told.group, epoch: told.epoch, warm });
    const { world } = region;
    if (world) this.#state.guard('onHandoffIn', () => this.#state.game.onHandoffIn?.(group.anchor, world));
  }

  // ---- both -----------------------------------------------------------------------------------------------------------

  /** After the simulation of a tick: copies what is about to cross, and repeats what was not answered. */
  tick(): void {
    if (this.#sources.size > 0) {
      for (const [group, source] of [...this.#sources]) if (source.kind !== 'idle') this.#source(group, { kind: 'tick' });
    }
    if (this.#targets.size > 0) for (const id of [...this.#targets.keys()]) this.#target(id, '', { kind: 'tick' });
    for (const [id, stub] of this.#state.stubs) if (this.#state.nowMs >= stub.untilMs) this.#state.stubs.delete(id);
  }

  /** The region is no longer ours: so is nothing that was to come into it. */
  forgetRegion(region: Region): void {
    for (const group of this.#sources.keys()) if (group.region === region) this.#sources.delete(group);
    for (const [id, target] of this.#targets) if (targetRegion(target) === region.id) this.#targets.delete(id);
  }
}
