/** A game server as the coordinator sees it, by the letter of ARCHITECTURE.md. Its groups' whole state is how much was applied. */
import type { ControlToServer, Group, ServerToControl } from '@horizon-atlas/protocol';
import type { Rig } from './rig.ts';

export interface Held {
  readonly group: number;
  epoch: number;
  phase: 'owned' | 'frozen' | 'warm';
  region: string;
  player: string;
  name: string;
  session: string;
  applied: number;
  claimed: boolean;
  /** Its session has ended, and the coordinator has not yet said that this is written. */
  ending: boolean;
}

interface HeldRegion {
  readonly region: string;
  epoch: number;
  readonly groups: Map<number, Held>;
  /** Of its last checkpoint, once it is asked for that; undefined before. It goes when that is durable, which may be much later. */
  lastTick: number | undefined;
  /** Applied per session at the ticks of checkpoints that are not covered yet. */
  readonly uncovered: Map<number, Map<number, { session: string; epoch: number; applied: number }>>;
}

export class FakeServer {
  readonly id: string;
  readonly region: string;
  readonly pid: number;
  /** 0: none. */
  link = 0;
  dead = false;
  paused = false;
  full = false;
  /** Until then it cannot dial. */
  cutUntilMs = 0;
  locked = 0;
  readonly regions = new Map<string, HeldRegion>();
  /** Warm and former copies by group: not its own. */
  readonly copies = new Map<number, Held>();
  readonly #rig: Rig;
  /** Epochs at which groups left: a late word of that epoch or before must not bring them back. */
  readonly #left = new Map<number, number>();
  readonly #inbox: ControlToServer[] = [];
  readonly #ending = new Map<string, ServerToControl & { kind: 'ended' }>();
  #tick = 0;

  constructor(rig: Rig, id: string, region: string, pid: number) {
    this.#rig = rig;
    this.id = id;
    this.region = region;
    this.pid = pid;
    this.#beat();
  }

  dial(): void {
    if (this.dead || this.paused || !this.#rig.coordinatorUp || this.#rig.nowMs < this.cutUntilMs) return;
    this.link = this.#rig.life * 1000 + Math.floor(this.#rig.nowMs) + 1;
    this.#rig.coordinator.serverUp(this.id, this.hello(), this.#rig.nowMs);
  }

  hello(): ServerToControl & { kind: 'hello' } {
    const regions = [...this.regions.values()].map(({ region, epoch, groups }) => ({
      region,
      epoch,
      groups: [
        ...[...groups.values()].map((each) => ({ group: each.group, epoch: each.epoch, phase: each.phase })),
        ...[...this.copies.values()]
          .filter((each) => each.region === region)
          .map((each) => ({ group: each.group, epoch: each.epoch, phase: 'warm' as const })),
      ],
    }));
    return { kind: 'hello', server: this.id, version: 1, pid: this.pid, address: `tcp:${this.id}`, schema: 1, regions };
  }

  /** The group of a session if this server would accept an attach at that epoch. */
  sessionAt(session: string, epoch: number): Held | undefined {
    if (this.dead || this.paused) return undefined;
    for (const { groups } of this.regions.values()) {
      for (const each of groups.values())
        if (each.session === session && each.epoch === epoch && each.phase === 'owned' && !each.ending) return each;
    }
    return undefined;
  }

  find(group: number): Held | undefined {
    for (const { groups } of this.regions.values()) {
      const held = groups.get(group);
      if (held) return held;
    }
    return undefined;
  }

  say(message: ServerToControl): void {
    if (!this.dead && this.link !== 0) this.#rig.toCoordinator(this, message);
  }

  approach(group: number, target: string, etaMs = 500): void {
    const held = this.find(group);
    if (held?.phase !== 'owned' || held.ending) return;
    this.say({ kind: 'approach', group, epoch: held.epoch, region: held.region, target, etaMs, teleport: false });
  }

  crossed(group: number, target: string, teleport = false): void {
    const held = this.find(group);
    if (held?.phase !== 'owned' || held.ending) return;
    this.say({ kind: 'crossed', group, epoch: held.epoch, region: held.region, target, teleport });
  }

  end(session: string, code = 'SESSION_ENDED'): void {
    for (const { groups } of this.regions.values()) {
      for (const held of groups.values()) {
        if (held.session !== session || held.phase !== 'owned' || held.ending) continue;
        const { group, epoch, region, player } = held;
        const state = stateOf(held);
        this.#ending.set(session, { kind: 'ended', session, player, group, epoch, region, x: 1, y: 2, z: 3, state, code });
        held.ending = true;
      }
    }
    this.#sayEnding();
  }

  resume(): void {
    for (const message of this.#inbox.splice(0)) this.hear(message);
  }

  hear(message: ControlToServer): void {
    if (this.dead) return;
    if (this.paused) {
      this.#inbox.push(message);
      return;
    }
    switch (message.kind) {
      case 'assign':
        this.#assign(message);
        return;
      case 'sleep':
        this.#sleep(message);
        return;
      case 'admit':
        this.#admit(message);
        return;
      case 'reserve': {
        const { group, epoch, region } = message;
        this.say({ kind: 'reserved', group, epoch, region, ok: !this.full, code: this.full ? 'REGION_FULL' : '' });
        return;
      }
      case 'prepare':
        this.#prepare(message);
        return;
      case 'freeze':
        this.#freeze(message);
        return;
      case 'thaw':
        this.#thaw(message);
        return;
      case 'activate':
        this.#activate(message);
        return;
      case 'release':
      case 'cancel':
        this.#let(message);
        return;
      case 'covered':
        this.#covered(message);
        return;
      case 'endedAck':
        this.#forget(message.session);
        return;
      case 'stop':
        this.#rig.kill(this.id);
        return;
      default:
        return;
    }
  }

  /** It was to end, but another session goes on with it. */
  #revive(held: Held): void {
    this.#ending.delete(held.session);
    held.ending = false;
  }

  #forget(session: string): void {
    const ended = this.#ending.get(session);
    this.#ending.delete(session);
    const held = ended && this.find(ended.group);
    if (held?.ending && held.session === session) this.#drop(held);
  }

