/** A gateway as the coordinator and the servers see it: sessions that join, play, and are asked whether they still stand. */
import type { ControlToGateway } from '@horizon-atlas/protocol';
import type { Rig } from './rig.ts';

export interface Session {
  readonly session: string;
  readonly player: string;
  server: string;
  region: string;
  /** Of the last route. */
  routed: number;
  /** What its handle stands for: the route's epoch, or its region's if that is higher. */
  epoch: number;
  joined: boolean;
  over: string;
  sent: number;
  covered: number;
}

/** Sends each session's commands to whoever it is attached to, keeps them until covered, and complains when one is lost. */
export class FakeGateway {
  readonly sessions = new Map<string, Session>();
  readonly #regions = new Map<string, { server: string; epoch: number }>();
  readonly #rig: Rig;
  #request = 0;

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  hello(): void {
    const sessions = [...this.sessions.values()]
      .filter((each) => each.joined && each.over === '')
      .map(({ session, epoch }) => ({ session, epoch }));
    this.#rig.fromGateway({ kind: 'hello', gateway: 'g1', version: 1, pid: 1, url: '', sessions });
  }

  join(player: string, session: string): Session {
    const fresh = { server: '', region: '', routed: 0, epoch: 0, joined: false, over: '', sent: 0, covered: 0 };
    const entry: Session = { session, player, ...fresh };
    this.sessions.set(session, entry);
    const request = ++this.#request;
    const ask = () => {
      if (entry.joined || entry.over !== '') return;
      this.#rig.fromGateway({ kind: 'join', request, session, player, name: player, remoteAddress: '', format: 'atlas' });
      this.#rig.after(500, ask);
    };
    this.#requests.set(request, entry);
    ask();
    return entry;
  }

  readonly #requests = new Map<number, Session>();

  hear(message: ControlToGateway): void {
    switch (message.kind) {
      case 'joined': {
        const entry = this.sessions.get(message.session);
        if (entry?.over !== '') return;
        entry.joined = true;
        this.#route(entry, message.region, message.server, message.epoch);
        return;
      }
      case 'route': {
        const entry = this.sessions.get(message.session);
        if (entry?.joined) this.#route(entry, message.region, message.server, message.epoch);
        return;
      }
      case 'regionRoute': {
        const known = this.#regions.get(message.region);
        if (known && known.epoch > message.epoch) return;
        this.#regions.set(message.region, { server: message.server, epoch: message.epoch });
        for (const each of this.sessions.values()) {
          if (each.region !== message.region || each.epoch > message.epoch) continue;
          each.server = message.server;
          each.epoch = message.epoch;
        }
        return;
      }
      case 'confirm': {
        const entry = this.sessions.get(message.session);
        if (entry && !entry.joined && entry.over === '') {
          this.#rig.fromGateway({ kind: 'confirmed', session: message.session, nonce: message.nonce });
        }
        return;
      }
      case 'refuse': {
        const entry = this.#requests.get(message.request);
        if (entry && !entry.joined) entry.over = message.code;
        return;
      }
      case 'kick':
      case 'gone': {
        const entry = this.sessions.get(message.session);
        if (entry) entry.over = message.code;
        return;
      }
      default:
        return;
    }
  }

  /** A session plays: its next command, and all that are not covered, go to its server if that accepts the attach. */
  play(session: string): void {
    const entry = this.sessions.get(session);
    if (!entry?.joined || entry.over !== '') return;
    entry.sent++;
    const server = this.#rig.servers.get(entry.server);
    const group = server?.sessionAt(session, entry.epoch);
    if (!server || !group) return;
    if (group.applied < entry.covered) {
      this.#rig.problems.push(
        `${session}: commands ${group.applied + 1}–${entry.covered} were covered, and ${server.id} lost them`,
      );
    }
    group.applied = Math.max(group.applied, entry.sent);
  }

  /** A server says what is covered, on the handle of this epoch. */
  covered(server: string, session: string, epoch: number, applied: number): void {
    const entry = this.sessions.get(session);
    if (entry?.server === server && entry.epoch === epoch) entry.covered = Math.max(entry.covered, applied);
  }

  /** What a refused attach leads to. */
  locate(session: string): void {
    const entry = this.sessions.get(session);
    if (!entry?.joined || entry.over !== '') return;
    const server = this.#rig.servers.get(entry.server);
    if (!server?.sessionAt(session, entry.epoch)) this.#rig.fromGateway({ kind: 'locate', session, epoch: entry.epoch });
  }

  #route(entry: Session, region: string, server: string, epoch: number): void {
    if (epoch < entry.epoch) return;
    entry.region = region;
    entry.epoch = epoch;
    entry.server = server;
    const known = this.#regions.get(region);
    if (known && known.epoch > epoch) {
      entry.epoch = known.epoch;
      entry.server = known.server;
    }
  }
}
