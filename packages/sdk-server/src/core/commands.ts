/**
 * Commands: taken from gateways' frames into a queue for each session, applied in order at the start of a tick, once each.
 * A command that cannot be read counts as applied, so that it is not sent again, and costs its client the connection.
 */
import { Reader } from '@horizon-atlas/base';
import { type Codec, events, gameLink, parseHorizon } from '@horizon-atlas/protocol';
import type { Attaches } from './attach.ts';
import type { Delivery } from './delivery.ts';
import type { Entity } from './entities.ts';
import { fits } from './fits.ts';
import type { GatewayLink, ServerState } from './server-state.ts';
import type { QueuedCommand, Session } from './sessions.ts';

interface Decoded {
  readonly name: string;
  readonly data: unknown;
}

/** Bytes before the payload: kind, handle, and seq and event of a command, or event of a latest. */
const COMMAND_HEADER = 11;
const LATEST_HEADER = 7;
const ACK_BYTES = 9;

const decoder = new TextDecoder('utf-8', { fatal: true });

export class Commands {
  readonly #state: ServerState;
  readonly #delivery: Delivery;
  readonly #attaches: Attaches;
  /** Sessions with something in their queue, in the order in which they first spoke. */
  readonly #busy = new Set<Session>();

  constructor(state: ServerState, delivery: Delivery, attaches: Attaches) {
    this.#state = state;
    this.#delivery = delivery;
    this.#attaches = attaches;
    attaches.onCommand = (session, command) => this.#take(session, command);
  }

  /** A data frame of a gateway. False: malformed. The frame is valid during the call only. */
  frame(link: GatewayLink, frame: Uint8Array): boolean {
    const r = new Reader(frame, 1);
    switch (frame[0]) {
      case gameLink.command: {
        if (frame.length < COMMAND_HEADER) return false;
        const handle = r.u32();
        const session = link.handles.get(handle);
        const command = { seq: r.u32(), event: r.u16(), payload: r.copy(r.left) };
        if (session) this.#take(session, command);
        else if (!this.#attaches.hold(link.id, handle, command)) this.#state.fenced++;
        return true;
      }
      case gameLink.latestUp: {
        if (frame.length < LATEST_HEADER) return false;
        const session = link.handles.get(r.u32());
        if (!session) this.#state.fenced++;
        else if (!session.group.frozen) this.#takeLatest(session, r.u16(), r.copy(r.left));
        return true;
      }
      case gameLink.ack: {
        if (frame.length !== ACK_BYTES) return false;
        const session = link.handles.get(r.u32());
        if (!session) {
          this.#state.fenced++;
          return true;
        }
        session.confirm();
        if (!session.group.frozen) session.acknowledge(r.u32());
        return true;
      }
      default:
        return false;
    }
  }

  #take(session: Session, command: QueuedCommand): void {
    const outcome = session.enqueue(command, this.#state.policy);
    if (outcome === 'taken') this.#busy.add(session);
    else if (outcome !== 'known') {
      this.#state.event('command-gap', { session: session.id, seq: command.seq, expected: session.queuedTo + 1, outcome });
      this.#delivery.hangUp(session, 'NOT_OWNER');
    }
  }

  #takeLatest(session: Session, event: number, payload: Uint8Array): void {
    let key = event;
    if (session.format === 'horizon') {
      // There the event is in the text; each keeps its own newest.
      const decoded = this.#decode(session, event, payload);
      if (!decoded) {
        this.#malformed(session);
        return;
      }
      if (decoded === 'not ours') return;
      key = this.#state.game.schema.client.id(decoded.name);
    }
    session.latest.delete(key);
    session.latest.set(key, payload);
    this.#busy.add(session);
  }

  /** Applies what has come for the region's groups; frozen ones keep theirs. */
  apply(regionId: string): void {
    for (const session of this.#busy) {
      const { group } = session;
      if (this.#state.sessions.get(session.id) !== session) {
        this.#busy.delete(session);
        continue;
      }
      if (group.frozen || group.region.id !== regionId) continue;
      this.#busy.delete(session);
      this.#applySession(session);
    }
  }

  #applySession(session: Session): void {
    const entity = session.group.members.find((each) => each.session === session);
    if (!entity) return;
    const queue = session.queue;
    session.queue = [];
    for (const command of queue) {
      session.applied = command.seq;
      this.#delivery.owesAck(session);
      if (!this.#run(session, entity, command.event, command.payload)) return;
      // The game may have ended the session by what it did.
      if (entity.session !== session) return;
    }
    if (session.latest.size === 0) return;
    const latest = [...session.latest];
    session.latest.clear();
    for (const [event, payload] of latest) {
      if (!this.#run(session, entity, session.format === 'horizon' ? events.horizon : event, payload)) return;
      if (entity.session !== session) return;
    }
  }

  /** False: malformed, and the client has been sent away. */
  #run(session: Session, entity: Entity, event: number, payload: Uint8Array): boolean {
    const decoded = this.#decode(session, event, payload);
    if (!decoded) {
      this.#malformed(session);
      return false;
    }
    // A Horizon server has handlers for some events and lets the others pass: they may be for a listener at the gateway.
    if (decoded === 'not ours') return true;
    const handler = this.#state.game.commands?.[decoded.name];
    const world = session.group.region.world;
    if (handler && world) this.#state.guard(`commands.${decoded.name}`, () => handler(entity, decoded.data, world));
    return true;
  }

  #malformed(session: Session): void {
    session.clearQueue();
    this.#delivery.kick(session, 'MESSAGE_INVALID', '');
  }

  #decode(session: Session, event: number, payload: Uint8Array): Decoded | 'not ours' | undefined {
    const { client } = this.#state.game.schema;
    if (session.format === 'horizon') return event === events.horizon ? this.#decodeHorizon(payload) : undefined;
    const name = client.name(event);
    if (name === undefined) return undefined;
    const r = new Reader(payload);
    const data = client.codec(name).read(r);
    return r.bad || r.left > 0 ? undefined : { name, data };
  }

  #decodeHorizon(payload: Uint8Array): Decoded | 'not ours' | undefined {
    let text: string;
    try {
      text = decoder.decode(payload);
    } catch {
      return undefined;
    }
    const message = parseHorizon(text);
    if (!message) return undefined;
    const name = `${message.namespace}/${message.event}`;
    const { client } = this.#state.game.schema;
    if (!client.names.includes(name)) return 'not ours';
    const data = fits(client.codec(name) as Codec<unknown>, message.data);
    return data === undefined ? undefined : { name, data };
  }
}
