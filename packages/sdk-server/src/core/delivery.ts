/** What goes to players: numbered messages, latest-wins frames, fan-out, and the acks of each tick. */
import { Writer } from '@horizon-atlas/base';
import {
  AtlasError,
  type Codec,
  events,
  formatHorizon,
  gameLink,
  limits,
  type ServerToGateway,
  ServerToGateway as ServerToGatewayCodec,
} from '@horizon-atlas/protocol';
import type { LinkId } from './out.ts';
import type { ServerState } from './server-state.ts';
import type { OutMessage, Session } from './sessions.ts';

/** Sessions named in one fan-out or acks frame. */
const PER_FRAME = 4096;

const encoder = new TextEncoder();

/** One message in both wire formats, each made when first needed. */
export class Outgoing {
  readonly name: string;
  readonly event: number;
  readonly #codec: Codec<unknown>;
  readonly #data: unknown;
  #atlas: Uint8Array | undefined = undefined;
  #horizon: Uint8Array | undefined = undefined;

  /** @throws AtlasError MESSAGE_INVALID if the data does not fit the schema: an error in the game's own code. */
  constructor(name: string, event: number, codec: Codec<unknown>, data: unknown) {
    this.name = name;
    this.event = event;
    this.#codec = codec;
    this.#data = data;
  }

  eventFor(session: Session): number {
    return session.format === 'horizon' ? events.horizon : this.event;
  }

  payloadFor(session: Session): Uint8Array {
    if (session.format === 'horizon') {
      this.#horizon ??= checked(this.name, encoder.encode(formatHorizon(this.name, plain(this.#data))));
      return this.#horizon;
    }
    this.#atlas ??= checked(this.name, this.#encode());
    return this.#atlas;
  }

  #encode(): Uint8Array {
    const w = new Writer(64);
    try {
      this.#codec.write(w, this.#data);
    } catch (error) {
      throw new AtlasError('MESSAGE_INVALID', `the data of ${this.name} does not fit the schema: ${String(error)}`);
    }
    return w.copy();
  }
}

export class Delivery {
  readonly #state: ServerState;
  readonly #writer = new Writer(4096);
  #ackDue: Session[] = [];

  constructor(state: ServerState) {
    this.#state = state;
  }

  control(link: LinkId, message: ServerToGateway): void {
    const w = this.#writer;
    w.reset();
    w.u8(gameLink.control);
    ServerToGatewayCodec.write(w, message);
    this.#state.out.toGateway(link, w.view());
  }

  /** Reliable: numbered, kept until acknowledged, sent now if there is a socket. False: dropped, the group has left or the client is too slow. */
  message(session: Session, event: number, payload: Uint8Array): boolean {
    // The state of a frozen group has been given away: what is added now would reach nobody.
    if (session.group.frozen) return false;
    const { policy } = this.#state;
    let message = session.append(event, payload, policy);
    if (!message && session.attached) {
      this.kick(session, 'SLOW_CLIENT', '');
    }
    while (!message) {
      session.dropOldest();
      message = session.append(event, payload, policy);
    }
    if (session.attached) this.resend(session, message);
    return true;
  }

  /** A kept message, again or for the first time. */
  resend(session: Session, message: OutMessage): void {
    const to = session.attached;
    if (!to) return;
    const w = this.#writer;
    w.reset();
    w.u8(gameLink.message);
    w.u32(to.handle);
    w.u32(message.seq);
    w.u16(message.event);
    w.raw(message.payload);
    this.#state.out.toGateway(to.link, w.view());
  }

  /** May be replaced on the way by a newer one with the same key; not kept. */
  latest(session: Session, key: number, event: number, payload: Uint8Array): void {
    const to = session.attached;
    if (!to) return;
    const w = this.#writer;
    w.reset();
    w.u8(gameLink.latestDown);
    w.u32(to.handle);
    w.u32(key);
    w.u16(event);
    w.raw(payload);
    this.#state.out.toGateway(to.link, w.view());
  }

