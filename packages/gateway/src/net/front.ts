/**
 * The side of a gateway that clients see: listens, counts, terminates TLS, upgrades, and carries messages between sockets and the
 * engine. What is refused before the upgrade gets an HTTP status, after it a close code; a flood of handshakes is dropped without
 * either, because a TLS handshake is what it would cost.
 *
 * There may be a second listener, without TLS and with its own list of origins, for pages of this very machine.
 */
import type { Clock, Probe } from '@horizon-atlas/ports';
import { AtlasError, closeCodeOf, type ErrorCode, errors } from '@horizon-atlas/protocol';
import type { Turn } from '@horizon-atlas/runtime';
import type { GatewayEngine } from '../core/engine.ts';
import { isLoopback, networkOf } from './address.ts';
import { Buffers } from './buffers.ts';
import { ClientSocket, type SocketEvents, type SocketSettings, type UpgradeRequest } from './client-socket.ts';
import { makeListener } from './listener.ts';
import type { Accepted, Certificate, Listener } from './wire.ts';

export interface FrontSettings {
  readonly host: string;
  /** 0: the system picks one. */
  readonly port: number;
  /** undefined: no TLS. */
  readonly certificate: Certificate | undefined;
  /** Page origins that may connect; undefined: any. Clients that are no browsers send none and are let in. */
  readonly origins: readonly string[] | undefined;
  /** A second listener without TLS, on loopback only; `origins` are all that may connect by it. */
  readonly plain?: { readonly port: number; readonly origins: readonly string[] } | undefined;
  readonly messageBytesMax: number;
  readonly backlogBytes: number;
}

/** After a close frame, the peer has so long to say goodbye. */
const GOODBYE_MS = 2_000;
/** Refusals a second that are explained; beyond, connections are dropped without a word. */
const EXPLAINED_PER_S = 50;
/** Bytes of a message before its payload, at most. */
const FRAME_HEADER = 16;

export class Front implements SocketEvents {
  readonly #settings: FrontSettings;
  readonly #clock: Clock;
  readonly #probe: Probe;
  readonly #turn: Turn;
  readonly #engine: () => GatewayEngine;
  readonly #listener: Listener;
  readonly #plainListener: Listener | undefined;
  readonly #socketSettings: SocketSettings;
  readonly #sockets = new Map<number, ClientSocket>();
  readonly #origins: ReadonlySet<string> | undefined;
  readonly #plainOrigins: ReadonlySet<string>;
  #dirty: ClientSocket[] = [];
  #conns = 0;
  #admitting = false;
  /** Called when the last socket is gone. */
  #empty = () => {};
  #nowMs = 0;
  #explained = 0;
  #explainedSinceMs = Number.NEGATIVE_INFINITY;

