/**
 * The TCP side of an edge: connections that are passed through byte by byte, WebSocket games included, whose frames nobody here touches. A connection says where it
 * wants to go (by its listener, a token in front, or its first HTTP request), may wait for a server that wakes, and is then poured into one of its own to the server.
 *
 *   opening ──▶ held ──▶ connecting ──▶ open ──▶ (closed)
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { EdgeListener } from '@horizon-atlas/protocol';
import type { AddressEntry, Admission } from '../core/admission.ts';
import { networkOf } from '../core/admission.ts';
import type { Directory, Place } from '../core/directory.ts';
import type { LoopbackAddresses } from '../core/loopback-addresses.ts';
import type { EdgePolicy } from '../core/policy.ts';
import type { EdgeTokens } from '../edge-tokens.ts';
import { FrontSide } from './front-side.ts';
import { Opening } from './opening.ts';
import type { FrontMaker } from './player-front.ts';
import { pump } from './pump.ts';
import { refuse } from './refusal.ts';
import { seenFrom } from './seen-from.ts';

export interface TcpSideDeps {
  readonly policy: EdgePolicy;
  readonly directory: Directory;
  readonly admission: Admission;
  readonly loopbacks: LoopbackAddresses;
  readonly tokens: EdgeTokens;
  readonly certificate: () => { readonly cert: string; readonly key: string } | undefined;
  readonly now: () => number;
  readonly wake: (fleet: string, server: string) => void;
  readonly nextId: () => number;
  readonly makeFront: FrontMaker;
}

export interface TcpSession {
  readonly id: number;
  readonly listener: EdgeListener;
  readonly client: Socket;
  readonly peer: string;
  readonly peerPort: number;
  readonly sinceMs: number;
  server: string;
  player: string;
  seenAs: string;
  state: 'opening' | 'held' | 'open';
  told: boolean;
}

export interface TcpFigures {
  sessionsTotal: number;
  bytesIn: number;
  bytesOut: number;
  readonly dropped: Map<string, number>;
}

interface Waiting {
  readonly session: TcpSession;
  readonly first: Uint8Array;
  readonly sinceMs: number;
  lastWakeMs: number;
}

/** Addresses whose WebSocket server is remembered, and for how long. */
const AFFINITY_MAX = 65_536;
const AFFINITY_MS = 10 * 60_000;
const KEEP_ALIVE_MS = 60_000;

export class TcpSide {
  readonly figures: TcpFigures = { sessionsTotal: 0, bytesIn: 0, bytesOut: 0, dropped: new Map() };
  readonly #deps: TcpSideDeps;
  readonly #servers = new Map<string, Server>();
  readonly #sessions = new Map<number, TcpSession>();
  readonly #waiting = new Map<number, Waiting>();
  /** Open connections of an address at a listener: they vouch for its datagrams. */
  readonly #vouching = new Map<string, number>();
  readonly #affinity = new Map<string, { server: string; atMs: number }>();
  readonly #changed = new Set<TcpSession>();
  readonly #fronts: FrontSide;
  #ended: number[] = [];
  #opening = 0;

