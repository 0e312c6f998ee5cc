/**
 * A gateway without sockets and without a clock: told what happened and when, it says what to do. The same engine runs behind
 * real sockets and in the simulator. This file is its face; the parts that decide are
 *
 *   clients.ts ──▶ routes.ts ──▶ servers.ts ──▶ out          what players send, and where it goes
 *   fan-out.ts ──▶ sender.ts ─────────────────▶ out          what servers send, and to whom
 *
 * All inputs carry `nowMs`, monotonic milliseconds. Bytes given in are read during the call only, and copied where they must stay.
 */
import type { Tracer } from '@horizon-atlas/ports';
import { type ControlToGateway, type ErrorCode, type GatewayToControl, LINK_PROTOCOL } from '@horizon-atlas/protocol';
import { Clients, type Credentials } from './clients.ts';
import { FanOut } from './fan-out.ts';
import type { GatewayIdentity, GatewayOut, GatewaySecrets, TokenVerdict } from './out.ts';
import { defaultGatewayPolicy, type GatewayPolicy } from './policy.ts';
import { codeOr, Routes } from './routes.ts';
import { Sender } from './sender.ts';
import { Server, Servers } from './servers.ts';
import type { Client, Format, Session } from './session.ts';
import { GatewayState } from './state.ts';

/** The engine's part of the stats message; the host adds what it uses of the machine. */
export type GatewayStats = Omit<Extract<GatewayToControl, { kind: 'stats' }>, 'kind' | 'cpuS' | 'memoryBytes'> & {
  /** Commands that came again and were dropped. */
  readonly duplicates: number;
  /** Sessions that had to send commands again, because this gateway did not hold what a recovered server lacked. */
  readonly holes: number;
  readonly invalidFromServers: number;
  /** Of handoffs, since the last call. */
  readonly gapsMs: number[];
  /** Like `gapsMs`, but of recoveries after the death of a server or its link. */
  readonly recoveryGapsMs: number[];
  /** Clients that do not keep up at this moment. */
  readonly slowNow: number;
};

export class GatewayEngine {
  readonly #state: GatewayState;
  readonly #servers: Servers;
  readonly #sender: Sender;
  readonly #routes: Routes;
  readonly #fanOut: FanOut;
  readonly #clients: Clients;
  #sweepDue = Number.POSITIVE_INFINITY;
  #drainDue = Number.POSITIVE_INFINITY;
  #drained = false;

  constructor(
    policy: Partial<GatewayPolicy>,
    out: GatewayOut,
    secrets: GatewaySecrets,
    identity: GatewayIdentity,
    tracer?: Tracer,
  ) {
    this.#state = new GatewayState({ ...defaultGatewayPolicy, ...policy }, out, secrets, identity, tracer);
    this.#servers = new Servers(this.#state);
    this.#sender = new Sender(this.#state, this.#servers);
    this.#routes = new Routes(this.#state, this.#servers, this.#sender);
    this.#fanOut = new FanOut(this.#state, this.#servers, this.#sender, this.#routes);
    this.#clients = new Clients(this.#state, this.#servers, this.#sender, this.#routes);
  }