  constructor(settings: FrontSettings, host: { clock: Clock; probe: Probe; turn: Turn; engine: () => GatewayEngine }) {
    this.#settings = settings;
    this.#clock = host.clock;
    this.#probe = host.probe;
    this.#turn = host.turn;
    this.#engine = host.engine;
    this.#origins = settings.origins && new Set(settings.origins);
    this.#plainOrigins = new Set(settings.plain?.origins);
    const buffers = new Buffers();
    const listenerOn = (port: number, certificate: Certificate | undefined, plain: boolean): Listener =>
      makeListener({
        host: settings.host,
        port,
        certificate,
        buffers,
        accepted: (connection) => this.#accept(connection, plain),
        arrived: () => this.enter(),
        // Out of file descriptors, say: this must not end the process, because the next one may work.
        failed: (error) => host.probe.event('gateway_accept_failed', { error: error.message }),
      });
    this.#listener = listenerOn(settings.port, settings.certificate, false);
    this.#plainListener = settings.plain && listenerOn(settings.plain.port, undefined, true);
    this.#socketSettings = {
      buffers,
      frames: { messageBytes: settings.messageBytesMax + FRAME_HEADER, fragments: 256 },
      events: this,
      backlogBytes: settings.backlogBytes,
    };
  }

  /** For new connections from now on; those that are open go on with theirs. Throws CONFIG_INVALID, and then nothing has changed. */
  useCertificate(certificate: Certificate): void {
    this.#listener.useCertificate(certificate);
  }

  /** Rejects with PORT_IN_USE or CONFIG_INVALID. Answers the port, and that of the plain listener or 0. */
  async listen(): Promise<[port: number, plainPort: number]> {
    const { host, plain } = this.#settings;
    if (plain && !isLoopback(host))
      throw new AtlasError('CONFIG_INVALID', `a plain listener is for loopback, and ${host} is not`);
    const listening = await this.#listener.listen();
    if (!plain || !this.#plainListener) return [listening, 0];
    try {
      return [listening, await this.#plainListener.listen()];
    } catch (error) {
      // A convenience: the players who come by the front door need not suffer.
      this.#probe.event('gateway_plain_failed', { port: plain.port, error: (error as Error).message });
      return [listening, 0];
    }
  }

  /** Until this is called, everybody is told that the gateway is busy. */
  admit(): void {
    this.#admitting = true;
  }

  /** No new connections; calls `fn` once the last that there is has ended. */
  whenEmpty(fn: () => void): void {
    this.#listener.close();
    this.#plainListener?.close();
    this.#empty = fn;
    if (this.#sockets.size === 0) fn();
  }

  /** Ends what is left, without ceremony. */
  destroy(): void {
    this.#listener.close();
    this.#plainListener?.close();
    for (const socket of [...this.#sockets.values()]) socket.destroy();
  }

  /** Hands to the engine what has come in this turn. */
  deliver(): void {
    this.#listener.deliver();
    this.#plainListener?.deliver();
  }

  /** Writes what was said in this turn. */
  flush(): void {
    // A drained socket may be given more to say, here and now: then it is dirty again.
    while (this.#dirty.length > 0) {
      for (let i = 0; i < this.#dirty.length; i++) (this.#dirty[i] as ClientSocket).flush();
      this.#dirty.length = 0;
      this.#listener.flush();
      this.#plainListener?.flush();
    }
  }

  // ---- what the engine wants ----

  toClient(conn: number, kind: number, bytes: Uint8Array, start: number, end: number): number {
    return this.#sockets.get(conn)?.binary(kind, bytes, start, end) ?? 0;
  }

  toClientText(conn: number, bytes: Uint8Array, start: number, end: number): number {
    return this.#sockets.get(conn)?.utf8(bytes, start, end) ?? 0;
  }

  pingClient(conn: number, stamp: number): void {
    this.#sockets.get(conn)?.sendPing(stamp);
  }

  pauseClient(conn: number): void {
    this.#sockets.get(conn)?.pause();
  }

  resumeClient(conn: number): void {
    this.#sockets.get(conn)?.resume();
  }

  clientBacklog(conn: number): number {
    return this.#sockets.get(conn)?.backlog ?? 0;
  }

  closeClient(conn: number, code: ErrorCode, message: string): void {
    const socket = this.#sockets.get(conn);
    if (socket === undefined) return;
    if (code === 'HANDSHAKE_TIMEOUT' && !socket.handshaken) {
      // Nothing that is said now would be heard.
      socket.destroy();
      return;
    }
    if (socket.open) socket.end(closeCodeOf(code), `${code}: ${message}`);
    else socket.refuse(statusOf(code), message, code);
    this.#clock.at(this.#clock.now() + GOODBYE_MS, () => socket.destroy());
  }

  // ---- what sockets tell ----

  enter(): void {
    this.#nowMs = this.#turn.enter();
  }

  wokenUp(): void {
    this.#nowMs = this.#turn.wokenUp();
  }

  dirty(socket: ClientSocket): void {
    this.#dirty.push(socket);
  }

  upgraded(socket: ClientSocket, request: UpgradeRequest): void {
    const engine = this.#engine();
    socket.accept(request);
    const { protocol, origin, token, resume } = request;
    const origins = socket.plain ? this.#plainOrigins : this.#origins;
    if (origins !== undefined && origin !== '' && !origins.has(origin)) this.fault(socket, 'ORIGIN_REFUSED');
    else if (protocol === undefined) this.fault(socket, 'VERSION_UNKNOWN');
    else if (protocol === 'atlas.v1') engine.opened(socket.conn, socket.address, 'atlas', this.#nowMs);
    else {
      socket.text = true;
      const credentials = token === '' && resume === '' ? undefined : { token, resume };
      engine.opened(socket.conn, socket.address, 'horizon', this.#nowMs, credentials);
    }
  }

  message(socket: ClientSocket, bytes: Uint8Array, start: number, end: number, text: boolean): boolean {
    if (text !== socket.text) {
      this.fault(socket, 'MESSAGE_INVALID', text ? 'atlas.v1 is binary' : 'horizon.v1 is text');
      return false;
    }
    this.#engine().fromClient(socket.conn, bytes, start, end, this.#nowMs);
    return true;
  }

  control(socket: ClientSocket, bytes: number, stamp: number | undefined): boolean {
    this.#engine().heard(socket.conn, bytes, this.#nowMs);
    if (stamp !== undefined && socket.open) this.#engine().ponged(socket.conn, stamp, this.#nowMs);
    return socket.open;
  }

  fault(socket: ClientSocket, code: ErrorCode, message: string = errors[code].text): void {
    this.#engine().fault(socket.conn, code, message, this.#nowMs);
  }

  drained(socket: ClientSocket): void {
    this.#engine().writable(socket.conn, this.#nowMs);
  }

  closed(socket: ClientSocket, closeCode: number): void {
    this.#engine().closed(socket.conn, this.#nowMs, closeCode);
  }

  gone(socket: ClientSocket): void {
    this.#sockets.delete(socket.conn);
    if (this.#sockets.size === 0) this.#empty();
  }

  #accept(connection: Accepted, plain: boolean): void {
    this.enter();
    const conn = ++this.#conns;
    const address = networkOf(connection.remoteAddress);
    const refused = this.#admitting ? this.#engine().accepted(conn, address, this.#nowMs, plain) : 'GATEWAY_BUSY';
    if (refused !== undefined && !this.#mayExplain()) {
      this.#probe.count('atlas_gateway_dropped_total');
      connection.drop();
      return;
    }
    const socket = new ClientSocket(conn, address, connection, this.#socketSettings);
    socket.plain = plain;
    this.#sockets.set(conn, socket);
    if (refused !== undefined) this.closeClient(conn, refused, errors[refused].text);
  }

  #mayExplain(): boolean {
    if (this.#nowMs - this.#explainedSinceMs >= 1000) {
      this.#explainedSinceMs = this.#nowMs;
      this.#explained = 0;
    }
    return ++this.#explained <= EXPLAINED_PER_S;
  }
}

/** The HTTP status of a refusal before the upgrade. */
function statusOf(code: ErrorCode): number {
  if (code === 'RATE_LIMITED') return 429;
  if (code === 'HANDSHAKE_TIMEOUT') return 408;
  return 503;
}
