/**
 * UDP through an edge: an engine that is told of each datagram and of the time. A session is one peer of one listener, and has a socket of its own to the
 * game server, so that a server which nobody changed sees each player as a peer of its own.
 *
 * Strangers pay first: what is not a session's is looked at in the order of what a look costs (first bytes, who knocks twice, limits, the token's hash), and answered by
 * nothing, or by less than was received.
 */
import type { EdgeListener } from '@horizon-atlas/protocol';
import type { Admission } from './admission.ts';
import { Bucket } from './bucket.ts';
import type { Choice, Directory, Place } from './directory.ts';
import type { EdgeClaim } from './edge-token.ts';
import { Holding } from './holding.ts';
import { isOurs, type Refusal, readClientFrame, refusals, refusedFrame } from './join-frame.ts';
import { isLoopback } from './loopback-addresses.ts';
import type { EdgePolicy } from './policy.ts';
import { Proof } from './proof.ts';
import { proxyHeader } from './proxy-header.ts';
import { SecondLook } from './second-look.ts';
import { PeerTable, UdpSession, type UdpSessionRecord, type UdpUpstream } from './udp-session.ts';

export interface UdpOut {
  /** A socket to the server, bound to `from` if given. What comes by it goes to `fromServer` with this very socket; `opened` or `failed` follows. */
  open(session: UdpSession, place: Place, from: { readonly host: string; readonly port: number } | undefined): UdpUpstream;
  toPeer(session: UdpSession, data: Uint8Array): void;
  /** To somebody without a session. */
  toStranger(listener: EdgeListener, data: Uint8Array, address: string, port: number): void;
  /** From where the player of this address comes, as a server of this machine sees it. */
  loopbackOf(address: string): string;
  verify(token: Uint8Array): EdgeClaim | 'TOKEN_INVALID' | 'TOKEN_EXPIRED';
  wake(fleet: string, server: string): void;
  /** There is a TCP connection from this address to the same listener: so it is where it says. */
  vouched(listener: EdgeListener, address: string): boolean;
  random(): number;
  /** A number for a session, given to none before. */
  nextId(): number;
  keep(record: UdpSessionRecord): void;
  forget(session: number): void;
}

type Named = { readonly server: string; readonly player: string; readonly nonce: string };

export interface UdpFigures {
  sessionsTotal: number;
  datagramsIn: number;
  datagramsOut: number;
  bytesIn: number;
  bytesOut: number;
  readonly dropped: Map<string, number>;
}

export class UdpEngine {
  readonly figures: UdpFigures = {
    sessionsTotal: 0,
    datagramsIn: 0,
    datagramsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    dropped: new Map(),
  };
  readonly #policy: EdgePolicy;
  readonly #directory: Directory;
  readonly #admission: Admission;
  readonly #out: UdpOut;
  readonly #tables = new Map<string, PeerTable>();
  readonly #sessions = new Map<number, UdpSession>();
  readonly #byNonce = new Map<string, UdpSession>();
  readonly #changed = new Set<UdpSession>();
  #ended: number[] = [];
  readonly #proof: Proof;
  readonly #holding: Holding;
  readonly #secondLook: SecondLook;
  readonly #newcomers: Bucket;
  readonly #refusing: Bucket;

