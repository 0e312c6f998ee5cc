/**
 * A small world for tests: the coordinator between scripted servers, one gateway, and an atomic store, on a virtual clock and a
 * network that loses, doubles and delays by a seed. Servers and the gateway do what ARCHITECTURE.md says they do, no more.
 */
import { Heap, Prng } from '@horizon-atlas/base';
import type { StoreCondition, StoreOp, StoreRecord, StoreResult } from '@horizon-atlas/ports';
import {
  AuthorityRecord,
  type ControlToGateway,
  type ControlToServer,
  decodeRecord,
  encodeRecord,
  type GatewayToControl,
  keys,
  RegionRecord,
  ServerRecord,
  type ServerToControl,
} from '@horizon-atlas/protocol';
import { Coordinator, type CoordinatorOut, type RegionsPolicy, type WorldSpec } from '../src/index.ts';
import { FakeGateway } from './fake-gateway.ts';
import { FakeServer } from './fake-server.ts';

export interface Faults {
  readonly lose: number;
  readonly double: number;
  /** Largest delay of a message, ms; with `reorder` each has its own. */
  readonly delayMs: number;
  readonly reorder: boolean;
  /** Chances that a transaction is refused, is unknown and was not written, or is unknown and was (perhaps later). */
  readonly full: number;
  readonly unavailable: number;
  /** Longest time until a transaction is applied; each has its own, so they overtake one another. */
  readonly storeMs: number;
}

export const calm: Faults = { lose: 0, double: 0, delayMs: 1, reorder: false, full: 0, unavailable: 0, storeMs: 2 };

export function box(region: string, i: number) {
  return { region, name: region, minX: i * 100, maxX: (i + 1) * 100, minY: 0, maxY: 100, minZ: 0, maxZ: 100 };
}

export const threeInARow: WorldSpec = { regions: [box('a', 0), box('b', 1), box('c', 2)], spawn: 'a' };

