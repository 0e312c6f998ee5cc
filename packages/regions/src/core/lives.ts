/**
 * All regions' lives: wakes, assigns, recovers and puts to sleep, and tells everybody the map.
 *
 * Nothing here waits in a loop: regions that want a server are tried when a server appears, and when their own timer says so.
 */
import {
  AuthorityRecord,
  CheckpointRecord,
  decodeRecord,
  encodeRecord,
  type Group,
  keys,
  type RegionPlace,
  RegionRecord,
  WantRecord,
} from '@horizon-atlas/protocol';
import type { RegionEntry, ServerEntry } from './book.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Desk } from './desk.ts';
import { isGone } from './links.ts';
import { mergeRegion } from './merge-region.ts';
import {
  adopt,
  type RegionInput,
  type RegionLife,
  type RegionRequest,
  type RegionStep,
  serverOf,
  stepRegion,
} from './region-life.ts';
import type { Timed } from './timers.ts';
import type { Outcome, Records, Write } from './writes.ts';

interface Assignment {
  readonly world: Uint8Array;
  readonly tick: number;
  readonly groups: readonly Group[];
}

const MAP_DELAY_MS = 5;

export class Lives {
  readonly #desk: Desk;
  readonly #checkpoints: Checkpoints;
  readonly #timers = new Map<RegionEntry, Timed>();
  readonly #quiet = new Map<RegionEntry, Timed>();
  readonly #waiting = new Set<RegionEntry>();
  readonly #loading = new Set<RegionEntry>();
  readonly #assignments = new Map<RegionEntry, Assignment>();
  /** Counts the writes of each region's record: only the latest one's outcome is for its machine. */
  readonly #writes = new Map<RegionEntry, number>();
  readonly #occupied = new Set<RegionEntry>();
  readonly #map: Timed;
  #mapVersion = 0;

  constructor(desk: Desk, checkpoints: Checkpoints) {
    this.#desk = desk;
    this.#checkpoints = checkpoints;
    this.#map = timed(() => this.#sendMap());
    for (const region of desk.book.regions.values()) {
      this.#timers.set(
        region,
        timed(() => this.#feed(region, { kind: 'tick' })),
      );
      this.#quiet.set(
        region,
        timed(() => this.#sleepIfQuiet(region)),
      );
    }
  }