  /** The next moment at which `tick` may have something to do; Infinity: never, unless something happens. */
  get dueMs(): number {
    return Math.min(this.#state.dueMs, this.#sweepDue, this.#drainDue);
  }

  get connections(): number {
    return this.#state.clients.size;
  }

  get sessions(): number {
    return this.#state.sessions.size;
  }

  // ---- clients ----

  /**
   * A connection was accepted, but its handshake is not over: it counts from now on. The answer says why it may not stay; then
   * the engine knows nothing of it. A host without handshakes leaves this out. `plain`: by the listener without TLS.
   */
  accepted(conn: number, remoteAddress: string, nowMs: number, plain = false): ErrorCode | undefined {
    this.#state.nowMs = nowMs;
    const refused = this.#clients.accepted(conn, remoteAddress, plain);
    if (refused === undefined && this.#sweepDue === Number.POSITIVE_INFINITY) this.#sweepDue = nowMs + this.#state.policy.sweepMs;
    return refused;
  }

  /** `credentials`: what a horizon.v1 client brought along in its upgrade request, in place of a hello. */
  opened(conn: number, remoteAddress: string, format: Format, nowMs: number, credentials?: Credentials): void {
    this.#state.nowMs = nowMs;
    if (!this.#state.clients.has(conn)) {
      const refused = this.accepted(conn, remoteAddress, nowMs);
      if (refused !== undefined) {
        this.#state.out.closeClient(conn, refused, '');
        return;
      }
    }
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#clients.opened(client, format, credentials);
  }

  /** One complete message, `bytes[start, end)`: binary for atlas.v1, text for horizon.v1. */
  fromClient(conn: number, bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#clients.message(client, bytes, start, end);
  }

  /** A ping, pong or other sign of life of the transport, of `length` bytes. */
  heard(conn: number, length: number, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#clients.heard(client, length);
  }

  /** The answer to `pingClient`. */
  ponged(conn: number, stamp: number, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#clients.ponged(client, stamp);
  }

  /** The host found the transport itself wrong: malformed frames, a message too big, no room. */
  fault(conn: number, code: ErrorCode, message: string, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#sender.close(client, code, message);
  }

  /** The connection is gone. Its session stays for the resume window. */
  closed(conn: number, nowMs: number, closeCode = 1006): void {
    this.#state.nowMs = nowMs;
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#sender.drop(client, closeCode, '');
    this.#checkDrained();
  }

  /** A client whose backlog was above the limit has taken all of it. */
  writable(conn: number, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#sender.writable(client);
  }

  tokenVerified(conn: number, verdict: TokenVerdict, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const client = this.#state.clients.get(conn);
    if (client !== undefined) this.#clients.verified(client, verdict);
  }

  // ---- the control plane ----

  controlUp(nowMs: number): void {
    this.#state.nowMs = nowMs;
    this.#state.control = true;
    const sessions = [];
    for (const { id, epoch } of this.#state.sessions.values()) if (epoch > 0) sessions.push({ session: id, epoch });
    this.#state.out.toControl({ kind: 'hello', ...this.#state.identity, version: LINK_PROTOCOL, sessions });
    this.#state.reports.list(this.#state.sessions.values());
    this.#routes.askAgain();
  }

  controlDown(nowMs: number): void {
    this.#state.nowMs = nowMs;
    this.#state.control = false;
    this.#state.controlDownMs = nowMs;
  }

  /** The keys in its hello are the host's affair. */
  fromControl(message: ControlToGateway, nowMs: number): void {
    this.#state.nowMs = nowMs;
    switch (message.kind) {
      case 'hello':
        this.#state.gateways = message.gateways;
        break;
      case 'servers':
        this.#servers.list(message.servers);
        break;
      case 'joined': {
        const session = this.#routes.joining(message.request, message.session);
        if (session !== undefined) this.#place(session, message);
        break;
      }
      case 'confirm': {
        const { request, session, nonce } = message;
        if (this.#routes.joining(request, session) !== undefined)
          this.#state.out.toControl({ kind: 'confirmed', session, nonce });
        break;
      }
      case 'refuse': {
        const session = this.#routes.joining(message.request);
        if (session !== undefined) this.#routes.end(session, codeOr(message.code, 'NO_REGION'), message.message);
        break;
      }
      case 'route': {
        const session = this.#state.sessions.get(message.session);
        if (session === undefined) break;
        if (session.name === '') {
          session.name = message.name;
          this.#state.reports.changed(session);
        }
        this.#place(session, message);
        break;
      }
      case 'regionRoute':
        for (const session of [...this.#state.sessions.values()]) {
          if (session.region === message.region && session.route.at !== 'joining') this.#routes.place(session, message);
        }
        break;
      case 'gone':
        this.#gone(message.session, message.code);
        break;
      case 'kick': {
        const session = this.#state.sessions.get(message.session);
        if (session !== undefined) this.#routes.end(session, codeOr(message.code, 'SESSION_KICKED'), message.message);
        break;
      }
      case 'drain':
        this.drain(message.deadlineMs, nowMs);
        break;
    }
    this.#checkDrained();
  }

  /** Asks all clients to go elsewhere, takes no new ones, and closes those that are left after `deadlineMs`. */
  drain(deadlineMs: number, nowMs: number): void {
    this.#state.nowMs = nowMs;
    this.#drainDue = Math.min(this.#drainDue, nowMs + deadlineMs);
    if (!this.#state.draining) {
      this.#state.draining = true;
      for (const session of this.#state.sessions.values()) this.#sender.notice(session, 'draining');
    }
    this.#checkDrained();
  }

  // ---- servers ----

  serverUp(server: string, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const known = this.#state.servers.get(server);
    if (known !== undefined && known.link !== 'up') this.#routes.serverUp(known);
  }

  /** The link was lost, or could not be made. */
  serverDown(server: string, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const known = this.#state.servers.get(server);
    if (known !== undefined && known.link !== 'down') this.#routes.serverDown(known);
  }

  /** One frame of a server's link. */
  fromServer(server: string, frame: Uint8Array, nowMs: number): void {
    this.#state.nowMs = nowMs;
    const known = this.#state.servers.get(server);
    if (known !== undefined) this.#fanOut.frame(known, frame);
  }

  // ---- time ----

  tick(nowMs: number): void {
    this.#state.nowMs = nowMs;
    for (let due = this.#state.takeDue(); due !== undefined; due = this.#state.takeDue()) {
      if (due instanceof Server) this.#servers.retry(due);
      else this.#routes.tick(due);
    }
    if (nowMs >= this.#sweepDue) {
      for (const client of [...this.#state.clients.values()]) this.#sweep(client);
      this.#sweepDue = this.#state.clients.size > 0 ? nowMs + this.#state.policy.sweepMs : Number.POSITIVE_INFINITY;
    }
    if (nowMs >= this.#drainDue) {
      this.#drainDue = Number.POSITIVE_INFINITY;
      for (const client of [...this.#state.clients.values()]) this.#sender.close(client, 'GATEWAY_DRAINING');
    }
    this.#checkDrained();
  }

  /** Figures since the start; the gaps are since the last call. */
  takeStats(): GatewayStats {
    const { counters, clients, sessions, refused, gaps } = this.#state;
    const msOf = (recoveries: boolean) => gaps.filter(({ recovery }) => recovery === recoveries).map(({ ms }) => ms);
    let heldNow = 0;
    for (const session of sessions.values()) heldNow += session.held.count;
    let slowNow = 0;
    for (const client of clients.values()) if (client.outbox !== undefined) slowNow++;
    this.#state.gaps = [];
    return {
      connections: clients.size,
      sessions: sessions.size,
      ...counters,
      heldNow,
      slowNow,
      refused: [...refused].map(([code, count]) => ({ code, count })),
      gaps,
      gapsMs: msOf(false),
      recoveryGapsMs: msOf(true),
    };
  }

  /** What has changed of the sessions since the last call, as far as it fits; undefined: nothing. To be called about once a second. */
  takeSessions(nowMs: number): Extract<GatewayToControl, { kind: 'sessions' }> | undefined {
    return this.#state.reports.take(nowMs);
  }

  /** What a session's route is, for tests and for the simulator's checkers. */
  inspect(
    session: string,
  ): Readonly<Pick<Session, 'route' | 'region' | 'epoch' | 'lastSeq' | 'forwarded' | 'covered'>> | undefined {
    return this.#state.sessions.get(session);
  }

  #place(session: Session, to: { region: string; server: string; epoch: number; entity: number }): void {
    if (to.epoch >= session.epoch) session.entity = to.entity;
    this.#routes.place(session, to);
  }

  #gone(id: string, code: string): void {
    const session = this.#state.sessions.get(id);
    if (session === undefined) return;
    const final = code === 'SESSION_REPLACED' || code === 'SESSION_KICKED';
    if (session.welcome === 'resume' && session.client !== undefined && !final) this.#clients.startOver(session);
    else this.#routes.end(session, codeOr(code, 'SESSION_ENDED'), '');
  }

  #sweep(client: Client): void {
    const { policy, nowMs, out } = this.#state;
    if (client.state.at !== 'bound') {
      if (nowMs >= client.openedMs + policy.helloMs) this.#sender.close(client, 'HANDSHAKE_TIMEOUT');
      return;
    }
    const { session } = client.state;
    // Should the news have been lost that it can take more.
    if (client.outbox !== undefined && out.clientBacklog(client.conn) === 0) this.#sender.writable(client);
    if (client.outbox !== undefined && nowMs >= client.outbox.sinceMs + policy.slowMsMax) {
      this.#sender.close(client, 'SLOW_CLIENT');
      return;
    }
    if (!client.paused && nowMs >= client.heardMs + policy.idleMs) {
      this.#sender.close(client, 'IDLE_TIMEOUT');
      return;
    }
    if (session.welcome !== 'done') return;
    if (nowMs + policy.sweepMs > client.sentMs + policy.heartbeatMs) this.#sender.heartbeat(client);
    const unsure = session.format === 'horizon' && session.forwarded > client.pingedSeq;
    const silent = nowMs >= Math.max(client.heardMs, client.pingedMs) + policy.heartbeatMs;
    // How far away it is, of one that speaks all the time, too.
    const { roundTrip } = client;
    const unmeasured = nowMs >= (roundTrip ? roundTrip.sentMs + policy.pingMs : client.openedMs + policy.sweepMs);
    if (unsure || silent || unmeasured) {
      client.pingedMs = nowMs;
      client.pingedSeq = Math.max(0, session.forwarded);
      if (unmeasured) client.roundTrip = { stamp: client.pingedSeq, sentMs: nowMs, ms: undefined };
      out.pingClient(client.conn, client.pingedSeq);
    }
  }

  #checkDrained(): void {
    if (!this.#state.draining || this.#drained || this.#state.clients.size > 0) return;
    this.#drained = true;
    this.#state.out.toControl({ kind: 'drained' });
    this.#state.out.drained();
  }
}
