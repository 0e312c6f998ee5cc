/**
 * From clients: hello, commands, replaceable values, acknowledgements. Data frames are read at fixed offsets and passed on as
 * they lie in the receive buffer; only a hello is decoded whole.
 */
import {
  CLIENT_PROTOCOL,
  ClientFrame,
  type ErrorCode,
  events,
  gameLink,
  kind,
  limits,
  parseHorizon,
} from '@horizon-atlas/protocol';
import { Bucket } from './admission.ts';
import { HeldCommands, readU32, writeU32 } from './held.ts';
import type { TokenVerdict } from './out.ts';
import type { Routes } from './routes.ts';
import type { Sender } from './sender.ts';
import type { Servers } from './servers.ts';
import { type Client, type Format, type Hello, Session } from './session.ts';
import type { GatewayState } from './state.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
const noHello: Hello = { token: '', resume: '', received: 0, schema: 0 };
/** Messages kept of a horizon.v1 client that speaks before its session has begun; it is not read meanwhile, so one is usual. */
const EARLY_MAX = 64;

/** What a horizon.v1 client may bring along in its upgrade request. */
export interface Credentials {
  readonly token: string;
  readonly resume: string;
}

export class Clients {
  readonly #state: GatewayState;
  readonly #servers: Servers;
  readonly #sender: Sender;
  readonly #routes: Routes;
  /** Which events of a namespace somebody listens to. */
  readonly #listen = new Map<string, Set<string>>();
  /** A horizon command on its way: seq, event, text. */
  #text = new Uint8Array(1024);

  constructor(state: GatewayState, servers: Servers, sender: Sender, routes: Routes) {
    this.#state = state;
    this.#servers = servers;
    this.#sender = sender;
    this.#routes = routes;
    for (const name of state.policy.listen) {
      const slash = name.indexOf('/');
      const namespace = name.slice(0, slash);
      const names = this.#listen.get(namespace) ?? new Set();
      this.#listen.set(namespace, names.add(name.slice(slash + 1)));
    }
  }

  /** Counts a new connection in; undefined: it may stay. */
  accepted(conn: number, remoteAddress: string, plain: boolean): ErrorCode | undefined {
    const { admission, policy, clients, nowMs } = this.#state;
    const address = admission.enter(remoteAddress, nowMs);
    if (typeof address === 'string') {
      this.#state.countRefused(address);
      return address;
    }
    clients.set(conn, {
      conn,
      address,
      plain,
      format: 'atlas',
      state: { at: 'handshaking' },
      messages: new Bucket(policy.messagesPerConnection, nowMs),
      clientEvents: new Bucket(policy.clientEventsPerConnection, nowMs),
      openedMs: nowMs,
      heardMs: nowMs,
      sentMs: nowMs,
      pingedMs: nowMs,
      pingedSeq: 0,
      roundTrip: undefined,
      outbox: undefined,
      paused: false,
      early: undefined,
    });
    return undefined;
  }

