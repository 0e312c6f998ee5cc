/**
 * Players behind a front: where each of them goes when they come, when a server is gone, and when they are moved. The connections are the TCP side's.
 *
 *   login ──▶ held ⇄ open ──▶ (closed)
 */
import type { EdgeListener } from '@horizon-atlas/protocol';
import type { Directory, Place } from '../core/directory.ts';
import type { LoopbackAddresses } from '../core/loopback-addresses.ts';
import type { EdgePolicy } from '../core/policy.ts';
import type { FrontLeft, FrontMaker, FrontSeat, FrontTarget, PlayerFront } from './player-front.ts';
import { seenFrom } from './seen-from.ts';
import type { TcpSession } from './tcp-side.ts';

export interface FrontSideDeps {
  readonly policy: EdgePolicy;
  readonly directory: Directory;
  readonly loopbacks: LoopbackAddresses;
  readonly makeFront: FrontMaker;
  readonly now: () => number;
  readonly wake: (fleet: string, server: string) => void;
  /** The session's state, player or server is another one. */
  readonly changed: (session: TcpSession) => void;
  readonly drop: (why: string) => void;
}

interface Guest {
  readonly session: TcpSession;
  /** While its session is held. */
  heldSinceMs: number;
  seat: FrontSeat | undefined;
  /** Bytes of the connection that are counted already. */
  bytesIn: number;
  bytesOut: number;
  /** It was stuck when it was looked at last. */
  stuckSinceMs: number | undefined;
  /** Servers that let the player down, and when. */
  readonly letDown: Map<string, number>;
  seeking: Seeking | undefined;
  /** Where the player counts, and the fleet that they were in last. */
  loaded: string;
  fleet: string;
}

interface Seeking {
  sinceMs: number;
  readonly left: FrontLeft | undefined;
  /** Those that may take the player, the best one first; who did not wake is taken out. */
  readonly fleets: string[];
  lastWakeMs: number;
  readonly answer: (place: FrontTarget | { readonly why: string }) => void;
}

/** A server that let a player down is not tried again for so long. */
const LET_DOWN_MS = 10_000;
/** What waits for a player or a server that does not read; beyond, for `stallMs`: SLOW_PEER. */
const BACKLOG_BYTES_MAX = 1024 * 1024;
/** Beyond, at once. */
const BACKLOG_BYTES_END = 16 * 1024 * 1024;
/** Times `openingMs`: accounts are checked with somebody else. */
const LOGIN_FACTOR = 4;

/** What a player reads who goes no further. */
const reasons: Readonly<Record<string, string>> = {
  NO_SERVER: 'No server is up. Try again in a moment.',
  SERVER_GONE: 'The server is closing. Try again in a moment.',
  NOT_WOKEN: 'The server did not start in time. Try again in a moment.',
  SERVER_UNREACHABLE: 'The server cannot be reached. Try again in a moment.',
};

export class FrontSide {
  readonly #deps: FrontSideDeps;
  readonly #fronts = new Map<string, PlayerFront>();
  readonly #guests = new Map<number, Guest>();

  constructor(deps: FrontSideDeps) {
    this.#deps = deps;
  }

