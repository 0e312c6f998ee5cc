/**
 * Sockets of Bun: uSockets with BoringSSL. A write is one system call and no queue, and an idle TLS connection costs a tenth of Node's.
 *
 * - In: each read is a buffer of its own, put aside until the turn's end. What comes after a pause (the rest of a TLS read) is kept until the next `resume`.
 * - Out: small writes wait for those of other wires (rounds.ts). `write` says how much the operating system took; the rest waits here for `drain`.
 * - The end: half-open, so that the last words arrive before the connection is closed, as on Node.
 */
import { type Buffers, SMALL_BYTES } from './buffers.ts';
import { certificateUnusable, listenFailed } from './listen-errors.ts';
import { Arrivals, Departures, type Receiver, type Writer } from './rounds.ts';
import type { Certificate, Listener, ListenerSettings, Wire, WireEvents } from './wire.ts';

/** The part of Bun's sockets that is used here, declared by ourselves: its own types would redefine Node's for the whole repository. */
interface BunSocket {
  data: BunWire | undefined;
  readonly remoteAddress: string;
  /** Answers how many bytes were taken; -1: the connection is closed or closing. */
  write(data: Uint8Array, offset: number, length: number): number;
  /** FIN, and with TLS the close_notify before it; the other side may go on. */
  shutdown(): void;
  end(): void;
  /** RST. */
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, initialDelayMs: number): void;
}
interface BunHandlers {
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Buffer): void;
  drain(socket: BunSocket): void;
  handshake(socket: BunSocket, success: boolean): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket): void;
  error(socket: BunSocket, error: Error): void;
}
interface BunListener {
  readonly port: number;
  /** false: open connections stay. */
  stop(closeConnections: boolean): void;
}
interface BunListenOptions {
  hostname: string;
  port: number;
  allowHalfOpen: boolean;
  reusePort: boolean;
  tls?: { cert: string; key: string; minVersion: number; lowMemoryMode: boolean };
  socket: BunHandlers;
}
interface BunRuntime {
  listen(options: BunListenOptions): BunListener;
}

/** undefined: this is not Bun. */
export const bun = (globalThis as { Bun?: BunRuntime }).Bun;

const TLS_1_3 = 0x0304;
const KEEP_ALIVE_MS = 60_000;
/** A free port that somebody else took in the moment between two binds is looked for again so often. */
const PORT_TRIES = 8;

export class BunSockets implements Listener {
  readonly #bun: BunRuntime;
  readonly #settings: ListenerSettings;
  readonly #arrivals: Arrivals;
  readonly #departures = new Departures();
  #listener: BunListener | undefined;

  constructor(runtime: BunRuntime, settings: ListenerSettings) {
    this.#bun = runtime;
    this.#settings = settings;
    this.#arrivals = new Arrivals(settings.arrived);
  }

  async listen(): Promise<number> {
    const { host, port, certificate } = this.#settings;
    for (let tries = 1; ; tries++) {
      try {
        // First alone, so that a port in use is noticed; with TLS then shared, so that a new certificate can be listened with beside it.
        this.#listener = this.#listenOn(port, undefined, false);
        if (certificate === undefined) return this.#listener.port;
        const chosen = this.#listener.port;
        this.#listener.stop(true);
        this.#listener = this.#listenOn(chosen, certificate, true);
        return chosen;
      } catch (error) {
        if (port === 0 && tries < PORT_TRIES && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
        throw isOfCertificate(error) ? certificateUnusable(error) : listenFailed(host, port, error);
      }
    }
  }

  /** Whoever is connecting at this very moment may have to try again: the listener changes under the same port. */
  useCertificate(certificate: Certificate): void {
    const former = this.#listener;
    if (former === undefined) return;
    try {
      this.#listener = this.#listenOn(former.port, certificate, true);
    } catch (error) {
      throw certificateUnusable(error);
    }
    former.stop(false);
  }

  deliver(): void {
    this.#arrivals.hand();
  }

  flush(): void {
    this.#departures.go();
  }

  close(): void {
    this.#listener?.stop(false);
  }

  #listenOn(port: number, certificate: Certificate | undefined, reusePort: boolean): BunListener {
    return this.#bun.listen({
      hostname: this.#settings.host,
      port,
      allowHalfOpen: true,
      reusePort,
      ...(certificate ? { tls: { ...certificate, minVersion: TLS_1_3, lowMemoryMode: true } } : {}),
      socket: this.#handlers(certificate !== undefined),
    });
  }

  #handlers(secure: boolean): BunHandlers {
    const { accepted, buffers } = this.#settings;
    const arrivals = this.#arrivals;
    const departures = this.#departures;
    return {
      open(socket) {
        socket.setNoDelay(true);
        socket.setKeepAlive(true, KEEP_ALIVE_MS);
        accepted({
          remoteAddress: socket.remoteAddress,
          open(events) {
            const wire = new BunWire(socket, secure, { buffers, departures }, events);
            socket.data = wire;
            return wire;
          },
          drop: () => socket.terminate(),
        });
      },
      data(socket, bytes) {
        if (socket.data !== undefined) arrivals.add(socket.data, bytes);
      },
      drain: (socket) => socket.data?.drained(),
      handshake: (socket, success) => socket.data?.shookHands(success),
      end(socket) {
        if (socket.data?.over === false) arrivals.hand();
        socket.data?.ended();
      },
      close(socket) {
        // What came before the end is heard before it; of one that we have ended ourselves nobody wants to hear, and we may be in the midst of something.
        if (socket.data?.over === false) arrivals.hand();
        socket.data?.gone();
      },
      // What is wrong with it shows in `close`.
      error() {},
    };
  }
}