  opened(client: Client, format: Format, credentials: Credentials | undefined): void {
    client.format = format;
    client.state = { at: 'greeting' };
    if (this.#state.draining) this.#sender.close(client, 'GATEWAY_DRAINING');
    else if (credentials !== undefined) this.#greet(client, { ...noHello, ...credentials });
  }

  /** Anything that was heard, control frames of the transport included. False: too much of it, and the client is gone. */
  heard(client: Client, length: number): boolean {
    const { policy, nowMs } = this.#state;
    client.heardMs = nowMs;
    const cost = 1 + (length >> 10);
    if (
      client.messages.take(policy.messagesPerConnection, cost, nowMs) &&
      client.address.messages.take(policy.messagesPerAddress, cost, nowMs)
    ) {
      return true;
    }
    this.#sender.close(client, 'RATE_LIMITED');
    return false;
  }

  message(client: Client, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#state.counters.messagesIn++;
    this.#state.counters.bytesIn += length;
    if (!this.heard(client, length)) return;
    if (length > this.#state.policy.messageBytesMax + 16) {
      this.#sender.close(client, 'MESSAGE_TOO_BIG');
      return;
    }
    if (client.format === 'horizon') this.#horizon(client, bytes, start, end);
    else this.#atlas(client, bytes, start, end);
  }

  /** An answer to a ping: everything sent before it has arrived. */
  ponged(client: Client, stamp: number): void {
    const session = sessionOf(client);
    const { roundTrip } = client;
    if (session !== undefined && roundTrip !== undefined && roundTrip.stamp === stamp && roundTrip.ms === undefined) {
      roundTrip.ms = this.#state.nowMs - roundTrip.sentMs;
      this.#state.reports.measured(session, roundTrip.ms);
    }
    if (session?.format !== 'horizon' || stamp > session.forwarded || stamp <= session.received) return;
    session.received = stamp;
    session.confirmed = true;
    session.acknowledged = true;
    this.#servers.ack(session);
  }

  verified(client: Client, verdict: TokenVerdict): void {
    if (client.state.at !== 'verifying') return;
    const { hello, sinceMs } = client.state;
    if (!verdict.ok) {
      this.#sender.close(client, verdict.code);
      return;
    }
    if (this.#state.draining) {
      this.#sender.close(client, 'GATEWAY_DRAINING');
      return;
    }
    const identity = { id: this.#state.secrets.newSessionId(), player: verdict.player, name: verdict.name };
    const session = this.#newSession(client, hello, identity, 'join');
    this.#state.traces.entered(session, client, sinceMs, this.#state.nowMs);
    this.#bind(client, hello, session);
    this.#routes.join(session);
  }

  /** The control plane knows nothing of the session that was to be resumed: a new one, if the token is good. */
  startOver(session: Session): void {
    const { client } = session;
    if (client?.state.at !== 'bound') return;
    const { hello } = client.state;
    this.#state.traces.ended(session, 'SESSION_ENDED', this.#state.nowMs);
    this.#servers.forget(session);
    client.state = { at: 'verifying', hello, sinceMs: this.#state.nowMs };
    this.#state.out.verifyToken(client.conn, hello.token);
  }

  // ---- atlas.v1 ----

  #atlas(client: Client, bytes: Uint8Array, start: number, end: number): void {
    const session = sessionOf(client);
    const length = end - start;
    switch (bytes[start]) {
      case kind.latestUp:
        if (session === undefined || length < 3) break;
        this.#latest(session, bytes, start + 1, end);
        return;
      case kind.command:
        if (session === undefined || length < 7) break;
        this.#command(client, session, bytes, start + 1, end);
        return;
      case kind.ack: {
        if (session === undefined || length !== 5) break;
        this.#ack(client, session, readU32(bytes, start + 1));
        return;
      }
      case kind.ping:
        if (session === undefined || length !== 5) break;
        this.#sender.pong(client, bytes, start + 1);
        return;
      case kind.bye:
        if (session === undefined || length !== 1) break;
        this.#routes.leave(session);
        return;
      case kind.hello:
        if (client.state.at !== 'greeting') break;
        this.#hello(client, bytes.subarray(start, end));
        return;
    }
    this.#sender.close(client, 'MESSAGE_INVALID');
  }

  #hello(client: Client, bytes: Uint8Array): void {
    // A hello of another version may have other fields, but its version is always in the same place.
    const version = bytes.length >= 3 ? (bytes[1] as number) | ((bytes[2] as number) << 8) : CLIENT_PROTOCOL;
    if (version !== CLIENT_PROTOCOL) {
      this.#sender.close(client, 'VERSION_UNKNOWN');
      return;
    }
    const frame = ClientFrame.decode(bytes);
    if (frame?.kind !== 'hello') {
      this.#sender.close(client, 'MESSAGE_INVALID');
      return;
    }
    const { token, resume, received, schema } = frame;
    this.#greet(client, { token, resume, received, schema });
  }

  /** `at`: where seq, event and payload begin. */
  #command(client: Client, session: Session, bytes: Uint8Array, at: number, end: number): void {
    const seq = readU32(bytes, at);
    if (seq === 0) {
      this.#sender.close(client, 'MESSAGE_INVALID', 'commands are numbered from 1');
      return;
    }
    if (seq <= session.lastSeq) {
      this.#state.counters.duplicates++;
      return;
    }
    if (seq > session.nextSeqMax) {
      this.#sender.close(client, 'SEQUENCE_INVALID');
      return;
    }
    if (seq >= limits.sequenceMax) {
      this.#routes.end(session, 'SESSION_EXHAUSTED', '');
      return;
    }
    // What is held is always without a gap. See Routes.
    if (seq !== session.lastSeq + 1) session.held.clear();
    session.confirmed = true;
    this.#accept(client, session, seq, bytes, at, end);
  }