  #assign({ region, epoch, groups }: ControlToServer & { kind: 'assign' }): void {
    const known = this.regions.get(region);
    if (!known || known.epoch < epoch) {
      const held = new Map(groups.map((each) => [each.group, heldOf(each, region)]));
      for (const each of held.values()) this.#own(each);
      this.regions.set(region, { region, epoch, groups: held, uncovered: new Map(), lastTick: undefined });
    } else if (known.epoch > epoch) return;
    this.say({ kind: 'regionUp', region, epoch });
  }

  #sleep({ region, epoch }: ControlToServer & { kind: 'sleep' }): void {
    const known = this.regions.get(region);
    if (!known) this.say({ kind: 'slept', region, epoch });
    else if (known.epoch === epoch) known.lastTick ??= this.#checkpoint(known);
  }

  #admit({ region, group }: ControlToServer & { kind: 'admit' }): void {
    const known = this.regions.get(region);
    if (!known) return;
    const { session, epoch } = group;
    const held = known.groups.get(group.group);
    if (!held && (this.#left.get(group.group) ?? 0) >= epoch) return;
    if (held) {
      if (held.epoch <= epoch) {
        held.epoch = epoch;
        if (held.session !== session) this.#revive(held);
        held.session = session;
        this.#own(held);
      }
    } else if (this.full) {
      this.say({ kind: 'admitted', group: group.group, epoch, session, ok: false, code: 'REGION_FULL' });
      return;
    } else {
      const fresh = heldOf(group, region);
      known.groups.set(group.group, fresh);
      this.#own(fresh);
    }
    this.say({ kind: 'admitted', group: group.group, epoch, session, ok: true, code: '' });
  }

  /** The mesh is not this rig's matter: the copy arrives at once if the target is there. */
  #prepare({ group, epoch, target, server }: ControlToServer & { kind: 'prepare' }): void {
    const held = this.find(group);
    const other = this.#rig.servers.get(server);
    if (held?.phase !== 'owned' || held.epoch !== epoch || !other || other.paused) return;
    if (!other.regions.get(target)?.groups.has(group)) other.copies.set(group, { ...held, phase: 'warm', region: target });
    this.say({ kind: 'synced', group, epoch, version: 1 });
  }

  #freeze({ group, epoch }: ControlToServer & { kind: 'freeze' }): void {
    const held = this.find(group);
    if (!held || held.epoch !== epoch || held.ending) return;
    if (this.locked > 0) {
      this.locked--;
      this.say({ kind: 'defer', group, epoch, reason: 'trade', ms: 100 });
      return;
    }
    held.phase = 'frozen';
    this.#sayFrozen(held);
  }

  #sayFrozen(held: Held): void {
    const { group, epoch, session, applied } = held;
    this.say({ kind: 'frozen', group, epoch, version: 1, state: stateOf(held), sessions: [{ session, applied }] });
  }

  #thaw({ group, epoch, newEpoch }: ControlToServer & { kind: 'thaw' }): void {
    const held = this.find(group);
    for (const ending of this.#ending.values()) if (ending.group === group && ending.epoch === epoch) ending.epoch = newEpoch;
    if (held && held.epoch <= epoch && held.epoch < newEpoch) {
      held.epoch = newEpoch;
      held.phase = 'owned';
      this.#own(held);
    }
    this.say({ kind: 'thawed', group, epoch });
  }

  #activate({ region, group }: ControlToServer & { kind: 'activate' }): void {
    const known = this.regions.get(region);
    if (!known) return;
    const held = known.groups.get(group.group);
    if (held && held.epoch >= group.epoch) {
      if (held.epoch === group.epoch) this.say({ kind: 'activated', group: group.group, epoch: group.epoch, warm: true });
      return;
    }
    if ((this.#left.get(group.group) ?? 0) >= group.epoch) return;
    const copy = this.copies.get(group.group);
    if (group.state.length === 0 && !copy) {
      this.say({ kind: 'needState', group: group.group, epoch: group.epoch });
      return;
    }
    const fresh = heldOf(group, region);
    // The mesh's last delta has arrived, or there would have been no copy.
    if (group.state.length === 0) fresh.applied = this.#finalOf(group) ?? copy?.applied ?? 0;
    this.copies.delete(group.group);
    known.groups.set(group.group, fresh);
    this.#own(fresh);
    this.say({ kind: 'activated', group: group.group, epoch: group.epoch, warm: copy !== undefined });
  }

  /** What the source sent as its `final` delta: what the record holds. */
  #finalOf(group: Group): number | undefined {
    const record = this.#rig.authority(group.group);
    return record?.stateEpoch === group.epoch ? heldOf(record.group, record.region).applied : undefined;
  }

  #let(message: ControlToServer & { kind: 'release' | 'cancel' }): void {
    const { group, epoch, kind } = message;
    if (this.copies.get(group)?.region === message.target || kind === 'release') this.copies.delete(group);
    if (kind === 'cancel') return;
    for (const { groups } of this.regions.values()) {
      const held = groups.get(group);
      if (held && held.epoch <= epoch && held.epoch < message.newEpoch) this.#drop(held);
    }
    this.say({ kind: 'released', group, epoch });
  }

  #drop(held: Held): void {
    this.#left.set(held.group, held.epoch);
    this.regions.get(held.region)?.groups.delete(held.group);
  }

  #covered({ region, epoch, tick }: ControlToServer & { kind: 'covered' }): void {
    const known = this.regions.get(region);
    if (known?.epoch !== epoch) return;
    for (const [at, sessions] of known.uncovered) {
      if (at > tick) continue;
      known.uncovered.delete(at);
      for (const [group, { session, applied }] of sessions) {
        const held = known.groups.get(group);
        if (held) this.#rig.gateway.covered(this.id, session, held.epoch, applied);
      }
    }
    if (known.lastTick === undefined || tick < known.lastTick) return;
    // Whoever is still here is in the checkpoint, and somebody else's to play.
    this.regions.delete(region);
    this.say({ kind: 'slept', region, epoch });
  }

  #checkpoint(known: HeldRegion): number {
    const tick = ++this.#tick * 100 + (this.pid % 100);
    const { region, epoch } = known;
    const groups: Group[] = [];
    const sessions = new Map<number, { session: string; epoch: number; applied: number }>();
    for (const held of known.groups.values()) {
      const { group, player, name, session, claimed, applied } = held;
      groups.push({ group, epoch: held.epoch, claimed, player, name, session, state: stateOf(held) });
      sessions.set(group, { session, epoch: held.epoch, applied });
    }
    known.uncovered.set(tick, sessions);
    this.say({ kind: 'checkpoint', region, epoch, tick, world: new Uint8Array(0), groups });
    return tick;
  }

  #beat(): void {
    if (this.dead) return;
    if (!this.paused) {
      if (this.link === 0) this.dial();
      for (const known of this.regions.values()) {
        if (this.#rig.nowMs % 500 < 100) this.#checkpoint(known);
        for (const held of known.groups.values()) if (held.phase === 'frozen') this.#sayFrozen(held);
      }
      this.#sayEnding();
      const figures = {
        tick: 1,
        tickHz: 30,
        workMsP50: 1,
        workMsP90: 1,
        workMsMax: 1,
        entities: 1,
        players: 1,
        shadows: 0,
        fenced: 0,
      };
      this.say({ kind: 'heartbeat', ...figures });
    }
    this.#rig.after(100, () => this.#beat());
  }

  #sayEnding(): void {
    for (const message of this.#ending.values()) this.say({ ...message });
  }

  /** I1: an epoch of a group is played by one process only. */
  #own(held: Held): void {
    const key = `${held.group}@${held.epoch}`;
    const by = `${this.id}/${this.pid}`;
    const other = activations(this.#rig).get(key);
    if (other !== undefined && other !== by) this.#rig.problems.push(`${key} is played by ${other} and by ${by}`);
    activations(this.#rig).set(key, by);
    this.#rig.note(`${by} plays ${key} in ${held.region}, applied ${held.applied}`);
  }
}

const played = new WeakMap<Rig, Map<string, string>>();

function activations(rig: Rig): Map<string, string> {
  const known = played.get(rig);
  if (known) return known;
  const fresh = new Map<string, string>();
  played.set(rig, fresh);
  return fresh;
}

function heldOf(group: Group, region: string): Held {
  const { epoch, player, name, session, claimed, state } = group;
  const applied = state.length === 0 ? 0 : new DataView(state.buffer, state.byteOffset).getUint32(0, true);
  return { group: group.group, epoch, phase: 'owned', region, player, name, session, applied, claimed, ending: false };
}

function stateOf(held: Held): Uint8Array {
  const state = new Uint8Array(4);
  new DataView(state.buffer).setUint32(0, held.applied, true);
  return state;
}