  get held(): number {
    let held = 0;
    for (const { session } of this.#guests.values()) if (session.state === 'held') held++;
    return held;
  }

  /** Rejects with why the front cannot be had. */
  async open(listener: EdgeListener): Promise<void> {
    const { front } = listener;
    if (!front) return;
    this.#fronts.set(listener.listener, await this.#deps.makeFront(front, () => this.#deps.drop('FRONT_FAULT')));
  }

  close(listener: string): void {
    this.#fronts.get(listener)?.close();
    this.#fronts.delete(listener);
  }

  has(session: number): boolean {
    return this.#guests.has(session);
  }

  take(session: TcpSession): void {
    const front = this.#fronts.get(session.listener.listener);
    if (!front) return void session.client.destroy();
    const guest: Guest = {
      ...{ session, heldSinceMs: 0, seat: undefined, bytesIn: 0, bytesOut: 0, stuckSinceMs: undefined },
      ...{ letDown: new Map<string, number>(), seeking: undefined, loaded: '', fleet: '' },
    };
    this.#guests.set(session.id, guest);
    guest.seat = front.take(session.client, {
      seek: (player, left) => this.#seek(guest, player, left),
      entered: (target, seenAs) => this.#entered(guest, target, seenAs),
    });
  }

  /** The connection is over. Answers bytes that were not counted yet. */
  closed(id: number): { readonly bytesIn: number; readonly bytesOut: number } {
    const guest = this.#guests.get(id);
    if (!guest) return { bytesIn: 0, bytesOut: 0 };
    this.#guests.delete(id);
    this.#load(guest, '');
    guest.seeking?.answer({ why: '' });
    return fresh(guest);
  }

  leave(id: number, why: string): void {
    this.#guests.get(id)?.seat?.leave(why);
  }

  /** Rejects with an error that says why not. */
  async move(id: number, server: string): Promise<void> {
    const guest = this.#guests.get(id);
    if (!guest?.seat) throw new Error('the session is over');
    const { directory } = this.#deps;
    const place = directory.placeOf(server, guest.session.listener.port);
    if (place?.state !== 'up') throw new Error(`${server} is not up, or has no port ${guest.session.listener.port}`);
    if (guest.session.server === server && guest.session.state === 'open') return;
    directory.load(server, 1);
    try {
      await guest.seat.move(this.#target(guest, place));
      guest.fleet = place.fleet;
    } finally {
      directory.load(server, -1);
    }
  }

  targetsChanged(): void {
    for (const guest of [...this.#guests.values()]) if (guest.seeking) this.#find(guest, guest.seeking);
  }

  notWoken(fleet: string, server: string): void {
    for (const guest of [...this.#guests.values()]) {
      const { seeking, session } = guest;
      if (!seeking || seeking.fleets[0] !== fleet) continue;
      if (server === '' || session.server === '' || session.server === server) this.#notThere(guest, seeking);
    }
  }

  /** Answers the bytes that went through since the last time. */
  tick(nowMs: number): { readonly bytesIn: number; readonly bytesOut: number } {
    const sum = { bytesIn: 0, bytesOut: 0 };
    for (const guest of [...this.#guests.values()]) {
      const { bytesIn, bytesOut } = fresh(guest);
      sum.bytesIn += bytesIn;
      sum.bytesOut += bytesOut;
      this.#look(guest, nowMs);
    }
    return sum;
  }

  #look(guest: Guest, nowMs: number): void {
    const { policy, drop } = this.#deps;
    const { session, seeking } = guest;
    if (session.state === 'opening' && nowMs - session.sinceMs > policy.openingMs * LOGIN_FACTOR) {
      drop('HANDSHAKE_TIMEOUT');
      session.client.destroy();
      return;
    }
    const backlog = guest.seat?.backlogBytes ?? 0;
    guest.stuckSinceMs = backlog > BACKLOG_BYTES_MAX ? (guest.stuckSinceMs ?? nowMs) : undefined;
    if (backlog > BACKLOG_BYTES_END || nowMs - (guest.stuckSinceMs ?? nowMs) > policy.stallMs) {
      drop('SLOW_PEER');
      session.client.destroy();
      return;
    }
    if (!seeking) return;
    if (nowMs - seeking.sinceMs > session.listener.holdMs) this.#notThere(guest, seeking);
    else if (nowMs - seeking.lastWakeMs >= policy.wakeAgainMs) this.#find(guest, seeking);
  }

  // ---- where to ----------------------------------------------------------------------------------------------------

  #seek(guest: Guest, player: string, left: FrontLeft | undefined): Promise<FrontTarget | { readonly why: string }> {
    const { now } = this.#deps;
    const { session, letDown } = guest;
    session.player = player;
    const former = left ? guest.fleet : '';
    if (left) letDown.set(left.server, now());
    this.#load(guest, '');
    if (session.listener.server === '') session.server = '';
    const { fleet, front } = session.listener;
    const fleets = [...new Set([...(former === '' ? [] : [former]), fleet, ...(front?.fallback ?? [])])];
    return new Promise((answer) => {
      // Servers that let the player down one after the other do not hold them for ever.
      const sinceMs = left && session.state === 'held' ? guest.heldSinceMs : now();
      const seeking: Seeking = { sinceMs, left, fleets, lastWakeMs: Number.NEGATIVE_INFINITY, answer };
      guest.seeking = seeking;
      this.#find(guest, seeking);
    });
  }

  /** A server that is up takes the player; otherwise, in the first fleet that may have one soon, the player waits for it. */
  #find(guest: Guest, seeking: Seeking): void {
    const { directory, now } = this.#deps;
    const { session, letDown } = guest;
    const { listener } = session;
    for (const [server, atMs] of letDown) if (now() - atMs > LET_DOWN_MS) letDown.delete(server);
    let why = 'NO_SERVER';
    for (const [i, fleet] of seeking.fleets.entries()) {
      const own = fleet === listener.fleet ? listener.server : '';
      const choice = directory.choose({ ...listener, fleet }, own, letDown);
      if (choice.kind === 'place') return this.#answer(guest, seeking, choice.place);
      if (choice.kind === 'none') why = choice.why;
      // Who comes in waits for the fleet that they came for; who was left by a server is better off in another fleet than in none.
      else if (!seeking.left && i === 0) return this.#hold(guest, seeking, choice.fleet, choice.server);
    }
    // Who is sent away is told why, and not held for the same server to do it again.
    if (!seeking.left || seeking.left.kicked || !listener.wake) return this.#giveUp(guest, seeking, why);
    const [fleet = listener.fleet] = seeking.fleets;
    const choice = directory.choose({ ...listener, fleet }, '', letDown);
    this.#hold(guest, seeking, fleet, choice.kind === 'asleep' ? choice.server : '');
  }

  #hold(guest: Guest, seeking: Seeking, fleet: string, server: string): void {
    const { now, policy, changed, wake } = this.#deps;
    const { session } = guest;
    if (session.state !== 'held') {
      session.state = 'held';
      guest.heldSinceMs = seeking.sinceMs;
      changed(session);
    }
    if (now() - seeking.lastWakeMs < policy.wakeAgainMs) return;
    seeking.lastWakeMs = now();
    wake(fleet, server);
  }

  /** Held for nothing: perhaps the next fleet has a server. */
  #notThere(guest: Guest, seeking: Seeking): void {
    seeking.fleets.shift();
    if (seeking.fleets.length === 0) return this.#giveUp(guest, seeking, 'NOT_WOKEN');
    seeking.sinceMs = this.#deps.now();
    seeking.lastWakeMs = Number.NEGATIVE_INFINITY;
    this.#find(guest, seeking);
  }

  #answer(guest: Guest, seeking: Seeking, place: Place): void {
    guest.seeking = undefined;
    guest.fleet = place.fleet;
    this.#load(guest, place.server);
    seeking.answer(this.#target(guest, place));
  }

  #giveUp(guest: Guest, seeking: Seeking, why: string): void {
    guest.seeking = undefined;
    this.#deps.drop(why);
    seeking.answer({ why: reasons[why] ?? why });
  }

  #target({ session }: Guest, place: Place): FrontTarget {
    const { server: name, host, port } = place;
    return { name, host, port, ...seenFrom(session, place, this.#deps.loopbacks) };
  }

  #entered(guest: Guest, { name }: FrontTarget, seenAs: string): void {
    const { session } = guest;
    this.#load(guest, name);
    session.server = name;
    session.seenAs = seenAs;
    session.state = 'open';
    this.#deps.changed(session);
  }

  #load(guest: Guest, server: string): void {
    if (guest.loaded === server) return;
    const { directory } = this.#deps;
    if (guest.loaded !== '') directory.load(guest.loaded, -1);
    if (server !== '') directory.load(server, 1);
    guest.loaded = server;
  }
}

function fresh(guest: Guest): { readonly bytesIn: number; readonly bytesOut: number } {
  const { bytesRead, bytesWritten } = guest.session.client;
  const [bytesIn, bytesOut] = [bytesRead - guest.bytesIn, bytesWritten - guest.bytesOut];
  guest.bytesIn = bytesRead;
  guest.bytesOut = bytesWritten;
  return { bytesIn, bytesOut };
}