  #accept(client: Client, session: Session, seq: number, bytes: Uint8Array, at: number, end: number): void {
    const { held, route } = session;
    if (held.overrun) {
      this.#sender.close(client, 'RATE_LIMITED', 'commands were sent on after slow-down');
      return;
    }
    held.push(bytes, at, end);
    session.lastSeq = seq;
    session.nextSeqMax = seq + 1;
    if (route.at === 'attached') this.#servers.data(route.server, gameLink.command, route.handle, bytes, at, end);
    if (held.full && !client.paused) {
      client.paused = true;
      this.#state.out.pauseClient(client.conn);
      if (!session.toldSlow) this.#sender.notice(session, 'slow-down');
      session.toldSlow = true;
    }
  }

  /** `at`: where event and payload begin. Nobody misses it while the session has no owner: the next one is on its way. */
  #latest(session: Session, bytes: Uint8Array, at: number, end: number): void {
    const { route } = session;
    if (route.at === 'attached') this.#servers.data(route.server, gameLink.latestUp, route.handle, bytes, at, end);
  }

  #ack(client: Client, session: Session, received: number): void {
    session.confirmed = true;
    // After a break the server knows better what was sent.
    if (session.forwarded >= 0 && received > session.forwarded) {
      this.#sender.close(client, 'MESSAGE_INVALID');
      return;
    }
    if (received <= session.received && session.acknowledged) return;
    session.acknowledged = true;
    session.received = Math.max(session.received, received);
    this.#servers.ack(session);
  }

  // ---- horizon.v1 ----

  #horizon(client: Client, bytes: Uint8Array, start: number, end: number): void {
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(start, end));
    } catch {
      this.#sender.close(client, 'MESSAGE_INVALID', 'a message is not UTF-8');
      return;
    }
    const message = parseHorizon(text);
    if (message === undefined) {
      this.#sender.close(client, 'MESSAGE_INVALID', 'a message is not of the form {namespace, event, data}');
      return;
    }
    const { state } = client;
    if (state.at === 'greeting') {
      const isHello = message.namespace === 'atlas' && message.event === 'hello';
      if (!isHello) client.early = [bytes.slice(start, end)];
      this.#greet(client, isHello ? helloOf(message.data) : noHello);
      return;
    }
    if (state.at !== 'bound') {
      client.early ??= [];
      if (client.early.length >= EARLY_MAX) {
        this.#sender.close(client, 'RATE_LIMITED');
        return;
      }
      client.early.push(bytes.slice(start, end));
      return;
    }
    const { session } = state;
    if (session.lastSeq + 1 >= limits.sequenceMax) {
      this.#routes.end(session, 'SESSION_EXHAUSTED', '');
      return;
    }
    if (this.#listen.get(message.namespace)?.has(message.event)) this.#clientEvent(client, session, message);
    this.#acceptText(client, session, bytes, start, end);
  }

  #acceptText(client: Client, session: Session, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#text.length < 6 + length) this.#text = new Uint8Array(2 * (6 + length));
    const seq = session.lastSeq + 1;
    writeU32(this.#text, 0, seq);
    this.#text[4] = events.horizon & 0xff;
    this.#text[5] = events.horizon >> 8;
    this.#text.set(bytes.subarray(start, end), 6);
    this.#accept(client, session, seq, this.#text, 0, 6 + length);
  }

  #clientEvent(
    client: Client,
    session: Session,
    { namespace, event, data }: { namespace: string; event: string; data: unknown },
  ): void {
    const { policy, nowMs, out } = this.#state;
    if (!client.clientEvents.take(policy.clientEventsPerConnection, 1, nowMs)) return;
    const text = JSON.stringify(data) ?? 'null';
    out.toControl({ kind: 'clientEvent', session: session.id, player: session.player, namespace, event, data: text });
  }

  // ---- sessions ----

  #greet(client: Client, hello: Hello): void {
    if (hello.resume !== '') {
      this.#resume(client, hello);
      return;
    }
    client.state = { at: 'verifying', hello, sinceMs: this.#state.nowMs };
    if (client.format === 'horizon') this.#hush(client);
    this.#state.out.verifyToken(client.conn, hello.token);
  }

  #resume(client: Client, hello: Hello): void {
    const { secrets, sessions } = this.#state;
    const identity = secrets.unseal(hello.resume);
    if (identity === undefined) {
      this.#sender.close(client, 'RESUME_INVALID');
      return;
    }
    const { session: id, player, generation } = identity;
    const known = sessions.get(id);
    if (known === undefined) {
      const session = this.#newSession(client, hello, { id, player, name: '' }, 'resume');
      session.claimed = generation;
      this.#state.traces.entered(session, client, this.#state.nowMs, this.#state.nowMs);
      this.#bind(client, hello, session);
      this.#routes.locate(session);
      return;
    }
    // The token before the newest is good until the newest was used: its welcome may never have arrived.
    const oldest = known.confirmed ? known.generation : known.generation - 1;
    if (generation < oldest) {
      this.#sender.close(client, 'RESUME_REPLAYED');
      return;
    }
    if (known.player !== player || known.format !== client.format) {
      this.#sender.close(client, 'RESUME_INVALID');
      return;
    }
    const former = known.client;
    known.client = undefined;
    known.claimed = generation;
    known.welcome = 'resume';
    // A horizon.v1 client cannot count: what it certainly has is what a pong confirmed.
    if (client.format === 'atlas') known.received = hello.received;
    known.forwarded = known.received;
    known.lostMs = Number.NaN;
    known.cutFrames = 0;
    known.latestMs = Number.NaN;
    known.toldSlow = false;
    if (former !== undefined) this.#sender.close(former, 'SESSION_REPLACED');
    this.#state.traces.entered(known, client, this.#state.nowMs, this.#state.nowMs);
    this.#bind(client, hello, known);
    this.#routes.rejoin(known);
  }

  #newSession(
    client: Client,
    hello: Hello,
    who: { id: string; player: string; name: string },
    welcome: 'join' | 'resume',
  ): Session {
    const { policy, sessions, nowMs } = this.#state;
    const held = new HeldCommands(policy.heldCommandsMax, policy.heldBytesMax);
    const session = new Session({ ...who, format: client.format, schema: hello.schema }, held, welcome, nowMs);
    session.forwarded = welcome === 'resume' ? hello.received : 0;
    session.received = session.forwarded;
    sessions.set(session.id, session);
    return session;
  }

  #bind(client: Client, hello: Hello, session: Session): void {
    session.client = client;
    client.state = { at: 'bound', hello, session };
    this.#state.reports.changed(session);
    if (client.format !== 'horizon') return;
    const { early } = client;
    client.early = undefined;
    for (const bytes of early ?? []) this.#acceptText(client, session, bytes, 0, bytes.length);
    this.#routes.makeRoom(session);
  }

  /** A horizon.v1 client speaks without waiting for a welcome; until it has a session it is not read. */
  #hush(client: Client): void {
    if (client.paused) return;
    client.paused = true;
    this.#state.out.pauseClient(client.conn);
  }
}

/** The session of a client that was welcomed, or of one of horizon.v1, which does not wait for that. */
export function sessionOf(client: Client): Session | undefined {
  const { state } = client;
  if (state.at !== 'bound') return undefined;
  return state.session.welcome === 'done' || client.format === 'horizon' ? state.session : undefined;
}

function helloOf(data: unknown): Hello {
  if (typeof data !== 'object' || data === null) return noHello;
  const { token, resume, received } = data as Record<string, unknown>;
  return {
    token: typeof token === 'string' ? token : '',
    resume: typeof resume === 'string' ? resume : '',
    received:
      typeof received === 'number' && Number.isInteger(received) && received >= 0 && received <= limits.sequenceMax
        ? received
        : 0,
    schema: 0,
  };
}