export class Rig {
  nowMs = 0;
  faults: Faults = calm;
  coordinator: Coordinator;
  readonly servers = new Map<string, FakeServer>();
  readonly records = new Map<string, StoreRecord>();
  readonly prng: Prng;
  readonly log: string[] = [];
  /** What the gateway got, newest last. */
  readonly toGateway: ControlToGateway[] = [];
  readonly events: { name: string; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly problems: string[] = [];
  /** Fleet starts a server for each region that wants one; false: tests do it. */
  fleet = true;
  storeDown = false;
  /** The disk has been full at some time. */
  wasFull = false;
  trace = false;
  /** Called with each message that would be delivered; false loses it. */
  filter: (to: string, message: { kind: string }) => boolean = () => true;
  readonly gateway: FakeGateway;
  readonly #heap = new Heap<() => void>();
  #revision = 0;
  #life = 0;
  #nextPid = 1;
  readonly #world: WorldSpec;
  readonly #policy: Partial<RegionsPolicy>;

  constructor(seed = 1, policy: Partial<RegionsPolicy> = {}, world: WorldSpec = threeInARow) {
    this.prng = new Prng(seed);
    this.#world = world;
    this.#policy = policy;
    this.gateway = new FakeGateway(this);
    this.coordinator = this.#newCoordinator();
  }

  get life(): number {
    return this.#life;
  }

  note(text: string): void {
    this.log.push(`${this.nowMs.toFixed(1)} ${text}`);
  }

  after(ms: number, run: () => void): void {
    this.#heap.push(this.nowMs + ms, run);
  }

  /** Runs the virtual clock for so long. */
  run(ms: number): void {
    const until = this.nowMs + ms;
    while (true) {
      const due = Math.min(this.#heap.minKey, this.coordinatorUp ? this.coordinator.dueMs : Number.POSITIVE_INFINITY);
      if (due > until) break;
      this.nowMs = Math.max(this.nowMs, due);
      if (this.#heap.minKey <= this.nowMs) this.#heap.pop()?.();
      else this.coordinator.tick(this.nowMs);
    }
    this.nowMs = until;
  }

  /** Runs until it holds, and tells after how long; fails after `limitMs`. */
  until(what: string, holds: () => boolean, limitMs = 5_000): number {
    const start = this.nowMs;
    while (!holds()) {
      if (this.nowMs - start > limitMs) {
        throw new Error(`not within ${limitMs} ms: ${what}\n${this.log.slice(-60).join('\n')}`);
      }
      this.run(1);
    }
    return this.nowMs - start;
  }

  // ---- the network ----------------------------------------------------------------------------------------------

  send(to: string, message: { kind: string }, deliver: () => void): void {
    const { lose, double, delayMs, reorder } = this.faults;
    if (this.trace) this.note(`  → ${to} ${show(message)}`);
    if (!this.filter(to, message) || this.prng.chance(lose)) {
      this.note(`lost → ${to} ${show(message)}`);
      return;
    }
    this.after(reorder ? this.prng.between(0.1, delayMs) : delayMs, deliver);
    if (this.prng.chance(double)) this.after(this.prng.between(0.1, delayMs * 20), deliver);
  }

  toCoordinator(server: FakeServer, message: ServerToControl): void {
    const { life } = this;
    const link = server.link;
    this.send(`control from ${server.id}`, message, () => {
      if (life !== this.#life || !this.coordinatorUp || link !== server.link || server.link === 0) return;
      this.coordinator.fromServer(server.id, structuredClone(message), this.nowMs);
    });
  }

  fromGateway(message: GatewayToControl): void {
    const { life } = this;
    this.send('control from gateway', message, () => {
      if (life === this.#life && this.coordinatorUp) this.coordinator.fromGateway('g1', message, this.nowMs);
    });
  }

  // ---- processes --------------------------------------------------------------------------------------------------

  coordinatorUp = true;

  start(): void {
    this.coordinator.start(this.nowMs);
    this.gateway.hello();
    this.run(50);
  }

  /** kill -9 of the control plane, and another one `afterMs` later. Everybody dials again. */
  restartCoordinator(afterMs = 50): void {
    this.note('coordinator dies');
    this.coordinatorUp = false;
    this.#life++;
    for (const server of this.servers.values()) server.link = 0;
    this.after(afterMs, () => {
      this.note('coordinator starts');
      this.coordinatorUp = true;
      this.coordinator = this.#newCoordinator();
      this.coordinator.start(this.nowMs);
      this.after(this.prng.between(1, 100), () => this.gateway.hello());
      for (const server of this.servers.values()) this.after(this.prng.between(1, 300), () => server.dial());
    });
  }

  startServer(id: string, region: string): FakeServer {
    const server = new FakeServer(this, id, region, this.#nextPid++);
    this.servers.set(id, server);
    this.putServer(server, 'ready');
    server.dial();
    return server;
  }

  /** kill -9 of a server; fleet starts it again. */
  kill(id: string, againMs = 100): void {
    const server = this.servers.get(id);
    if (!server) return;
    this.note(`${id} dies`);
    server.dead = true;
    server.link = 0;
    this.servers.delete(id);
    const { life } = this;
    this.after(2, () => {
      this.putServer(server, 'backoff');
      if (life === this.#life && this.coordinatorUp) this.coordinator.serverDown(id, this.nowMs);
    });
    if (this.fleet) {
      this.after(againMs, () => {
        if (!this.servers.has(id) && this.fleetRecords.has(id)) this.startServer(id, server.region);
      });
    }
  }

  /** SIGSTOP, and SIGCONT later: its link is lost meanwhile, and it does not know. */
  pause(id: string, ms: number): void {
    const server = this.servers.get(id);
    if (!server || server.paused) return;
    this.note(`${id} pauses for ${ms} ms`);
    server.paused = true;
    const { life } = this;
    this.after(750, () => {
      if (!server.paused || server.dead) return;
      server.link = 0;
      if (life === this.#life && this.coordinatorUp) this.coordinator.serverDown(id, this.nowMs);
    });
    this.after(ms, () => {
      this.note(`${id} goes on`);
      server.paused = false;
      if (server.link === 0) server.dial();
      server.resume();
    });
  }

  /** Its link breaks, and cannot be made anew for so long. */
  cutLink(id: string, ms: number): void {
    const server = this.servers.get(id);
    if (!server) return;
    this.note(`the link of ${id} breaks for ${ms} ms`);
    server.link = 0;
    server.cutUntilMs = this.nowMs + ms;
    this.coordinator.serverDown(id, this.nowMs);
    this.after(ms, () => server.dial());
  }

  putServer(server: FakeServer, state: ServerRecord['state'], region = server.region): void {
    const record: ServerRecord = {
      server: server.id,
      region,
      state,
      pid: server.pid,
      address: `tcp:${server.id}`,
      restarts: 0,
      startedAtMs: 0,
      bootStamp: '',
      code: '',
      message: '',
    };
    this.fleetRecords.set(server.id, record);
    if (this.coordinatorUp) this.coordinator.serverRecord(server.id, record, this.nowMs);
  }

  readonly fleetRecords = new Map<string, ServerRecord>();

  // ---- the store ----------------------------------------------------------------------------------------------------

  authority(group: number): AuthorityRecord | undefined {
    const record = this.records.get(keys.authority(group));
    return record && decodeRecord(AuthorityRecord, record.value);
  }

  region(id: string): RegionRecord | undefined {
    const record = this.records.get(keys.region(id));
    return record && decodeRecord(RegionRecord, record.value);
  }

  #apply(ops: readonly StoreOp[], conditions: readonly StoreCondition[]): StoreResult {
    for (const { key, version } of conditions) {
      if ((this.records.get(key)?.version ?? 0) !== version) return { ok: false, code: 'STORE_CONFLICT', key };
    }
    const version = ++this.#revision;
    for (const op of ops) {
      if (op.op === 'delete') this.records.delete(op.key);
      else this.records.set(op.key, { key: op.key, value: op.value, version });
      if (op.key.startsWith('want/')) this.#wanted(op);
    }
    return { ok: true, revision: version };
  }

  /** Fleet: a region that wants a server gets one of its own; one that no longer does loses it. */
  #wanted(op: StoreOp): void {
    if (!this.fleet) return;
    const region = op.key.slice('want/'.length);
    const id = `s-${region}`;
    if (op.op === 'delete') {
      this.after(30, () => {
        const server = this.servers.get(id);
        if (!server || this.records.has(op.key)) return;
        server.dead = true;
        server.link = 0;
        this.servers.delete(id);
        this.fleetRecords.delete(id);
        if (this.coordinatorUp) this.coordinator.serverRecord(id, undefined, this.nowMs);
      });
    }
    if (op.op === 'put' && !this.servers.has(id) && !this.fleetRecords.has(id)) {
      this.fleetRecords.set(id, undefined as unknown as ServerRecord);
      this.after(this.prng.between(5, 50), () => this.startServer(id, region));
    }
  }

  /** Decide, persist, send: what is said must have been written by then. */
  #persisted(server: string, message: ControlToServer): void {
    if (message.kind === 'activate' || message.kind === 'admit') {
      this.#recorded(message.kind, message.group.group, message.region, message.group.epoch);
    } else if (message.kind === 'assign') {
      const record = this.region(message.region);
      const ok = record && (record.epoch > message.epoch || (record.epoch === message.epoch && record.server === server));
      if (!ok) this.problems.push(`assign of ${message.region}@${message.epoch} to ${server} before it was written`);
    }
  }

  #recorded(what: string, group: number, region: string, epoch: number): void {
    const record = this.authority(group);
    // Gone meanwhile, or ahead of the record after a thaw on a full disk.
    if (!record || this.wasFull) return;
    const effective = Math.max(record.group.epoch, this.region(region)?.epoch ?? 0);
    if (effective < epoch) this.problems.push(`${what} of ${group}@${epoch} before it was written: the record says ${effective}`);
  }

  #newCoordinator(): Coordinator {
    const life = this.#life;
    const alive = () => life === this.#life && this.coordinatorUp;
    const answer = (token: number, result: StoreResult) =>
      this.after(this.prng.between(0.5, 3), () => alive() && coordinator.stored(token, result, this.nowMs));
    const read = (token: number, wanted: (key: string) => boolean, direct?: readonly string[]) =>
      this.after(this.prng.between(0.5, 2), () => {
        if (!alive()) return;
        if (this.storeDown || this.prng.chance(this.faults.unavailable)) {
          return coordinator.recordRead(token, undefined, this.nowMs);
        }
        const fleet: StoreRecord[] = [];
        // What fleet wrote last is in the store like everything else.
        for (const [id, record] of direct ? [] : this.fleetRecords) {
          if (record) fleet.push({ key: keys.server(id), value: encodeRecord(ServerRecord, record), version: 1 });
        }
        const found = direct
          ? direct.map((key) => this.records.get(key)).filter((each) => each !== undefined)
          : [...this.records.values()].filter((each) => wanted(each.key));
        coordinator.recordRead(token, [...found, ...fleet], this.nowMs);
        if (!direct) for (const [id, record] of this.fleetRecords) if (record) coordinator.serverRecord(id, record, this.nowMs);
      });
    const out: CoordinatorOut = {
      transact: (token, ops, conditions) => {
        if (this.trace) this.note(`  transact ${ops.map((each) => `${each.op} ${each.key}`).join(', ')}`);
        if (this.faults.full > 0) this.wasFull = true;
        if (this.prng.chance(this.faults.full)) return answer(token, { ok: false, code: 'STORE_FULL', message: '' });
        const unknown = { ok: false, code: 'STORE_UNAVAILABLE', message: '' } as const;
        if (this.storeDown || this.prng.chance(this.faults.unavailable)) {
          // Not written, written, or written later.
          const which = this.prng.below(3);
          if (which === 1 && !this.storeDown) this.#apply(ops, conditions);
          if (which === 2) this.after(this.prng.between(1, 500), () => this.#apply(ops, conditions));
          return answer(token, unknown);
        }
        this.after(this.prng.between(0.2, this.faults.storeMs), () => answer(token, this.#apply(ops, conditions)));
      },
      read: (token, wanted) => read(token, () => false, wanted),
      list: (token, prefixes) => read(token, (key) => prefixes.some((prefix) => key.startsWith(prefix))),
      toServer: (id, message) => {
        const server = this.servers.get(id);
        this.#persisted(id, message);
        if (!server || !alive() || server.link === 0) return;
        const { link } = server;
        this.send(id, message, () => {
          if (server.link === link && !server.dead) server.hear(structuredClone(message));
        });
      },
      toGateway: (_, message) => {
        this.toGateway.push(message);
        if (message.kind === 'route') this.#recorded('route', message.entity, message.region, message.epoch);
        this.send('gateway', message, () => alive() && this.gateway.hear(message));
      },
      event: (name, fields) => {
        this.events.push({ name, fields });
        this.note(`event ${name} ${JSON.stringify(fields)}`);
      },
    };
    const coordinator: Coordinator = new Coordinator({ world: this.#world, policy: this.#policy }, out);
    return coordinator;
  }
}

export function show(message: { kind: string }): string {
  return JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? `<${value.join(' ')}>` : value));
}
