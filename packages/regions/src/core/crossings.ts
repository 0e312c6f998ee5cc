/**
 * All crossings of all groups: finds the machine that a message is for, and does what it asks.
 *
 * A group has at most two intents, at most one machine that its fate hangs on, and possibly former sources that still have to drop
 * their copies. What is said about a group is heard only from the server that plays the region which the record names, at its epoch;
 * everybody else is told what the record says.
 */
import type { ServerToControl } from '@horizon-atlas/protocol';
import type { GroupEntry, RegionEntry } from './book.ts';
import { CrossingRecords } from './crossing-records.ts';
import type { Desk } from './desk.ts';
import { begin, beginActivating, beginReverting, isExclusive, step } from './handoff.ts';
import type { Frozen, HandoffEnd, HandoffInput, HandoffRequest, HandoffStep } from './handoff-states.ts';
import { Machine } from './machine.ts';
import { regionsLimits } from './policy.ts';

type Message<K extends ServerToControl['kind']> = ServerToControl & { kind: K };

export class Crossings {
  readonly #desk: Desk;
  readonly #records: CrossingRecords;
  readonly #byGroup = new Map<number, Machine[]>();
  readonly #byRegion = new Map<RegionEntry, Set<Machine>>();
  readonly #waiting = new Map<number, (() => void)[]>();
  /** Regions that became quiet during a step: told when the step is over, because one step may lead to the next. */
  readonly #settled = new Set<RegionEntry>();
  #depth = 0;
  #count = 0;
  #begun = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#records = new CrossingRecords(desk, {
      feed: (machine, input) => this.#feed(machine, input),
      ready: (region) => this.#ready(region),
      place: (entry, source, epoch) => this.place(entry, source, epoch),
    });
  }

  get count(): number {
    return this.#count;
  }

  // ---- what servers say -----------------------------------------------------------------------------------------

  intent(server: string, message: Message<'approach'> | Message<'crossed'>): void {
    const { book } = this.#desk;
    const { group, epoch } = message;
    const source = book.regions.get(message.region);
    const target = book.regions.get(message.target);
    if (!source || book.playing(source)?.server !== server) {
      this.#desk.ignore(server, 'NOT_OWNER', about(message));
      return;
    }
    if (!target || target === source) {
      this.#desk.ignore(server, 'POSITION_INVALID', about(message));
      return;
    }
    this.heardOf(server, group, epoch);
    const entry = book.groups.get(group);
    if (!this.#mayCross(server, source, group, epoch, entry)) return;
    if (entry?.rewriting) return;
    const machines = this.#byGroup.get(group) ?? [];
    if (machines.some((each) => isExclusive(each.state))) return;
    const input: HandoffInput & { kind: 'approach' | 'crossed' } =
      message.kind === 'crossed' ? { kind: 'crossed', teleport: message.teleport } : { kind: 'approach', etaMs: message.etaMs };
    const known = machines.find((each) => isIntent(each) && each.target === target);
    if (known) {
      this.#feed(known, input);
      return;
    }
    if (!this.#makeRoom(machines, message)) return;
    const of = { group, epoch, source: source.id, target: target.id };
    const machine = this.#start(source, target, begin(of, input, this.#desk.nowMs, this.#desk.policy));
    machine.predicted = message.kind === 'approach';
    if (this.#ready(target)) this.#feed(machine, { kind: 'targetReady' });
  }

  /** A message that needs no more than to reach the machine of its group in which the server has that part. */
  word(server: string, group: number, epoch: number, from: 'source' | 'target', input: HandoffInput, target?: string): void {
    for (const machine of [...(this.#byGroup.get(group) ?? [])]) {
      const at = from === 'source' ? machine.source : machine.target;
      if (target !== undefined && machine.target.id !== target) continue;
      if (this.#desk.book.playing(at)?.server !== server || !machine.accepts(input, epoch)) continue;
      this.#feed(machine, input);
    }
  }

  frozen(server: string, message: Message<'frozen'>): void {
    const { group, epoch, version, state, sessions } = message;
    this.heardOf(server, group, epoch);
    const frozen: Frozen = { version, state, sessions };
    const machines = (this.#byGroup.get(group) ?? []).filter(
      (each) => each.state.epoch === epoch && this.#desk.book.playing(each.source)?.server === server,
    );
    // The one that asked, else the one that has crossed, else any: it goes back.
    const machine =
      machines.find((each) => isExclusive(each.state)) ??
      machines.find((each) => each.state.phase === 'releasing') ??
      machines.find((each) => each.state.phase === 'syncing' && each.state.crossedMs !== undefined) ??
      machines[0];
    if (machine) this.#feed(machine, { kind: 'frozen', frozen });
    else this.reconcileFrozen(server, group, epoch, frozen);
  }

  /**
   * A server speaks of a group as its owner at this epoch. If the record says so, and the coordinator was still waiting to hear that the
   * group was activated, then it was.
   */
  heardOf(server: string, group: number, epoch: number): void {
    const { book, epochs } = this.#desk;
    const entry = book.groups.get(group);
    // An epoch that was drawn for a thaw on a full disk is ahead of the record, which a new coordinator has nothing but.
    const isAhead = entry && epoch > book.effective(entry) && epoch < epochs.next;
    if (isAhead && book.playing(entry.region)?.server === server) entry.epoch = epoch;
    for (const machine of this.#byGroup.get(group) ?? []) {
      const { state } = machine;
      if (state.phase !== 'activating' || book.playing(machine.target)?.server !== server) continue;
      if (epoch < Math.max(state.newEpoch, machine.target.epoch) || !entry || epoch > book.effective(entry)) continue;
      this.#feed(machine, { kind: 'activated' });
      return;
    }
  }

  /** Whether a checkpoint of the region may contain this group and count as covering it. See checkpoints.ts. */
  mayCover(server: string, region: RegionEntry, group: number, epoch: number): boolean {
    const entry = this.#desk.book.groups.get(group);
    if (!entry) {
      this.resync(server, group, epoch);
      return true;
    }
    const machines = this.#byGroup.get(group) ?? [];
    if (entry.region === region) {
      // It may be taken from this region again: then what is covered here would be lost.
      const leaving = machines.some((each) => each.state.phase === 'reverting' && each.state.committedEpoch > 0);
      return !leaving && epoch <= this.#desk.book.effective(entry);
    }
    // Its frozen copy, which it keeps until it is told to drop it: the handoff's commit covers all that is in there.
    const left = machines.some(({ state, source }) => source === region && state.epoch === epoch);
    if (!left) this.resync(server, group, epoch);
    return left;
  }

  // ---- what happens to regions and groups -----------------------------------------------------------------------

  regionReady(region: RegionEntry): void {
    for (const machine of [...(this.#byRegion.get(region) ?? [])]) {
      if (machine.target === region && this.#ready(region)) this.#feed(machine, { kind: 'targetReady' });
    }
  }

  regionLost(region: RegionEntry): void {
    this.#nest(() => {
      for (const machine of [...(this.#byRegion.get(region) ?? [])]) {
        if (machine.source === region) this.#feed(machine, { kind: 'sourceLost' });
        if (machine.target === region) this.#feed(machine, { kind: 'targetLost' });
      }
    });
  }

  /** Whether the group is on its way to this region. */
  isExpected(group: number, region: RegionEntry): boolean {
    return (this.#byGroup.get(group) ?? []).some((each) => each.target === region);
  }

  isExclusive(group: number): boolean {
    return (this.#byGroup.get(group) ?? []).some((each) => isExclusive(each.state));
  }

  /** Runs `then` as soon as no crossing holds the group; at once if none does. Intents are given up. */
  whenFree(group: number, then: () => void): void {
    if (!this.isExclusive(group)) {
      this.lapseIntents(group);
      then();
      return;
    }
    const waiting = this.#waiting.get(group);
    if (waiting) waiting.push(then);
    else this.#waiting.set(group, [then]);
  }

  /** The source says that the group is over. It can only say so of one that it has not frozen, or goes on with. */
  over(group: number): void {
    for (const machine of [...(this.#byGroup.get(group) ?? [])]) {
      const { phase } = machine.state;
      if (phase === 'thawing') this.#feed(machine, { kind: 'thawed' });
      else if (phase === 'freezing' || isIntent(machine)) this.#feed(machine, { kind: 'sourceLost' });
    }
  }

  lapseIntents(group: number, except?: Machine): void {
    for (const machine of [...(this.#byGroup.get(group) ?? [])]) {
      if (machine !== except && isIntent(machine)) this.#feed(machine, { kind: 'retreat' });
    }
  }

  /** The record names a region whose server does not hold the group, or only as a warm copy: it is told. */
  place(entry: GroupEntry, source: RegionEntry = entry.region, sourceEpoch = 0): void {
    const active = (this.#byGroup.get(entry.group) ?? []).some((each) => isExclusive(each.state));
    if (active || entry.rewriting || this.#desk.players.isAdmitting(entry.group)) return;
    const of = { group: entry.group, epoch: sourceEpoch, source: source.id, target: entry.region.id };
    const { nowMs, policy, book } = this.#desk;
    this.#start(source, entry.region, beginActivating(of, book.effective(entry), nowMs, policy));
  }

  /** A server holds a frozen copy, and nothing here knows why: the record decides. */
  reconcileFrozen(server: string, group: number, epoch: number, frozen: Frozen | undefined): void {
    const { book } = this.#desk;
    const entry = book.groups.get(group);
    if (!entry) {
      if (book.isOver(group)) this.#tellOver(server, group, epoch);
      else this.#thawUnrecorded(server, group, epoch);
      return;
    }
    this.heardOf(server, group, epoch);
    // A late word: a crossing under way must find the frozen copy as it is, neither dropped nor thawed.
    if (entry.rewriting || this.isExclusive(group)) return;
    const eff = book.effective(entry);
    if (book.playing(entry.region)?.server !== server || epoch > eff) {
      this.#dismiss(server, group, epoch, entry);
      return;
    }
    if (epoch < eff) {
      this.#desk.out.toServer(server, { kind: 'thaw', group, epoch, newEpoch: eff });
      return;
    }
    const of = { group, epoch, source: entry.region.id, target: entry.region.id };
    this.#start(entry.region, entry.region, beginReverting(of, frozen, 'unexplained'));
  }

  /** A server speaks of a group that the record gives to another, or to itself at a higher epoch: it is told so. */
  resync(server: string, group: number, epoch: number): void {
    const { book } = this.#desk;
    const entry = book.groups.get(group);
    if (!entry) {
      if (book.isOver(group)) this.#tellOver(server, group, epoch);
      return;
    }
    const right = book.playing(entry.region)?.server === server && epoch === book.effective(entry);
    if (!right && !this.isExclusive(group)) this.#dismiss(server, group, epoch, entry);
  }

  // ---- the machines ---------------------------------------------------------------------------------------------

  #mayCross(server: string, source: RegionEntry, group: number, epoch: number, entry: GroupEntry | undefined): boolean {
    const { book, epochs } = this.#desk;
    const fields = { message: 'crossing', group, epoch };
    if (!entry) {
      // A group without a player has no record until it first crosses.
      const ok = epoch >= source.epoch && epoch < epochs.next && !book.isOver(group);
      if (!ok) this.#desk.ignore(server, 'EPOCH_STALE', fields);
      this.resync(server, group, epoch);
      return ok;
    }
    if (entry.region === source && epoch === book.effective(entry)) return true;
    this.#desk.ignore(server, entry.region === source ? 'EPOCH_STALE' : 'NOT_OWNER', fields);
    if (entry.region !== source) this.resync(server, group, epoch);
    return false;
  }

  #makeRoom(machines: readonly Machine[], message: Message<'approach'> | Message<'crossed'>): boolean {
    const intents = machines.filter(isIntent);
    if (message.kind === 'approach') {
      return intents.length < regionsLimits.intentsPerGroup && this.#count < regionsLimits.intents;
    }
    if (intents.length < regionsLimits.intentsPerGroup) return true;
    // It is there, so the guess that lies furthest off was wrong.
    const last = intents.reduce((a, b) => (expected(b) > expected(a) ? b : a));
    this.#feed(last, { kind: 'retreat' });
    return true;
  }

  #ready(region: RegionEntry): boolean {
    return region.life.phase === 'active' && this.#desk.book.playing(region) !== undefined;
  }

  #start(source: RegionEntry, target: RegionEntry, first: HandoffStep): Machine {
    const { next, requests } = first;
    if (typeof next === 'string') throw new Error('invariant broken: a crossing ended before it began');
    const machine = new Machine(++this.#begun, this.#desk, next, source, target, () => this.#feed(machine, { kind: 'tick' }));
    const machines = this.#byGroup.get(next.group);
    if (machines) machines.push(machine);
    else this.#byGroup.set(next.group, [machine]);
    this.#regionSet(source).add(machine);
    this.#regionSet(target).add(machine);
    this.#count++;
    this.#desk.lives.hold(target, 1);
    this.#nest(() => this.#enter(machine, undefined, requests));
    return machine;
  }

  #feed(machine: Machine, input: HandoffInput): void {
    if (machine.ended) return;
    this.#nest(() => {
      const { next, requests } = step(machine.state, input, this.#desk.nowMs, this.#desk.policy);
      const before = machine.state.phase;
      if (typeof next === 'string') {
        // Its last requests still go by its last state.
        for (const request of requests) this.#perform(machine, request);
        this.#end(machine, next);
        return;
      }
      machine.state = next;
      this.#enter(machine, before, requests);
    });
  }

  #enter(machine: Machine, before: string | undefined, requests: readonly HandoffRequest[]): void {
    const { state } = machine;
    this.#desk.timers.set(machine, state.dueMs);
    if (before !== state.phase) {
      if (before !== undefined) machine.trace.enter(state, this.#desk.nowMs);
      machine.noteStep(this.#desk);
      this.#setBusy(machine, state.phase === 'committing' || state.phase === 'reverting');
      if (state.phase === 'freezing') machine.noteFreezing(this.#desk);
      // Single flight: from here on the group's fate hangs on this one.
      if (isExclusive(state)) this.lapseIntents(state.group, machine);
      if (state.phase === 'releasing') {
        const entry = this.#desk.book.groups.get(state.group);
        machine.noteDone(this.#desk, entry ? this.#desk.nowMs - entry.sinceMs : 0);
        if (entry) entry.sinceMs = this.#desk.nowMs;
        this.#free(state.group);
      }
    }
    for (const request of requests) this.#perform(machine, request);
  }

  #end(machine: Machine, how: HandoffEnd): void {
    machine.ended = true;
    const { group } = machine.state;
    this.#setBusy(machine, false);
    this.#desk.timers.set(machine, Number.POSITIVE_INFINITY);
    const machines = (this.#byGroup.get(group) ?? []).filter((each) => each !== machine);
    if (machines.length > 0) this.#byGroup.set(group, machines);
    else this.#byGroup.delete(group);
    this.#byRegion.get(machine.source)?.delete(machine);
    this.#byRegion.get(machine.target)?.delete(machine);
    this.#count--;
    machine.noteStep(this.#desk, how);
    machine.noteEnd(this.#desk, how);
    this.#desk.lives.hold(machine.target, -1);
    this.#free(group);
  }

  #free(group: number): void {
    if (this.isExclusive(group)) return;
    const waiting = this.#waiting.get(group);
    if (!waiting) return;
    this.#waiting.delete(group);
    this.lapseIntents(group);
    for (const then of waiting) this.whenFree(group, then);
  }

  #regionSet(region: RegionEntry): Set<Machine> {
    const known = this.#byRegion.get(region);
    if (known) return known;
    const set = new Set<Machine>();
    this.#byRegion.set(region, set);
    return set;
  }

  #setBusy(machine: Machine, busy: boolean): void {
    if (machine.busy === busy) return;
    machine.busy = busy;
    for (const region of [machine.source, machine.target]) {
      region.busy += busy ? 1 : -1;
      if (region.busy === 0) this.#settled.add(region);
    }
  }

  #nest(run: () => void): void {
    this.#depth++;
    run();
    this.#depth--;
    if (this.#depth > 0 || this.#settled.size === 0) return;
    const settled = [...this.#settled];
    this.#settled.clear();
    for (const region of settled) if (region.busy === 0) this.#desk.lives.settled(region);
  }

  // ---- what they ask --------------------------------------------------------------------------------------------

  #perform(machine: Machine, request: HandoffRequest): void {
    const { source, target, state } = machine;
    const { group, epoch } = state;
    const { traceparent } = machine.trace;
    const desk = this.#desk;
    switch (request.ask) {
      case 'wake':
        desk.lives.wake(target);
        return;
      case 'reserve': {
        const ttlMs = desk.policy.reserveTtlMs;
        desk.toRegion(target, { kind: 'reserve', group, epoch, region: target.id, source: source.id, ttlMs, traceparent });
        return;
      }
      case 'prepare': {
        const to = this.#addressOf(target);
        desk.toRegion(source, { kind: 'prepare', group, epoch, region: source.id, target: target.id, ...to, traceparent });
        return;
      }
      case 'cancel':
        if (state.phase === 'predicted') return;
        if (isIntent(machine)) desk.toRegion(source, { kind: 'cancel', group, epoch, target: target.id });
        if (target !== source) desk.toRegion(target, { kind: 'cancel', group, epoch, target: target.id });
        return;
      case 'freeze':
        desk.toRegion(source, { kind: 'freeze', group, epoch, target: target.id, traceparent });
        return;
      case 'commit':
        this.#records.commit(machine, request.frozen);
        return;
      case 'revert':
        this.#records.revert(machine, request.frozen);
        return;
      case 'activate':
        this.#records.activate(machine, request.newEpoch, request.frozen, request.withState);
        return;
      case 'route': {
        const entry = desk.book.groups.get(group);
        if (entry) desk.players.route(entry, 'frozen' in state ? state.frozen?.sessions : undefined, traceparent);
        return;
      }
      case 'release':
        this.#sendRelease(source, group, epoch, request.newEpoch, target);
        return;
      case 'thaw':
        desk.toRegion(source, { kind: 'thaw', group, epoch, newEpoch: request.newEpoch });
        return;
      case 'drop':
        if (target === source) return;
        this.#sendRelease(target, group, request.committedEpoch, request.newEpoch, source);
        return;
    }
  }

  #sendRelease(to: RegionEntry, group: number, epoch: number, newEpoch: number, owner: RegionEntry): void {
    const at = this.#addressOf(owner);
    this.#desk.toRegion(to, { kind: 'release', group, epoch, newEpoch, target: owner.id, ...at });
  }

  /** Tells a server that speaks of a group which is not its own, or is at a higher epoch. */
  #dismiss(server: string, group: number, epoch: number, entry: GroupEntry): void {
    const { book, out } = this.#desk;
    const newEpoch = book.effective(entry);
    if (epoch >= newEpoch) {
      this.#desk.ignore(server, 'NOT_OWNER', { group, epoch });
      return;
    }
    if (book.playing(entry.region)?.server === server) {
      out.toServer(server, { kind: 'thaw', group, epoch, newEpoch });
      this.#desk.players.remind(entry);
      return;
    }
    out.toServer(server, { kind: 'release', group, epoch, newEpoch, target: entry.region.id, ...this.#addressOf(entry.region) });
  }

  #tellOver(server: string, group: number, epoch: number): void {
    const newEpoch = this.#desk.epochs.next;
    this.#desk.out.toServer(server, { kind: 'release', group, epoch, newEpoch, target: '', server: '', address: '' });
  }

  #thawUnrecorded(server: string, group: number, epoch: number): void {
    const newEpoch = this.#desk.epochs.draw();
    if (newEpoch > 0) this.#desk.out.toServer(server, { kind: 'thaw', group, epoch, newEpoch });
  }

  #addressOf(region: RegionEntry): { server: string; address: string } {
    const server = this.#desk.book.playing(region);
    return { server: server?.server ?? '', address: server?.address ?? '' };
  }
}

function isIntent(machine: Machine): boolean {
  const { phase } = machine.state;
  return phase === 'predicted' || phase === 'preparing' || phase === 'syncing';
}

function expected(machine: Machine): number {
  return 'expectedMs' in machine.state ? machine.state.expectedMs : 0;
}

function about(message: { kind: string; group: number; epoch: number }): Readonly<Record<string, unknown>> {
  return { message: message.kind, group: message.group, epoch: message.epoch };
}