  constructor(deps: TcpSideDeps) {
    this.#deps = deps;
    this.#fronts = new FrontSide({
      ...deps,
      changed: (session) => void this.#changed.add(session),
      drop: (why) => this.#drop(why),
    });
  }

  get counts(): { readonly sessions: number; readonly held: number } {
    return { sessions: this.#sessions.size, held: this.#waiting.size + this.#fronts.held };
  }

  /** Rejects with an error whose `code` is the system's, or with why the front cannot be had. Answers the port. */
  async listen(listener: EdgeListener, port: number): Promise<number> {
    await this.#fronts.open(listener);
    const accept = (socket: Socket): void => this.#accept(listener, socket);
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const server = listener.tls ? this.#tlsServer(options, accept) : createServer({ ...options, pauseOnConnect: true }, accept);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: listener.listenHost, port, backlog: 1024 }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', () => this.#drop('ACCEPT_FAILED'));
    this.#servers.set(listener.listener, server);
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Takes in nobody more; connections stay if `leave`. */
  unlisten(listener: string, leave = false): void {
    this.#servers.get(listener)?.close();
    this.#servers.delete(listener);
    if (leave) return;
    this.#fronts.close(listener);
    for (const session of [...this.#sessions.values()]) if (session.listener.listener === listener) this.end(session.id);
  }

  vouched(listener: EdgeListener, address: string): boolean {
    return this.#vouching.size > 0 && this.#vouching.has(`${listener.listener} ${address}`);
  }

  /** Players who were held go on. */
  targetsChanged(): void {
    for (const waiting of [...this.#waiting.values()]) this.#choose(waiting);
    this.#fronts.targetsChanged();
  }

  notWoken(fleet: string, server: string): void {
    for (const { session } of [...this.#waiting.values()]) {
      const theirs = session.listener.fleet === fleet && (server === '' || session.server === '' || session.server === server);
      if (theirs) this.#refuse(session, 'NOT_WOKEN');
    }
    this.#fronts.notWoken(fleet, server);
  }

  tick(nowMs: number): void {
    const { wakeAgainMs } = this.#deps.policy;
    this.#count(this.#fronts.tick(nowMs));
    for (const waiting of [...this.#waiting.values()]) {
      if (nowMs - waiting.sinceMs > waiting.session.listener.holdMs) this.#refuse(waiting.session, 'NOT_WOKEN');
      else if (nowMs - waiting.lastWakeMs >= wakeAgainMs) this.#choose(waiting);
    }
  }

  end(id: number): boolean {
    const session = this.#sessions.get(id);
    if (session && this.#fronts.has(id)) this.#fronts.leave(id, 'An operator has ended the session.');
    else session?.client.destroy();
    return session !== undefined;
  }

  /** Rejects with an error that says why not; the session stays where it is. */
  async move(id: number, server: string): Promise<void> {
    if (!this.#fronts.has(id)) throw new Error(this.#sessions.has(id) ? 'nothing stands in front of it' : 'the session is over');
    await this.#fronts.move(id, server);
  }

  takeChanges(all: boolean): { readonly changed: readonly TcpSession[]; readonly ended: readonly number[] } {
    const changed = [...(all ? this.#sessions.values() : this.#changed)].filter(({ state }) => state !== 'opening');
    const ended = this.#ended;
    this.#changed.clear();
    this.#ended = [];
    for (const session of changed) session.told = true;
    return { changed, ended };
  }

  close(): void {
    for (const name of [...this.#servers.keys()]) this.unlisten(name);
  }

  // ---- coming in ---------------------------------------------------------------------------------------------------

  #tlsServer(options: object, accept: (socket: Socket) => void): Server {
    const { policy, certificate } = this.#deps;
    const server = createTlsServer(
      { ...options, ...certificate(), handshakeTimeout: policy.openingMs, minVersion: 'TLSv1.2' },
      accept,
    );
    server.on('tlsClientError', (_, socket) => {
      this.#drop('TLS_FAILED');
      socket.destroy();
    });
    return server;
  }

  #accept(listener: EdgeListener, client: Socket): void {
    client.on('error', () => {});
    const { policy, admission, now, nextId } = this.#deps;
    const { remoteAddress: peer, remotePort: peerPort } = client;
    // It is gone already.
    if (peer === undefined || peerPort === undefined) return void client.destroy();
    const full = this.#sessions.size >= policy.connectionsMax || this.#opening >= policy.openingMax;
    const entry = full ? 'FULL' : admission.enter(peer, now());
    if (typeof entry === 'string') {
      this.#drop(entry);
      client.destroy();
      return;
    }
    this.figures.sessionsTotal++;
    const session: TcpSession = {
      id: nextId(),
      listener,
      client,
      peer,
      peerPort,
      sinceMs: now(),
      server: listener.server,
      player: '',
      seenAs: '',
      state: 'opening',
      told: false,
    };
    this.#sessions.set(session.id, session);
    this.#vouch(session, 1);
    client.on('close', () => this.#closed(session, entry));
    if (listener.front) this.#fronts.take(session);
    else this.#open(session);
  }

  #open(session: TcpSession): void {
    const { policy, tokens } = this.#deps;
    this.#opening++;
    const opening = new Opening(session.client, session.listener, policy, tokens, session.peer);
    opening.done.then((outcome) => {
      this.#opening--;
      if (session.client.destroyed) return;
      if ('why' in outcome) return this.#refuse(session, outcome.why);
      session.player = outcome.player;
      if (outcome.server !== '') session.server = outcome.server;
      const waiting = { session, first: outcome.first, sinceMs: this.#deps.now(), lastWakeMs: Number.NEGATIVE_INFINITY };
      this.#choose(waiting);
    });
  }

  // ---- where to ----------------------------------------------------------------------------------------------------

  #choose(waiting: Waiting): void {
    const { directory, policy, now, wake } = this.#deps;
    const { session } = waiting;
    const { listener } = session;
    const choice = directory.choose(listener, session.server !== '' ? session.server : this.#rememberedFor(session));
    if (choice.kind === 'none') return this.#refuse(session, choice.why);
    if (choice.kind === 'place') {
      this.#waiting.delete(session.id);
      this.#connect(waiting, choice.place);
      return;
    }
    this.#hold(waiting);
    if (now() - waiting.lastWakeMs < policy.wakeAgainMs) return;
    waiting.lastWakeMs = now();
    wake(choice.fleet, choice.server);
  }

  #hold(waiting: Waiting): void {
    const { session } = waiting;
    this.#waiting.set(session.id, waiting);
    session.state = 'held';
    this.#changed.add(session);
  }

  /** Polling and the upgrade after it are several connections of one game: they have to meet the same server. */
  #rememberedFor({ listener, peer }: TcpSession): string {
    if (listener.protocol !== 'ws') return '';
    const known = this.#affinity.get(`${listener.listener} ${networkOf(peer)}`);
    if (!known || this.#deps.now() - known.atMs > AFFINITY_MS) return '';
    return this.#deps.directory.placeOf(known.server, listener.port)?.state === 'up' ? known.server : '';
  }

  #remember({ listener, peer }: TcpSession, server: string): void {
    if (listener.protocol !== 'ws' || listener.route === 'token') return;
    const key = `${listener.listener} ${networkOf(peer)}`;
    this.#affinity.delete(key);
    this.#affinity.set(key, { server, atMs: this.#deps.now() });
    if (this.#affinity.size > AFFINITY_MAX) this.#affinity.delete(this.#affinity.keys().next().value ?? '');
  }

  #connect(waiting: Waiting, place: Place): void {
    const { policy, loopbacks, directory, now } = this.#deps;
    const { session, first } = waiting;
    const { client, listener } = session;
    const { localAddress, header } = seenFrom(session, place, loopbacks);
    session.server = place.server;
    session.state = 'open';
    this.#changed.add(session);
    this.#remember(session, place.server);
    const { host, port } = place;
    const server = connect({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    directory.load(place.server, 1);
    server.once('close', () => directory.load(place.server, -1));
    const late = setTimeout(() => server.destroy(new Error('timeout')), policy.connectMs);
    const failed = ({ code }: NodeJS.ErrnoException): void => {
      clearTimeout(late);
      // It ends, to sleep perhaps, or has yet to listen: who may wait for that waits.
      const refused = code === 'ECONNREFUSED' && !client.destroyed;
      if (!refused || !listener.wake || now() - waiting.sinceMs > listener.holdMs)
        return this.#refuse(session, 'SERVER_UNREACHABLE');
      waiting.lastWakeMs = now();
      this.#hold(waiting);
    };
    server.once('error', failed);
    client.once('close', () => server.connecting && server.destroy());
    server.once('connect', () => {
      clearTimeout(late);
      server.off('error', failed);
      session.seenAs = `${server.localAddress}:${server.localPort}`;
      if (header) server.write(header);
      if (first.length > 0) server.write(first);
      const { figures } = this;
      figures.bytesIn += first.length;
      pump(client, server, policy.stallMs, {
        up: (bytes) => {
          figures.bytesIn += bytes;
        },
        down: (bytes) => {
          figures.bytesOut += bytes;
        },
        closed: (slow) => slow && this.#drop('SLOW_PEER'),
      });
      client.resume();
    });
  }

  #refuse(session: TcpSession, why: string): void {
    this.#waiting.delete(session.id);
    this.#drop(why);
    refuse(session.client, session.listener, why);
  }

  #closed(session: TcpSession, entry: AddressEntry): void {
    this.#sessions.delete(session.id);
    this.#waiting.delete(session.id);
    this.#count(this.#fronts.closed(session.id));
    this.#changed.delete(session);
    this.#vouch(session, -1);
    this.#deps.admission.leave(entry);
    if (session.told) this.#ended.push(session.id);
  }

  #vouch({ listener, peer }: TcpSession, by: 1 | -1): void {
    if (listener.protocol !== 'tcp+udp') return;
    const key = `${listener.listener} ${peer}`;
    const next = (this.#vouching.get(key) ?? 0) + by;
    if (next > 0) this.#vouching.set(key, next);
    else this.#vouching.delete(key);
  }

  #count({ bytesIn, bytesOut }: { readonly bytesIn: number; readonly bytesOut: number }): void {
    this.figures.bytesIn += bytesIn;
    this.figures.bytesOut += bytesOut;
  }

  #drop(why: string): void {
    const { dropped } = this.figures;
    dropped.set(why, (dropped.get(why) ?? 0) + 1);
  }
}
