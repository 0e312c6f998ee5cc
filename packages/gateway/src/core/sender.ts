/**
 * Everything that goes to clients: data frames as they came from servers, the gateway's own frames, and the end.
 * Here a slow client is noticed and served: see outbox.ts.
 */
import { Writer } from '@horizon-atlas/base';
import { CLIENT_PROTOCOL, closeCodeOf, type ErrorCode, errors, GatewayFrame, kind } from '@horizon-atlas/protocol';
import { Outbox, TEXT } from './outbox.ts';
import type { Servers } from './servers.ts';
import type { Client, Session } from './session.ts';
import type { GatewayState } from './state.ts';

const encoder = new TextEncoder();

/** Of the protocol's notices. */
export type Notice = Extract<GatewayFrame, { kind: 'notice' }>['notice'];
/** Keys of the outbox for what the gateway itself replaces; game keys are 32 bits, so these are nobody's. */
const ACKS_KEY = -1;

export class Sender {
  readonly #state: GatewayState;
  readonly #servers: Servers;
  readonly #frame = new Writer(512);
  readonly #small = new Uint8Array(4);

  constructor(state: GatewayState, servers: Servers) {
    this.#state = state;
    this.#servers = servers;
  }

  /** In order and not to be lost. */
  reliable(client: Client, frameKind: number, bytes: Uint8Array, start: number, end: number): void {
    if (client.outbox === undefined) this.#write(client, frameKind, bytes, start, end);
    else if (!client.outbox.addReliable(frameKind, bytes, start, end)) this.slow(client);
  }

  /** Replaceable by a newer one of the same key. */
  latest(client: Client, key: number, frameKind: number, bytes: Uint8Array, start: number, end: number): void {
    if (client.outbox === undefined) this.#write(client, frameKind, bytes, start, end);
    else client.outbox.setLatest(key, frameKind, bytes, start, end);
  }

  /** `bytes[start, start + 8)`: applied and covered. */
  acks(client: Client, bytes: Uint8Array, start: number): void {
    if (client.format === 'atlas') this.latest(client, ACKS_KEY, kind.acks, bytes, start, start + 8);
  }

  progress(client: Client, applied: number, covered: number): void {
    const bytes = new Writer(8);
    bytes.u32(applied);
    bytes.u32(covered);
    this.acks(client, bytes.view(), 0);
  }

  /** Also the gateway's own sign of life, with stamp 0: a browser hides the pings of WebSocket from its page. */
  pong(client: Client, bytes: Uint8Array, start: number): void {
    // For a slow client it would only add to the backlog that it is about.
    if (client.outbox === undefined) this.#write(client, kind.pong, bytes, start, start + 4);
  }

  heartbeat(client: Client): void {
    if (client.format === 'atlas') this.pong(client, this.#small, 0);
  }

  welcome(session: Session, tickHz: number, resumed: boolean): void {
    const { client } = session;
    if (client === undefined) return;
    const { policy, secrets, gateways, identity } = this.#state;
    const { id, player, generation, region, epoch, entity, applied, covered } = session;
    const resume = secrets.seal({ session: id, player, generation });
    const common = { session: id, resume, resumeMs: policy.resumeMs, resumed, player, entity, region, epoch, tickHz };
    if (session.format === 'horizon') {
      this.#text(client, { type: 'atlas_welcome', ...common });
      return;
    }
    const frame = {
      version: CLIENT_PROTOCOL,
      ...common,
      applied,
      covered,
      heartbeatMs: policy.heartbeatMs,
      gateways: client.plain ? [...(identity.plainGateways ?? [])] : [...gateways],
    };
    this.#own(client, { kind: 'welcome', ...frame });
  }

  notice(session: Session, notice: Notice, message = ''): void {
    const { client, region, epoch } = session;
    // Nothing comes before the welcome.
    if (client === undefined || session.welcome !== 'done') return;
    if (session.format === 'horizon') this.#text(client, { type: 'atlas_notice', notice, region, epoch, message });
    else this.#own(client, { kind: 'notice', notice, region, epoch, message });
  }

  /** What waited for a slow client, as far as it goes. */
  writable(client: Client): void {
    const { outbox } = client;
    if (outbox === undefined) return;
    client.outbox = undefined;
    for (let next = outbox.take(); next !== undefined; next = outbox.take()) {
      this.#write(client, next.kind, next.bytes, 0, next.bytes.length);
      if (client.outbox === undefined) continue;
      // Slow again: what is left waits on, in a box whose patience begins anew, because something was taken.
      for (let left = outbox.takeMessage(); left !== undefined; left = outbox.takeMessage()) {
        this.reliable(client, left.kind, left.bytes, 0, left.bytes.length);
      }
      outbox.moveLatest(client.outbox);
      return;
    }
  }

  slow(client: Client): void {
    this.close(client, 'SLOW_CLIENT');
  }

  /**
   * The end of a connection, with its reason. The session stays, for a resume, and its server is told; whoever ends the session
   * too does so before.
   */
  close(client: Client, code: ErrorCode, message?: string): void {
    const { clients, out } = this.#state;
    if (clients.get(client.conn) !== client) return;
    this.#state.countRefused(code);
    this.drop(client, closeCodeOf(code), code);
    const text: string = errors[code].text;
    out.closeClient(client.conn, code, message || text);
  }

  /** The connection is gone, whoever ended it. */
  drop(client: Client, closeCode: number, code: string): void {
    const { clients, admission, out, policy, nowMs } = this.#state;
    if (clients.get(client.conn) !== client) return;
    clients.delete(client.conn);
    admission.leave(client.address);
    client.outbox = undefined;
    if (client.state.at !== 'bound') return;
    const { session } = client.state;
    if (session.client !== client) return;
    out.toControl({ kind: 'closed', session: session.id, player: session.player, closeCode, code });
    this.#state.traces.ended(session, code || 'LINK_LOST', nowMs);
    if (session.welcome === 'join') {
      // It was never welcomed, so nobody holds a token to come back with.
      this.#servers.leave(session);
      this.#servers.forget(session);
      return;
    }
    session.client = undefined;
    this.#state.reports.changed(session);
    session.lostMs = nowMs;
    session.cutFrames = 0;
    this.#servers.detach(session);
    // Whatever it waited for goes on without hurry; in the end it is the window that counts.
    this.#state.wake(session, Math.min(session.dueMs, nowMs + policy.resumeMs));
  }

  #own(client: Client, frame: GatewayFrame): void {
    this.#frame.reset();
    GatewayFrame.write(this.#frame, frame);
    const bytes = this.#frame.view();
    this.reliable(client, bytes[0] as number, bytes, 1, bytes.length);
  }

  #text(client: Client, value: unknown): void {
    const bytes = encoder.encode(JSON.stringify(value));
    this.reliable(client, TEXT, bytes, 0, bytes.length);
  }

  #write(client: Client, frameKind: number, bytes: Uint8Array, start: number, end: number): void {
    const { counters, out, policy, nowMs } = this.#state;
    counters.messagesOut++;
    counters.bytesOut += end - start;
    client.sentMs = nowMs;
    const backlog =
      frameKind === TEXT
        ? out.toClientText(client.conn, bytes, start, end)
        : out.toClient(client.conn, frameKind, bytes, start, end);
    if (backlog > policy.backlogBytes) client.outbox = new Outbox(nowMs, policy.slowBytesMax, policy.slowKeysMax);
  }
}
