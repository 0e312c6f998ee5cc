/**
 * Servers and gateways come and go. What they hold they tell in `hello`; the records say what they should hold; each difference is
 * set right by the same messages that would have made it so in the first place.
 */
import {
  type ControlToGateway,
  type GatewayToControl,
  LINK_PROTOCOL,
  type ServerRecord,
  type ServerToControl,
} from '@horizon-atlas/protocol';
import type { RegionEntry, ServerEntry } from './book.ts';
import type { Desk } from './desk.ts';
import type { Timed } from './timers.ts';

type ServerHello = ServerToControl & { kind: 'hello' };
type GatewayHello = GatewayToControl & { kind: 'hello' };

/** States in which fleet says that the process is not there. */
const GONE = new Set<ServerRecord['state']>(['stopped', 'backoff', 'error']);

/** Whether fleet's record says that the process has ended. undefined: deleted, so fleet has given it up. */
export function isGone(record: ServerRecord | undefined): boolean {
  return !record || GONE.has(record.state);
}

export class ServerLinks {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  up(id: string, hello: ServerHello): void {
    const { book, out, lives } = this.#desk;
    const server = book.server(id);
    if (server.linked && server.pid !== hello.pid) this.down(id);
    server.linked = true;
    server.pid = hello.pid;
    server.address = hello.address;
    server.condemned = false;
    out.toServer(id, { kind: 'hello', version: LINK_PROTOCOL });
    this.#tellGateways();
    const held = new Map(hello.regions.map((each) => [each.region, each]));
    for (const region of [...server.regions]) {
      const mine = held.get(region.id);
      lives.held(region, mine?.epoch === region.epoch);
    }
    for (const each of hello.regions) {
      const region = book.regions.get(each.region);
      if (region && server.regions.has(region) && each.epoch === region.epoch) this.#reconcile(server, region, each.groups);
      else this.#condemn(server, each.region, each.epoch);
    }
    lives.sendMapTo(id);
    lives.serverFree();
  }

  down(id: string): void {
    const { book, lives, nowMs, graceUntilMs, policy, timers } = this.#desk;
    const server = book.servers.get(id);
    if (!server?.linked) return;
    server.linked = false;
    server.heartbeat = undefined;
    const turn = ++server.breaks;
    this.#tellGateways();
    // Only fleet knows of a death. A link may break for other reasons, such as a pause of this process, and then the server dials again.
    const timer: Timed = {
      dueMs: Number.POSITIVE_INFINITY,
      queuedMs: Number.POSITIVE_INFINITY,
      due: () => {
        if (!server.linked && server.breaks === turn) lives.serverLost(server);
      },
    };
    timers.set(timer, Math.max(graceUntilMs, nowMs + policy.redialMs));
  }

  /** Fleet's record of a server has changed. undefined: deleted. */
  record(id: string, record: ServerRecord | undefined): void {
    const { book, lives } = this.#desk;
    const server = book.server(id);
    server.record = record;
    // A process that fleet saw end needs no waiting for its link; but the word may be about the one before.
    if (isGone(record) && (!server.linked || !record || record.pid === server.pid)) {
      server.linked = false;
      lives.serverLost(server);
    }
    if (!record && server.regions.size === 0) book.servers.delete(id);
    else if (record?.state === 'ready') lives.serverFree();
  }

  #reconcile(server: ServerEntry, region: RegionEntry, held: ServerHello['regions'][number]['groups']): void {
    const { book, crossings, out } = this.#desk;
    const owned = new Set<number>();
    for (const { group, epoch, phase } of held) {
      const entry = book.groups.get(group);
      if (phase === 'released') continue;
      if (phase === 'warm') {
        const mine = entry?.region === region;
        if (!mine && !crossings.isExpected(group, region))
          out.toServer(server.server, { kind: 'cancel', group, epoch, target: region.id });
      } else if (phase === 'frozen') {
        if (entry && entry.region !== region && this.#playsElsewhere(entry.region)) {
          crossings.place(entry, region, epoch);
        } else if (!crossings.isExclusive(group)) {
          crossings.reconcileFrozen(server.server, group, epoch, undefined);
        }
        if (entry?.region === region) owned.add(group);
      } else if (entry?.region === region) {
        owned.add(group);
        crossings.heardOf(server.server, group, epoch);
        // An epoch that was drawn for a thaw on a full disk is ahead of the record.
        if (epoch > book.effective(entry) && epoch < this.#desk.epochs.next) entry.epoch = epoch;
        else if (epoch < book.effective(entry)) crossings.resync(server.server, group, epoch);
      } else {
        crossings.resync(server.server, group, epoch);
      }
    }
    for (const group of region.groups) {
      const entry = book.groups.get(group);
      if (entry && !owned.has(group)) crossings.place(entry);
    }
  }

  #playsElsewhere(region: RegionEntry): boolean {
    return region.life.phase === 'active' && this.#desk.book.playing(region) !== undefined;
  }

  /** It holds what is no longer its own, or never was: it came back from the dead, or lies. */
  #condemn(server: ServerEntry, region: string, epoch: number): void {
    this.#desk.ignore(server.server, 'EPOCH_STALE', { message: 'hello', region, epoch });
    server.condemned = true;
    this.sendStop(server);
  }

  /** Repeated with its heartbeats until it is gone. */
  sendStop(server: ServerEntry): void {
    this.#desk.out.toServer(server.server, { kind: 'stop', deadlineMs: this.#desk.policy.stopMs });
  }

  #tellGateways(): void {
    this.#desk.out.toGateway('*', serversOf(this.#desk));
  }
}

export class GatewayLinks {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Whoever keeps the keys has said `hello` to it. */
  up(gateway: string, hello: GatewayHello): void {
    const { book, out, players } = this.#desk;
    book.gateways.add(gateway);
    out.toGateway(gateway, serversOf(this.#desk));
    for (const { session, epoch } of hello.sessions) {
      const entry = book.sessions.get(session);
      if (!entry || epoch !== book.effective(entry)) players.locate(gateway, { kind: 'locate', session, epoch });
    }
    // A region that is being brought back was announced while this gateway was away.
    for (const region of book.regions.values()) {
      if (region.epoch === 0) continue;
      const server = book.playing(region)?.server ?? '';
      out.toGateway(gateway, { kind: 'regionRoute', region: region.id, server, epoch: region.epoch });
    }
  }

  down(gateway: string): void {
    this.#desk.book.gateways.delete(gateway);
  }
}

function serversOf({ book }: Desk): ControlToGateway {
  const servers: { server: string; address: string }[] = [];
  for (const { server, address, linked } of book.servers.values()) if (linked) servers.push({ server, address });
  return { kind: 'servers', servers };
}