  constructor(policy: EdgePolicy, directory: Directory, admission: Admission, out: UdpOut) {
    this.#policy = policy;
    this.#directory = directory;
    this.#admission = admission;
    this.#out = out;
    this.#holding = new Holding(policy);
    this.#proof = new Proof(policy, {
      toPeer: (session, data) => this.#toPeer(session, data),
      proven: (session) => this.#keep(session),
      random: () => out.random(),
    });
    this.#secondLook = new SecondLook(out.random());
    this.#newcomers = new Bucket(policy.newBurst, 0);
    this.#refusing = new Bucket(policy.refusalsPerS, 0);
  }

  get counts(): { readonly sessions: number; readonly held: number; readonly unproven: number } {
    return { sessions: this.#sessions.size, held: this.#holding.count, unproven: this.#proof.unproven };
  }

  get sessions(): IterableIterator<UdpSession> {
    return this.#sessions.values();
  }

  // ---- datagrams ---------------------------------------------------------------------------------------------------

  fromPeer(listener: EdgeListener, data: Uint8Array, address: string, port: number, nowMs: number): void {
    const { figures } = this;
    figures.datagramsIn++;
    figures.bytesIn += data.length;
    const session = this.#tables.get(listener.listener)?.find(address, port);
    if (session === undefined) {
      this.#stranger(listener, data, address, port, nowMs);
      return;
    }
    const { datagramsPerS } = session.listener;
    if (!session.rate.take(datagramsPerS, Math.max(1, datagramsPerS * this.#policy.burstS), nowMs)) return this.#drop('RATE');
    session.lastPeerMs = nowMs;
    if (!session.proven) this.#proof.heard(session, data.length);
    if (listener.route === 'token' && isOurs(data)) {
      const rest = this.#ourFrame(session, data);
      if (rest === undefined) return;
      data = rest;
    }
    this.#toServer(session, data, nowMs);
  }

  /** @param upstream by which it came: of one that has been replaced since, nothing is passed on */
  fromServer(session: UdpSession, upstream: UdpUpstream, data: Uint8Array): void {
    if (session.upstream !== upstream) return this.#drop('STALE');
    if (session.proven) this.#toPeer(session, data);
    else if (!this.#proof.speak(session, data)) this.#drop('UNPROVEN');
  }

  // ---- sockets and servers -----------------------------------------------------------------------------------------

  opened(session: UdpSession, upstream: UdpUpstream): void {
    if (session.upstream !== upstream || !this.#sessions.has(session.id)) return;
    this.#keep(session);
  }

  /** The socket cannot be had, or the server's machine says that nobody listens there. */
  failed(session: UdpSession, upstream: UdpUpstream, why: string): void {
    if (session.upstream !== upstream) return;
    this.#drop(why);
    // Nobody listens there, or not yet: the control plane says when a server is gone.
    if (why !== 'ECONNREFUSED') this.end(session.id);
  }

  /** Players who were held go on; sessions of servers that are gone look for another one with their next datagram, or end. */
  targetsChanged(changed: readonly string[], gone: readonly string[], nowMs: number): void {
    for (const server of gone) this.#serverGone(server);
    const news = new Set(changed);
    for (const session of [...this.#sessions.values()]) {
      const { place, listener } = session;
      const now = place && news.has(place.server) ? this.#directory.placeOf(place.server, listener.port) : undefined;
      if (session.held) this.#tryHeld(session, nowMs);
      else if (now && now.state !== 'asleep') this.#connect(session, now, nowMs);
      else if (now) session.place = now;
    }
  }

  listenersChanged(): void {
    const { listeners } = this.#directory;
    for (const session of [...this.#sessions.values()]) if (!listeners.has(session.listener.listener)) this.end(session.id);
    for (const name of [...this.#tables.keys()]) if (!listeners.has(name)) this.#tables.delete(name);
  }

  notWoken(fleet: string, server: string, nowMs: number): void {
    for (const session of [...this.#sessions.values()]) {
      const theirs =
        session.listener.fleet === fleet && (server === '' || session.wanted === server || session.place?.server === server);
      if (!session.held || !theirs) continue;
      this.#drop('NOT_WOKEN');
      if (session.listener.route === 'token') this.#refuse(session.listener, 'NOT_WOKEN', session.peer, session.peerPort, nowMs);
      this.end(session.id);
    }
  }

  /** The session goes on at another server of its fleet. Answers why not, or ''; undefined: there is no such session. */
  move(id: number, server: string, nowMs: number): string | undefined {
    const session = this.#sessions.get(id);
    if (!session) return undefined;
    const { fleet, port } = session.listener;
    const place = this.#directory.placeOf(server, port);
    if (place?.fleet !== fleet || place.state === 'asleep') return `${server} is no server of ${fleet} with ${port} that is up`;
    if (session.wanted !== '') session.wanted = server;
    this.#connect(session, place, nowMs);
    return '';
  }

  end(id: number): boolean {
    const session = this.#sessions.get(id);
    if (!session) return false;
    this.#sessions.delete(id);
    this.#tables.get(session.listener.listener)?.remove(session);
    if (this.#byNonce.get(session.nonce) === session) this.#byNonce.delete(session.nonce);
    this.#release(session);
    this.#holding.take(session);
    if (!session.proven) this.#proof.unproven--;
    this.#admission.leave(session.address);
    this.#out.forget(id);
    this.#changed.delete(session);
    if (session.told) this.#ended.push(id);
    return true;
  }

  /** A session of the process before this one. False: its listener is gone, or its peer has another session by now. */
  restore(record: UdpSessionRecord, nowMs: number): boolean {
    const { session: id, listener: name, peer, peerPort, player, nonce, proven } = record;
    const listener = this.#directory.listeners.get(name);
    if (!listener || this.#sessions.has(id) || this.#tables.get(name)?.find(peer, peerPort)) return false;
    const address = this.#admission.restore(peer, nowMs);
    const wanted = listener.route === 'token' ? record.server : listener.server;
    const session = this.#enter({ id, listener, address, peer, peerPort, wanted, player, nonce, nowMs });
    if (proven) this.#proof.prove(session);
    const known = this.#directory.placeOf(record.server, listener.port);
    const place: Place = known ?? {
      server: record.server,
      fleet: listener.fleet,
      state: 'up',
      host: record.host,
      port: record.port,
    };
    this.#open(session, place, { host: record.localHost, port: record.localPort });
    return true;
  }

  /** Once in a while, some times a second: silence, and those who wait. */
  tick(nowMs: number): void {
    const { unprovenIdleMs, wakeAgainMs } = this.#policy;
    for (const session of [...this.#sessions.values()]) {
      if (session.held) {
        if (nowMs - session.heldSinceMs > session.listener.holdMs) {
          this.#drop('NOT_WOKEN');
          this.end(session.id);
        } else if (nowMs - session.lastWakeMs >= wakeAgainMs) this.#tryHeld(session, nowMs);
        continue;
      }
      const idleMs = session.proven ? session.listener.idleMs : Math.min(unprovenIdleMs, session.listener.idleMs);
      if (nowMs - session.lastPeerMs > idleMs) this.end(session.id);
    }
  }

  /** What has changed since the last time; `all`: everything. */
  takeChanges(all: boolean): { readonly changed: readonly UdpSession[]; readonly ended: readonly number[] } {
    const changed = all ? [...this.#sessions.values()] : [...this.#changed];
    const ended = this.#ended;
    this.#changed.clear();
    this.#ended = [];
    for (const session of changed) session.told = true;
    return { changed, ended };
  }

  // ---- strangers ---------------------------------------------------------------------------------------------------

  #stranger(listener: EdgeListener, data: Uint8Array, address: string, port: number, nowMs: number): void {
    if (listener.route === 'token') return this.#byToken(listener, data, address, port, nowMs);
    if (!begins(data, listener.accept)) return this.#drop('NOT_ACCEPTED');
    const { newPerS, newBurst } = this.#policy;
    const vouched = this.#out.vouched(listener, address);
    const calm = vouched || this.#newcomers.left(newPerS, newBurst, nowMs) > newBurst / 2;
    if (!calm && !this.#secondLook.again(address, port, nowMs)) return this.#drop('FLOOD');
    if (!vouched && !this.#newcomers.take(newPerS, newBurst, nowMs)) return this.#drop('FLOOD');
    const choice = this.#directory.choose(listener);
    if (choice.kind === 'none') return this.#drop(choice.why);
    const session = this.#begin(listener, address, port, undefined, nowMs);
    if (typeof session === 'string') return this.#drop(session);
    if (vouched) this.#proof.prove(session);
    this.#proof.heard(session, data.length);
    this.#go(session, choice, nowMs);
    this.#toServer(session, data, nowMs);
  }

  #byToken(listener: EdgeListener, data: Uint8Array, address: string, port: number, nowMs: number): void {
    const frame = readClientFrame(data);
    if (frame?.kind !== 'join') return this.#drop('NO_TOKEN');
    const claim = this.#out.verify(frame.token);
    if (typeof claim === 'string') return this.#refuse(listener, claim, address, port, nowMs);
    const nonce = hex(claim.nonce);
    const former = this.#byNonce.get(nonce);
    if (former) {
      if (nowMs - former.lastPeerMs < this.#policy.roamAfterMs) return this.#refuse(listener, 'TOKEN_USED', address, port, nowMs);
      return this.#roam(former, frame.rest, data.length, address, port, nowMs);
    }
    const choice = this.#directory.choose(listener, claim.server);
    if (choice.kind === 'none') return this.#refuse(listener, 'SERVER_GONE', address, port, nowMs);
    const session = this.#begin(listener, address, port, { ...claim, nonce }, nowMs);
    if (typeof session === 'string') return this.#refuse(listener, session, address, port, nowMs);
    this.#proof.heard(session, data.length);
    this.#proof.accept(session);
    this.#go(session, choice, nowMs);
    if (frame.rest.length > 0) this.#toServer(session, frame.rest, nowMs);
  }

  #roam(session: UdpSession, rest: Uint8Array, bytes: number, address: string, port: number, nowMs: number): void {
    const table = this.#tables.get(session.listener.listener);
    table?.remove(session);
    session.peer = address;
    session.peerPort = port;
    table?.add(session);
    session.lastPeerMs = nowMs;
    this.#proof.forget(session);
    this.#proof.heard(session, bytes);
    this.#proof.accept(session);
    this.#keep(session);
    if (rest.length > 0) this.#toServer(session, rest, nowMs);
  }

  #begin(listener: EdgeListener, peer: string, peerPort: number, claim: Named | undefined, nowMs: number): UdpSession | Refusal {
    const { sessionsMax, unprovenMax } = this.#policy;
    if (this.#sessions.size >= sessionsMax || this.#proof.unproven >= unprovenMax) return 'FULL';
    const address = this.#admission.enter(peer, nowMs);
    if (typeof address === 'string') return address;
    this.figures.sessionsTotal++;
    const { server: wanted, player, nonce } = claim ?? { server: listener.server, player: '', nonce: '' };
    return this.#enter({ id: this.#out.nextId(), listener, address, peer, peerPort, wanted, player, nonce, nowMs });
  }

  #enter(settings: Omit<ConstructorParameters<typeof UdpSession>[0], 'burstS'>): UdpSession {
    const session = new UdpSession({ ...settings, burstS: this.#policy.burstS });
    this.#sessions.set(session.id, session);
    this.#proof.unproven++;
    const name = session.listener.listener;
    let table = this.#tables.get(name);
    if (!table) {
      table = new PeerTable();
      this.#tables.set(name, table);
    }
    table.add(session);
    if (session.nonce !== '') this.#byNonce.set(session.nonce, session);
    this.#changed.add(session);
    return session;
  }

  /** A frame of ours in a session: repeated joins, the proof. Answers what is the game server's; undefined: nothing. */
  #ourFrame(session: UdpSession, data: Uint8Array): Uint8Array | undefined {
    const frame = readClientFrame(data);
    if (!frame) return data;
    if (frame.kind === 'join') {
      const claim = this.#out.verify(frame.token);
      // Not ours after all, or another session's, which begins when this one is silent.
      if (typeof claim === 'string' || hex(claim.nonce) !== session.nonce) return this.#drop('TOKEN_USED');
      this.#proof.accept(session);
    } else if (!this.#proof.shown(session, frame.cookie)) return this.#drop('PROOF_INVALID');
    return frame.rest.length > 0 ? frame.rest : undefined;
  }

  // ---- the server's side -------------------------------------------------------------------------------------------

  #go(session: UdpSession, choice: Exclude<Choice, { kind: 'none' }>, nowMs: number): void {
    if (choice.kind === 'place') {
      this.#connect(session, choice.place, nowMs);
      return;
    }
    session.place = choice.place ?? session.place;
    this.#holding.begin(session, nowMs);
    this.#changed.add(session);
    if (nowMs - session.lastWakeMs < this.#policy.wakeAgainMs) return;
    session.lastWakeMs = nowMs;
    this.#out.wake(choice.fleet, choice.server);
  }

  #connect(session: UdpSession, place: Place, nowMs: number): void {
    const { host, port, server } = place;
    const same =
      session.upstream && session.place?.server === server && session.place.host === host && session.place.port === port;
    if (!same) {
      this.#release(session);
      const loopback = session.listener.source === 'loopback' && isLoopback(host);
      this.#open(session, place, loopback ? { host: this.#out.loopbackOf(session.peer), port: 0 } : undefined);
    } else session.place = place;
    for (const data of this.#holding.take(session)) this.#pass(session, data);
    session.lastPeerMs = nowMs;
    this.#changed.add(session);
  }

  #open(session: UdpSession, place: Place, from: { readonly host: string; readonly port: number } | undefined): void {
    session.place = place;
    if (session.listener.source === 'proxy-v2') {
      const addresses = { source: session.peer, sourcePort: session.peerPort, target: place.host, targetPort: place.port };
      session.prefix = proxyHeader({ transport: 'udp', ...addresses });
    }
    this.#directory.load(place.server, 1);
    session.upstream = this.#out.open(session, place, from);
  }

  #release(session: UdpSession): void {
    if (!session.upstream) return;
    const { upstream } = session;
    session.upstream = undefined;
    upstream.close();
    if (session.place) this.#directory.load(session.place.server, -1);
    this.#proof.writeOff(session);
  }

  #toServer(session: UdpSession, data: Uint8Array, nowMs: number): void {
    const ready = session.upstream !== undefined && session.place?.state !== 'asleep';
    if (!ready && !session.held && !this.#seek(session, nowMs)) return;
    if (!session.held) this.#pass(session, data);
    else if (!this.#holding.keep(session, data)) this.#drop('HELD_FULL');
  }

  /** The former server is gone or has gone to sleep: another one, or the same once it is awake. */
  #seek(session: UdpSession, nowMs: number): boolean {
    const { listener, place, wanted } = session;
    // Who plays at a server that sleeps meanwhile stays there: it is woken, and knows its player.
    const choice = this.#directory.choose(listener, wanted === '' && place?.state === 'asleep' ? place.server : wanted);
    if (choice.kind === 'none') {
      this.#drop(choice.why);
      if (listener.route === 'token') this.#refuse(listener, 'SERVER_GONE', session.peer, session.peerPort, nowMs);
      this.end(session.id);
      return false;
    }
    this.#go(session, choice, nowMs);
    return true;
  }

  #tryHeld(session: UdpSession, nowMs: number): void {
    const { listener, wanted, place, upstream } = session;
    const choice = this.#directory.choose(listener, wanted === '' && upstream && place ? place.server : wanted);
    if (choice.kind !== 'none') this.#go(session, choice, nowMs);
    else if (choice.why === 'SERVER_GONE') this.end(session.id);
  }

  #serverGone(server: string): void {
    for (const session of [...this.#sessions.values()]) {
      if (session.place?.server !== server) continue;
      if (session.listener.route === 'token') {
        this.#drop('SERVER_GONE');
        this.end(session.id);
      } else {
        this.#release(session);
        session.place = undefined;
        this.#changed.add(session);
      }
    }
  }

  #pass(session: UdpSession, data: Uint8Array): void {
    const { prefix } = session;
    session.upstream?.send(prefix === undefined ? data : joined(prefix, data));
  }

  #toPeer(session: UdpSession, data: Uint8Array): void {
    const { figures } = this;
    figures.datagramsOut++;
    figures.bytesOut += data.length;
    session.spokenTo = true;
    this.#out.toPeer(session, data);
  }

  #refuse(listener: EdgeListener, why: string, address: string, port: number, nowMs: number): void {
    this.#drop(why);
    const known = (refusals as readonly string[]).includes(why);
    if (!known || !this.#refusing.take(this.#policy.refusalsPerS, this.#policy.refusalsPerS, nowMs)) return;
    this.#out.toStranger(listener, refusedFrame(why as Refusal), address, port);
  }

  #keep(session: UdpSession): void {
    this.#changed.add(session);
    const { id, listener, peer, peerPort, player, nonce, proven, place, upstream } = session;
    if (!place || !upstream || upstream.localPort === 0) return;
    const { server, host, port } = place;
    const { localHost, localPort } = upstream;
    this.#out.keep({
      session: id,
      listener: listener.listener,
      peer,
      peerPort,
      server,
      host,
      port,
      localHost,
      localPort,
      player,
      nonce,
      proven,
    });
  }

  #drop(why: string): undefined {
    const { dropped } = this.figures;
    dropped.set(why, (dropped.get(why) ?? 0) + 1);
    return undefined;
  }
}

function begins(data: Uint8Array, accept: readonly Uint8Array[]): boolean {
  if (accept.length === 0) return true;
  return accept.some((prefix) => prefix.length <= data.length && prefix.every((byte, i) => data[i] === byte));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

function hex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += (byte < 16 ? '0' : '') + byte.toString(16);
  return out;
}