interface Waiting {
  readonly buffer: Buffer;
  readonly bytes: number;
  at: number;
}

class BunWire implements Wire, Receiver, Writer {
  readonly #socket: BunSocket;
  readonly #buffers: Buffers;
  readonly #departures: Departures;
  readonly #events: WireEvents;
  /** What the operating system has not taken yet, oldest first. */
  #waiting: Waiting[] | undefined;
  #closed = false;
  #ended = false;
  #destroyed = false;
  #paused = false;
  /** A write of it is in this turn's round. */
  #departing = false;
  /** Came although paused. */
  #kept: Buffer[] | undefined;
  unwritten = 0;
  handshaken: boolean;

  constructor(
    socket: BunSocket,
    secure: boolean,
    { buffers, departures }: { buffers: Buffers; departures: Departures },
    events: WireEvents,
  ) {
    this.#socket = socket;
    this.#buffers = buffers;
    this.#departures = departures;
    this.#events = events;
    this.handshaken = !secure;
  }

  /** We have ended it ourselves. */
  get over(): boolean {
    return this.#ended || this.#destroyed;
  }

  write(buffer: Buffer, bytes: number): void {
    if (this.#closed) return;
    // Before what was put aside departs: that is not all of it then.
    this.unwritten += bytes;
    if (this.#waiting === undefined && !this.#departing && bytes <= SMALL_BYTES) {
      this.#departing = true;
      this.#departures.add(this, this.#socket, buffer, bytes);
      return;
    }
    if (this.#departing) this.#departures.go();
    this.wrote(buffer, bytes, this.#waiting === undefined ? this.#socket.write(buffer, 0, bytes) : 0);
  }

  wrote(buffer: Buffer, bytes: number, taken: number): void {
    this.#departing = false;
    if (this.#closed) return;
    if (taken > 0) this.unwritten -= taken;
    if (taken === bytes) {
      this.#buffers.giveBack(buffer);
      if (this.unwritten === 0) this.#events.written();
    } else if (taken >= 0) {
      this.#waiting ??= [];
      this.#waiting.push({ buffer, bytes, at: taken });
    }
  }

  pause(): void {
    if (this.#closed || this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (this.#closed || !this.#paused) return;
    this.#paused = false;
    // Whoever hears it may pause again.
    for (let next = this.#kept?.shift(); next !== undefined; next = this.#paused ? undefined : this.#kept?.shift()) {
      this.#events.received(next);
    }
    if (!this.#paused && !this.#closed) this.#socket.resume();
  }

  end(lastWords = ''): void {
    if (this.#closed || this.#ended) return;
    this.#ended = true;
    const bytes = Buffer.from(lastWords, 'latin1');
    if (bytes.length > 0) this.#socket.write(bytes, 0, bytes.length);
    this.#socket.shutdown();
  }

  destroy(): void {
    this.#destroyed = true;
    if (!this.#closed) this.#socket.terminate();
  }

  // ---- what the socket tells ----

  received(bytes: Buffer): void {
    if (this.#closed) return;
    if (!this.#paused) this.#events.received(bytes);
    else {
      this.#kept ??= [];
      this.#kept.push(bytes);
    }
  }

  drained(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#closed) return;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const taken = this.#socket.write(next.buffer, next.at, next.bytes - next.at);
      if (taken < 0) return;
      this.unwritten -= taken;
      next.at += taken;
      if (next.at < next.bytes) return;
      waiting.shift();
      this.#buffers.giveBack(next.buffer);
    }
    this.#waiting = undefined;
    this.#events.written();
  }

  shookHands(success: boolean): void {
    if (success) this.handshaken = true;
  }

  /** The other side has said its last: nothing is held back for it any more. */
  ended(): void {
    if (!this.#closed) this.#socket.end();
  }

  gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = undefined;
    this.#kept = undefined;
    this.#events.gone();
  }
}

function isOfCertificate(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException | undefined)?.code ?? '').startsWith('ERR_OSSL');
}
