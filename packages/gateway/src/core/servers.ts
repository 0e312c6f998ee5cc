/**
 * Game servers as a gateway sees them: an address, a link, and the handles given on it.
 *
 * A handle stands for one session at one epoch on one link and is never given again, not even on another link. A frame on a handle that is no more is what a former owner said too late: it is dropped and counted as fenced.
 */
import { assert, Writer } from '@horizon-atlas/base';
import { GatewayToServer, gameLink, LINK_PROTOCOL } from '@horizon-atlas/protocol';
import { writeU32 } from './held.ts';
import type { Session } from './session.ts';
import type { GatewayState } from './state.ts';
import { Traces } from './traces.ts';

export class Server {
  readonly id: string;
  /** Empty: not known yet. */
  address = '';
  link: 'down' | 'dialing' | 'up' = 'down';
  readonly handles = new Map<number, Session>();
  /** Sessions that are to be attached once the link is up. */
  readonly waiting = new Set<Session>();
  /** The control plane names it: its link is kept up, so that a switch to it does not wait for a dial. */
  listed = false;
  tries = 0;
  /** When to dial again; Infinity: not. */
  dueMs = Number.POSITIVE_INFINITY;
  /** When the control plane was last asked for the address. */
  askedMs = Number.NEGATIVE_INFINITY;

  constructor(id: string) {
    this.id = id;
  }
}

export class Servers {
  readonly #state: GatewayState;
  readonly #control = new Writer(1024);
  #scratch = new Uint8Array(32 * 1024);
  #nextHandle = 1;

  constructor(state: GatewayState) {
    this.#state = state;
  }

  of(id: string): Server {
    let server = this.#state.servers.get(id);
    if (server === undefined) {
      server = new Server(id);
      this.#state.servers.set(id, server);
    }
    return server;
  }

  /** The session that a handle stands for now. */
  sessionOf(server: Server, handle: number): Session | undefined {
    const session = server.handles.get(handle);
    if (session === undefined) {
      if (handle > 0 && handle < this.#nextHandle) this.#state.counters.fenced++;
      else this.#state.counters.invalidFromServers++;
    }
    return session;
  }

  /** The servers that the control plane names, all of them: new ones are dialled, those that left are let go. */
  list(servers: readonly { readonly server: string; readonly address: string }[]): void {
    for (const server of this.#state.servers.values()) server.listed = false;
    for (const { server: id, address } of servers) {
      const server = this.of(id);
      server.listed = true;
      server.address = address;
      this.dial(server);
    }
    for (const server of [...this.#state.servers.values()]) this.#forget(server);
  }

  /** Dials now, unless the link is up or the time for the next try is set. */
  dial(server: Server): void {
    if (server.link !== 'down' || server.dueMs < Number.POSITIVE_INFINITY) return;
    if (server.address === '') {
      this.#askAddress(server);
      return;
    }
    server.link = 'dialing';
    this.#state.out.dialServer(server.id, server.address);
  }

  /** The list with the server in it was lost, or an older one came after it. A hello is answered by the list. */
  #askAddress(server: Server): void {
    const { nowMs, policy, out, identity } = this.#state;
    if (nowMs < server.askedMs + policy.requestMs) return;
    server.askedMs = nowMs;
    out.toControl({ kind: 'hello', ...identity, version: LINK_PROTOCOL, sessions: [] });
  }

  up(server: Server): void {
    server.link = 'up';
    server.tries = 0;
    this.#toServer(server, { kind: 'hello', gateway: this.#state.identity.gateway, version: LINK_PROTOCOL });
  }

  /** The link is gone, or could not be made. Answers whose sessions were there. */
  down(server: Server): Session[] {
    const { policy, nowMs } = this.#state;
    const sessions = [...server.handles.values()];
    server.handles.clear();
    server.link = 'down';
    const waitMs = Math.min(policy.redialMsMax, policy.redialMs * 2 ** Math.min(server.tries, 16));
    server.tries++;
    this.#state.wake(server, nowMs + waitMs);
    return sessions;
  }

  /** It is time to dial again, if anybody still wants to go there. */
  retry(server: Server): void {
    if (server.listed || server.waiting.size > 0) this.dial(server);
    else this.#forget(server);
  }

  attach(server: Server, session: Session): number {
    const handle = this.#nextHandle++;
    assert(handle <= 0xffff_ffff, 'a gateway has used up its handles');
    server.handles.set(handle, session);
    this.#toServer(server, {
      kind: 'attach',
      handle,
      session: session.id,
      player: session.player,
      name: session.name,
      entity: session.entity,
      epoch: session.epoch,
      format: session.format,
      reason: session.welcome === 'done' ? 'switch' : session.welcome,
      generation: session.welcome === 'resume' ? session.claimed : Math.max(0, session.generation),
      // After a break nothing may have been passed on yet; then it is what the client said itself.
      received: session.forwarded < 0 ? session.received : session.forwarded,
      schema: session.schema,
      traceparent: Traces.cause(session),
    });
    return handle;
  }

  /** Takes the session's handle back: whatever still comes on it is fenced. */
  retire(session: Session): void {
    const { route } = session;
    if (route.at === 'attaching' || route.at === 'attached') this.of(route.server).handles.delete(route.handle);
    else if (route.at === 'dialing') this.of(route.server).waiting.delete(session);
  }

  /** The session is over, as far as this gateway is concerned. */
  forget(session: Session): void {
    this.retire(session);
    this.#state.traces.ended(session, '', this.#state.nowMs);
    session.dueMs = Number.POSITIVE_INFINITY;
    session.client = undefined;
    if (this.#state.sessions.get(session.id) !== session) return;
    this.#state.sessions.delete(session.id);
    this.#state.reports.forgotten(session);
  }

  detach(session: Session): void {
    const { route } = session;
    if (route.at !== 'attaching' && route.at !== 'attached') return;
    this.#toServer(this.of(route.server), { kind: 'detach', handle: route.handle, session: session.id });
  }

  leave(session: Session): void {
    const { route } = session;
    if (route.at !== 'attaching' && route.at !== 'attached') return;
    this.#toServer(this.of(route.server), { kind: 'leave', handle: route.handle, session: session.id });
  }

  /** A data frame: its kind, the handle, then `bytes[start, end)`. */
  data(server: string, kind: number, handle: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (5 + length > this.#scratch.length) this.#scratch = new Uint8Array(2 * (5 + length));
    const scratch = this.#scratch;
    scratch[0] = kind;
    writeU32(scratch, 1, handle);
    if (length <= 64) for (let i = 0; i < length; i++) scratch[5 + i] = bytes[start + i] as number;
    else scratch.set(bytes.subarray(start, end), 5);
    this.#state.out.toServer(server, scratch.subarray(0, 5 + length));
  }

  ack(session: Session): void {
    const { route } = session;
    if (route.at !== 'attached') return;
    writeU32(ackBytes, 0, session.received);
    this.data(route.server, gameLink.ack, route.handle, ackBytes, 0, 4);
  }

  /** Lets go of a server that was left by everybody and that the control plane does not name. */
  #forget(server: Server): void {
    if (server.listed || server.handles.size > 0 || server.waiting.size > 0) return;
    this.#state.servers.delete(server.id);
    server.dueMs = Number.POSITIVE_INFINITY;
    if (server.link !== 'down') this.#state.out.hangUp(server.id);
  }

  #toServer(server: Server, message: GatewayToServer): void {
    this.#control.reset();
    this.#control.u8(gameLink.control);
    GatewayToServer.write(this.#control, message);
    this.#state.out.toServer(server.id, this.#control.view());
  }
}

const ackBytes = new Uint8Array(4);