  /** The same latest-wins message for many: one frame for each gateway and format. */
  fanOut(sessions: Iterable<Session>, key: number, outgoing: Outgoing): void {
    const audiences = new Map<string, Session[]>();
    for (const session of sessions) {
      if (!session.attached) continue;
      const audience = `${session.attached.link}/${session.format}`;
      const list = audiences.get(audience);
      if (list && list.length < PER_FRAME) list.push(session);
      else if (list) {
        this.#fan(list, key, outgoing);
        audiences.set(audience, [session]);
      } else audiences.set(audience, [session]);
    }
    for (const list of audiences.values()) this.#fan(list, key, outgoing);
  }

  #fan(sessions: readonly Session[], key: number, outgoing: Outgoing): void {
    const first = sessions[0];
    if (!first?.attached) return;
    const payload = outgoing.payloadFor(first);
    const w = this.#writer;
    w.reset();
    w.u8(gameLink.fanOut);
    w.u16(sessions.length);
    for (const session of sessions) w.u32(session.attached?.handle ?? 0);
    w.u32(key);
    w.u16(outgoing.eventFor(first));
    w.raw(payload);
    this.#state.out.toGateway(first.attached.link, w.view());
  }

  /** The session's `applied` or `covered` has changed: told with the others at the end of the tick. */
  owesAck(session: Session): void {
    if (session.ackDue) return;
    session.ackDue = true;
    this.#ackDue.push(session);
  }

  /** One acks frame for each gateway link with news. */
  flushAcks(): void {
    if (this.#ackDue.length === 0) return;
    const byLink = new Map<LinkId, Session[]>();
    for (const session of this.#ackDue) {
      session.ackDue = false;
      if (!session.attached) continue;
      const list = byLink.get(session.attached.link);
      if (list) list.push(session);
      else byLink.set(session.attached.link, [session]);
    }
    this.#ackDue = [];
    for (const [link, sessions] of byLink) {
      for (let at = 0; at < sessions.length; at += PER_FRAME) this.#acks(link, sessions.slice(at, at + PER_FRAME));
    }
  }

  #acks(link: LinkId, sessions: readonly Session[]): void {
    const w = this.#writer;
    w.reset();
    w.u8(gameLink.acks);
    w.u16(sessions.length);
    for (const session of sessions) {
      w.u32(session.attached?.handle ?? 0);
      w.u32(session.applied);
      w.u32(session.covered);
    }
    this.#state.out.toGateway(link, w.view());
  }

  /** Lets go of the gateway's handle: it asks where the session is, attaches again, and says again what was not applied. */
  hangUp(session: Session, code: 'NOT_OWNER'): void {
    const to = session.attached;
    if (!to) return;
    this.control(to.link, { kind: 'attachRefused', handle: to.handle, session: session.id, code });
    this.#state.links.get(to.link)?.handles.delete(to.handle);
    session.detach(this.#state.nowMs, this.#state.policy);
  }

  /** Ends the session's socket with a code. The session stays, to be resumed, unless the caller ends it. */
  kick(session: Session, code: string, message: string): void {
    const to = session.attached;
    if (!to) return;
    this.control(to.link, { kind: 'kick', handle: to.handle, session: session.id, code, message });
    this.#state.links.get(to.link)?.handles.delete(to.handle);
    session.detach(this.#state.nowMs, this.#state.policy);
  }
}

function checked(name: string, payload: Uint8Array): Uint8Array {
  if (payload.length <= limits.serverMessageBytes) return payload;
  throw new AtlasError('MESSAGE_TOO_BIG', `${name} has ${payload.length} bytes; the limit is ${limits.serverMessageBytes}`);
}

/** Bytes have no place in JSON: they become lists of numbers. */
function plain(data: unknown): unknown {
  if (data instanceof Uint8Array) return [...data];
  if (Array.isArray(data)) return data.map(plain);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plain(value)]));
}
