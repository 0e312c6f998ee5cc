/**
 * From servers to clients. A data frame's tail, after the handle, is what follows the kind byte of the client's frame, so it is
 * passed on as it lies in the link's buffer. A fan-out lists many handles before one such tail.
 */
import { events, gameLink, kind, limits, ServerToGateway } from '@horizon-atlas/protocol';
import { readU16, readU32 } from './held.ts';
import { TEXT } from './outbox.ts';
import { codeOr, type Routes } from './routes.ts';
import type { Sender } from './sender.ts';
import type { Server, Servers } from './servers.ts';
import type { Session } from './session.ts';
import type { GatewayState } from './state.ts';

export class FanOut {
  readonly #state: GatewayState;
  readonly #servers: Servers;
  readonly #sender: Sender;
  readonly #routes: Routes;

  constructor(state: GatewayState, servers: Servers, sender: Sender, routes: Routes) {
    this.#state = state;
    this.#servers = servers;
    this.#sender = sender;
    this.#routes = routes;
  }

  /** One frame of a server's link. A malformed one is dropped and counted: both ends are of one release, so it is a bug. */
  frame(server: Server, bytes: Uint8Array): void {
    const length = bytes.length;
    switch (bytes[0]) {
      case gameLink.latestDown:
        if (length >= 11) {
          this.#latest(this.#servers.sessionOf(server, readU32(bytes, 1)), bytes, 5);
          return;
        }
        break;
      case gameLink.message:
        if (length >= 11) {
          this.#message(this.#servers.sessionOf(server, readU32(bytes, 1)), bytes);
          return;
        }
        break;
      case gameLink.fanOut: {
        const tail = 3 + 4 * (length >= 3 ? readU16(bytes, 1) : 0);
        if (length < tail + 6) break;
        for (let at = 3; at < tail; at += 4) this.#latest(this.#servers.sessionOf(server, readU32(bytes, at)), bytes, tail);
        return;
      }
      case gameLink.acks: {
        const count = length >= 3 ? readU16(bytes, 1) : 0;
        if (length !== 3 + 12 * count) break;
        for (let at = 3; at < length; at += 12) this.#acks(this.#servers.sessionOf(server, readU32(bytes, at)), bytes, at + 4);
        return;
      }
      case gameLink.control:
        this.#control(server, bytes);
        return;
    }
    this.#state.counters.invalidFromServers++;
  }

  /** `tail`: where key, event and payload begin. */
  #latest(session: Session | undefined, bytes: Uint8Array, tail: number): void {
    if (session === undefined || session.route.at !== 'attached') return;
    const { client } = session;
    if (client === undefined) return;
    if (session.cutFrames > 0) this.#measureCut(session);
    session.latestMs = this.#state.nowMs;
    const key = readU32(bytes, tail);
    if (session.format === 'atlas') this.#sender.latest(client, key, kind.latestDown, bytes, tail, bytes.length);
    else if (readU16(bytes, tail + 4) === events.horizon) this.#sender.latest(client, key, TEXT, bytes, tail + 6, bytes.length);
  }

  /** Exactly the next number passes: a lower one came before, a higher one says that something is missing. */
  #message(session: Session | undefined, bytes: Uint8Array): void {
    if (session === undefined || session.route.at !== 'attached') return;
    const { client, forwarded } = session;
    // The server keeps what is not acknowledged, for the resume.
    if (client === undefined) return;
    const seq = readU32(bytes, 5);
    if (forwarded >= 0 && seq !== forwarded + 1) {
      if (seq > forwarded) this.#routes.resync(session);
      return;
    }
    if (seq >= limits.sequenceMax) {
      this.#routes.end(session, 'SESSION_EXHAUSTED', '');
      return;
    }
    session.forwarded = seq;
    if (session.format === 'atlas') this.#sender.reliable(client, kind.message, bytes, 5, bytes.length);
    else if (readU16(bytes, 9) === events.horizon) this.#sender.reliable(client, TEXT, bytes, 11, bytes.length);
  }

  /** `at`: where applied and covered lie. */
  #acks(session: Session | undefined, bytes: Uint8Array, at: number): void {
    if (session === undefined || session.route.at !== 'attached') return;
    const applied = readU32(bytes, at);
    const covered = readU32(bytes, at + 4);
    if (applied <= session.applied && covered <= session.covered) return;
    session.applied = Math.max(session.applied, applied);
    if (covered > session.covered) {
      session.covered = covered;
      session.held.release(covered);
      this.#routes.makeRoom(session);
    }
    if (session.client !== undefined) this.#sender.acks(session.client, bytes, at);
  }

  #control(server: Server, bytes: Uint8Array): void {
    const message = ServerToGateway.decode(bytes, 1);
    switch (message?.kind) {
      case undefined:
        this.#state.counters.invalidFromServers++;
        break;
      case 'hello':
        break;
      case 'attached':
        this.#routes.attached(server, message);
        break;
      case 'attachRefused':
        this.#routes.attachRefused(server, message.handle, message.code);
        break;
      case 'kick': {
        const session = this.#servers.sessionOf(server, message.handle);
        if (session !== undefined) this.#routes.end(session, codeOr(message.code, 'SESSION_KICKED'), message.message);
        break;
      }
    }
  }

  #measureCut(session: Session): void {
    session.cutGapMs = Math.max(session.cutGapMs, this.#state.nowMs - session.latestMs);
    session.cutFrames--;
    if (session.cutFrames > 0) return;
    this.#state.addGap(session.id, session.cutGapMs, session.cutRecovery);
    this.#state.traces.seen(session, session.cutGapMs, this.#state.nowMs);
  }
}