  /** What a coordinator does first with a region whose record it has read. */
  begin(region: RegionEntry, record: RegionRecord | undefined, version: number): void {
    region.version = version;
    region.epoch = record?.epoch ?? 0;
    if (!record || record.state === 'asleep') return;
    this.#apply(region, adopt(record.server, record.epoch, this.#desk.nowMs + this.#desk.policy.adoptMs));
    // Fleet has seen its process end while nobody coordinated: there is nobody to wait for.
    if (isGone(this.#desk.book.servers.get(record.server)?.record)) this.#feed(region, { kind: 'lost' });
  }

  wake(region: RegionEntry): void {
    this.#feed(region, { kind: 'wake' });
  }

  /** Something is on its way to the region, or no longer is. */
  hold(region: RegionEntry, by: 1 | -1): void {
    region.inbound += by;
    this.populationChanged(region);
  }

  /** Players or expectations have changed: wake it and its neighbours, or let them fall asleep later. */
  populationChanged(...regions: RegionEntry[]): void {
    for (const region of regions) {
      const was = this.#occupied.has(region);
      const is = region.players > 0;
      if (is) this.#occupied.add(region);
      else this.#occupied.delete(region);
      this.#review(region);
      if (is !== was && this.#desk.policy.warmNeighbours) for (const each of region.neighbours) this.#review(each);
    }
  }

  serverLost(server: ServerEntry): void {
    // All claims before any crossing turns back: what goes back to its source must be above the epochs that these draw.
    const lost = [...server.regions];
    for (const region of lost) this.#feed(region, { kind: 'lost' });
    for (const region of lost) this.#desk.crossings.regionLost(region);
  }

  /** What the server plays is given to others, one region after the other, each as soon as somebody is there to take it. */
  empty(server: ServerEntry): void {
    server.leaving = true;
    if (server.regions.size === 0) this.#desk.out.event('server.emptied', { server: server.server });
    else this.#moveOn();
  }

  /** The region's server has presented itself and holds it at the record's epoch, or does not. */
  held(region: RegionEntry, yes: boolean): void {
    this.#feed(region, { kind: 'held', yes });
    if (!yes) this.#desk.crossings.regionLost(region);
  }

  regionUp(server: string, id: string, epoch: number): void {
    this.#answer(server, id, { kind: 'regionUp', epoch });
  }

  refused(server: string, id: string, epoch: number, code: string): void {
    this.#desk.out.event('region.refused', { server, region: id, code });
    this.#desk.book.server(server).restUntilMs = this.#desk.nowMs + this.#desk.policy.assignTimeoutMs / 5;
    this.#answer(server, id, { kind: 'refused', epoch });
  }

  slept(server: string, id: string, epoch: number): void {
    const region = this.#desk.book.regions.get(id);
    // Not before its last checkpoint is durable; it is asked again until then.
    const early = region?.life.phase === 'draining' && (!this.#checkpoints.isCovered(region) || region.busy > 0);
    if (!early) this.#answer(server, id, { kind: 'slept', epoch });
  }

  /** A server may have become free. */
  serverFree(): void {
    for (const region of [...this.#waiting]) this.#findServer(region);
    this.#moveOn();
  }

  /** No transaction that concerns the region's groups is under way any more. */
  settled(region: RegionEntry): void {
    if (this.#loading.has(region)) this.#load(region);
  }

  place(region: RegionEntry): RegionPlace {
    const { life, spec, epoch } = region;
    const server = this.#desk.book.servers.get(serverOf(life));
    return {
      region: spec.region,
      name: spec.name,
      minX: spec.minX,
      maxX: spec.maxX,
      minY: spec.minY,
      maxY: spec.maxY,
      minZ: spec.minZ,
      maxZ: spec.maxZ,
      server: server?.server ?? '',
      address: server?.address ?? '',
      epoch,
      active: life.phase === 'active',
    };
  }

  sendMapTo(server: string): void {
    if (this.#mapVersion === 0) this.#mapVersion = this.#desk.epochs.draw();
    const regions = [...this.#desk.book.regions.values()].map((region) => this.place(region));
    this.#desk.out.toServer(server, { kind: 'map', version: this.#mapVersion, regions });
  }

  // ---- the machine ------------------------------------------------------------------------------------------------

  #answer(server: string, id: string, input: RegionInput): void {
    const region = this.#desk.book.regions.get(id);
    if (region && serverOf(region.life) === server) this.#feed(region, input);
    else this.#desk.ignore(server, 'NOT_OWNER', { message: input.kind, region: id });
  }

  #feed(region: RegionEntry, input: RegionInput): void {
    const { life } = region;
    this.#apply(region, stepRegion(life, input, this.#desk.nowMs, this.#desk.policy));
    if (life.phase === 'assigning' && input.kind === 'tick' && region.life.phase === 'claiming')
      this.#giveUpOn(life.server, region);
  }

  /** It is there and does not take what it is given. Asked again it would be the same, so it has to make room for another. */
  #giveUpOn(id: string, region: RegionEntry): void {
    const { book, out, policy, nowMs, graceUntilMs } = this.#desk;
    // After a pause of the coordinator its answer may be on its way.
    if (nowMs < graceUntilMs) return;
    out.event('region.refused', { server: id, region: region.id, code: 'SERVER_START_TIMEOUT' });
    book.server(id).condemned = true;
    out.toServer(id, { kind: 'stop', deadlineMs: policy.stopMs });
  }

  #apply(region: RegionEntry, { next, requests }: RegionStep): void {
    const before = region.life;
    const moved = next.phase === 'claiming' && next.moved && before.phase === 'draining';
    region.life = next;
    const timer = this.#timers.get(region);
    if (timer) this.#desk.timers.set(timer, next.dueMs);
    if (serverOf(before) !== serverOf(next)) {
      this.#left(region, this.#desk.book.servers.get(serverOf(before)));
      if (serverOf(next) !== '') this.#desk.book.server(serverOf(next)).regions.add(region);
    }
    if (before.phase !== next.phase) this.#entered(region, before);
    for (const request of requests) this.#perform(region, request);
    // After the claim, as for a lost server: what goes back to its source must be above the epoch that this one draws.
    if (moved) this.#desk.crossings.regionLost(region);
  }

  #left(region: RegionEntry, server: ServerEntry | undefined): void {
    server?.regions.delete(region);
    if (server?.leaving && server.regions.size === 0) this.#desk.out.event('server.emptied', { server: server.server });
  }

  /** One at a time: two regions would find the same server. */
  #moveOn(): void {
    const { book } = this.#desk;
    if (this.#waiting.size > 0) return;
    for (const server of book.servers.values()) {
      if (!server.leaving || !server.linked) continue;
      const mine = [...server.regions];
      if (mine.some(({ life }) => life.phase === 'draining' && life.moving)) return;
      const next = mine.find(({ life }) => life.phase === 'active');
      if (!next || !this.#spare()) continue;
      this.#feed(next, { kind: 'move' });
      return;
    }
  }

  #entered(region: RegionEntry, before: RegionLife): void {
    const { life } = region;
    const from = before.phase;
    const { nowMs, out, figures } = this.#desk;
    if (life.phase === 'waiting') this.#waiting.add(region);
    else this.#waiting.delete(region);
    if (life.phase !== 'loading') this.#loading.delete(region);
    const assignment = this.#assignments.get(region);
    if (life.phase !== 'assigning' && life.phase !== 'loading') this.#assignments.delete(region);
    if (life.phase === 'claiming') {
      if (from === 'asleep' || from === 'closing') region.wokenMs = nowMs;
      else if (from === 'active' || from === 'draining' || from === 'adopting') {
        region.wokenMs = nowMs;
        // Also where nobody was there to take it, and its server has ended after a last checkpoint.
        const meant = life.moved || this.#desk.book.servers.get(serverOf(before))?.leaving === true;
        if (!meant) figures.recoveries++;
        out.event(meant ? 'region.moving' : 'region.lost', { region: region.id, epoch: region.epoch });
      }
    }
    if (life.phase === 'active') this.#opened(region, from, assignment);
    if (life.phase === 'closing') this.#desk.crossings.regionLost(region);
    if (life.phase === 'draining') out.event('region.draining', { region: region.id });
    if (life.phase === 'asleep') out.event('region.asleep', { region: region.id });
    this.#desk.timers.set(this.#map, nowMs + MAP_DELAY_MS);
  }

  #opened(region: RegionEntry, from: string, assignment: Assignment | undefined): void {
    const { out, figures, nowMs, crossings, players, book } = this.#desk;
    if (from === 'assigning') figures.spawnMs.add(nowMs - region.wokenMs);
    const server = serverOf(region.life);
    out.event('region.active', { region: region.id, server, epoch: region.epoch, afterMs: nowMs - region.wokenMs });
    out.toGateway('*', { kind: 'regionRoute', region: region.id, server, epoch: region.epoch });
    if (assignment) {
      const assigned = new Set(assignment.groups.map((each) => each.group));
      for (const group of region.groups) {
        const entry = book.groups.get(group);
        if (entry && !assigned.has(group)) crossings.place(entry);
      }
    }
    crossings.regionReady(region);
    players.regionReady(region);
    this.#review(region);
    this.#moveOn();
  }

  #perform(region: RegionEntry, request: RegionRequest): void {
    switch (request.ask) {
      case 'claim':
        this.#claim(region);
        return;
      case 'findServer':
        this.#findServer(region);
        return;
      case 'bind':
        this.#writeRecord(region, { server: request.server, epoch: request.epoch, state: 'active' });
        return;
      case 'load':
        this.#load(region);
        return;
      case 'assign':
        this.#assign(region);
        return;
      case 'sleep':
        this.#desk.toRegion(region, { kind: 'sleep', region: region.id, epoch: region.epoch });
        return;
      case 'close':
        this.#writeRecord(region, { server: '', epoch: request.epoch, state: 'asleep' });
        return;
    }
  }

  #claim(region: RegionEntry): void {
    const epoch = this.#desk.epochs.draw();
    if (epoch === 0) {
      this.#feed(region, { kind: 'notStored' });
      return;
    }
    this.#writeRecord(region, { server: '', epoch, state: 'starting' });
  }

  #writeRecord(region: RegionEntry, to: Omit<RegionRecord, 'region'>): void {
    const key = keys.region(region.id);
    const record: RegionRecord = { region: region.id, ...to };
    const want = keys.want(region.id);
    const ops: Write['ops'] = [
      { op: 'put', key, value: encodeRecord(RegionRecord, record) },
      to.state === 'asleep'
        ? { op: 'delete', key: want }
        : { op: 'put', key: want, value: encodeRecord(WantRecord, { region: region.id, server: to.server }) },
    ];
    const turn = (this.#writes.get(region) ?? 0) + 1;
    this.#writes.set(region, turn);
    this.#desk.writes.write({ ops, conditions: [{ key, version: region.version }] }, (outcome) => {
      this.#written(region, record, outcome, this.#writes.get(region) === turn);
    });
  }

  #written(region: RegionEntry, record: RegionRecord, outcome: Outcome, latest: boolean): void {
    if (outcome.kind === 'written') {
      region.version = Math.max(region.version, outcome.version);
      if (!latest) return;
      region.epoch = record.epoch;
      if (record.state === 'starting') {
        this.#desk.out.toGateway('*', { kind: 'regionRoute', region: region.id, server: '', epoch: record.epoch });
      }
      this.#feed(region, { kind: 'stored', epoch: record.epoch });
      return;
    }
    // Only an earlier write of our own can have come first; ours is conditioned on what it left from now on.
    if (outcome.kind === 'conflict') region.version = Math.max(region.version, outcome.record?.version ?? 0);
    if (latest) this.#feed(region, { kind: 'notStored' });
  }

  #findServer(region: RegionEntry): void {
    for (const server of this.#desk.book.servers.values()) {
      if (!this.#mayServe(server) || server.record?.region !== region.id) continue;
      this.#feed(region, { kind: 'server', server: server.server });
      return;
    }
    const spare = this.#spare();
    if (spare) this.#feed(region, { kind: 'server', server: spare.server });
  }

  #mayServe(server: ServerEntry): boolean {
    const { nowMs } = this.#desk;
    return (
      server.linked && !server.condemned && !server.leaving && nowMs >= server.restUntilMs && server.record?.state === 'ready'
    );
  }

  /** One that nobody needs. */
  #spare(): ServerEntry | undefined {
    for (const server of this.#desk.book.servers.values()) {
      if (this.#mayServe(server) && server.record?.region === '' && server.regions.size === 0) return server;
    }
    return undefined;
  }

  #load(region: RegionEntry): void {
    if (region.busy > 0) {
      this.#loading.add(region);
      return;
    }
    this.#loading.delete(region);
    const { epoch } = region;
    const wanted = [keys.checkpoint(region.id), ...[...region.groups].map((group) => keys.authority(group))];
    this.#desk.writes.read(wanted, (records) => {
      if (region.life.phase !== 'loading' || region.epoch !== epoch) return;
      this.#assignments.set(region, this.#merge(region, records));
      this.#feed(region, { kind: 'loaded' });
    });
  }

  #merge(region: RegionEntry, records: Records): Assignment {
    const { book, out } = this.#desk;
    const stored = records.get(keys.checkpoint(region.id));
    const checkpoint = stored && decodeRecord(CheckpointRecord, stored.value);
    if (stored && !checkpoint) out.event('checkpoint.unreadable', { region: region.id });
    const authorities: AuthorityRecord[] = [];
    for (const group of region.groups) {
      const record = records.get(keys.authority(group));
      const authority = record && decodeRecord(AuthorityRecord, record.value);
      if (authority) authorities.push(authority);
    }
    // What the checkpoint has and others own by now needs no reading: the book knows.
    for (const { group } of checkpoint?.groups ?? []) {
      const entry = book.groups.get(group);
      if (entry && entry.region !== region) authorities.push(elsewhere(entry.region.id, group));
    }
    const groups = mergeRegion(region.id, region.epoch, checkpoint, authorities);
    // Who has no state yet has never been in the world: admitted, with a place, once the region is up.
    return {
      world: checkpoint?.world ?? EMPTY,
      tick: checkpoint?.tick ?? 0,
      groups: groups.filter((each) => each.state.length > 0),
    };
  }

  #assign(region: RegionEntry): void {
    const assignment = this.#assignments.get(region);
    const { life } = region;
    if (!assignment || life.phase !== 'assigning') return;
    const groups = [...assignment.groups];
    const { world, tick } = assignment;
    this.#desk.out.toServer(life.server, { kind: 'assign', region: region.id, epoch: life.epoch, world, groups, tick });
  }

  // ---- sleep --------------------------------------------------------------------------------------------------------

  #isNeeded(region: RegionEntry): boolean {
    if (region.players > 0 || region.inbound > 0 || region === this.#desk.book.spawn) return true;
    return this.#desk.policy.warmNeighbours && region.neighbours.some((each) => this.#occupied.has(each));
  }

  #review(region: RegionEntry): void {
    const timer = this.#quiet.get(region);
    if (!timer) return;
    if (this.#isNeeded(region)) {
      this.#desk.timers.set(timer, Number.POSITIVE_INFINITY);
      if (region.life.phase === 'asleep' || region.life.phase === 'draining' || region.life.phase === 'closing')
        this.wake(region);
    } else if (timer.dueMs === Number.POSITIVE_INFINITY) {
      this.#desk.timers.set(timer, this.#desk.nowMs + this.#desk.policy.sleepAfterMs);
    }
  }

  #sleepIfQuiet(region: RegionEntry): void {
    if (this.#isNeeded(region)) return;
    if (region.life.phase === 'active' && region.busy === 0) {
      this.#feed(region, { kind: 'quiet' });
      return;
    }
    if (region.life.phase !== 'asleep') this.#review(region);
  }

  #sendMap(): void {
    this.#mapVersion = Math.max(this.#mapVersion + 1, this.#desk.epochs.draw());
    for (const server of this.#desk.book.servers.values()) if (server.linked) this.sendMapTo(server.server);
  }
}

const EMPTY = new Uint8Array(0);

function elsewhere(region: string, group: number): AuthorityRecord {
  const nobody = { group, epoch: 0, claimed: true, player: '', name: '', session: '', state: EMPTY };
  return { region, group: nobody, stateEpoch: 0, x: undefined, y: undefined, z: undefined };
}

function timed(due: () => void): Timed {
  return { dueMs: Number.POSITIVE_INFINITY, queuedMs: Number.POSITIVE_INFINITY, due };
}
