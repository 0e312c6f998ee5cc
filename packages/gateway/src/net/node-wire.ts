/**
 * Sockets of Node.js, past the queues of its streams: those cost about as much as the system calls, and all that they do is done here
 * or not needed.
 *
 * - In, without TLS: all connections are read into one buffer (the `onread` option of `net.Socket`) instead of a new one of 64 KiB for
 *   each read. Bytes are valid during the call only.
 * - Out: one write at a time goes to the socket's `_write`, as `Writable` would do it; the next waits until that is done, which without
 *   TLS nearly always is at once. So a buffer goes back to the pool within the turn, and an idle connection holds none.
 */
import { createServer, type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Buffers } from './buffers.ts';
import { certificateUnusable, listenFailed } from './listen-errors.ts';
import type { Certificate, Listener, ListenerSettings, Wire, WireEvents } from './wire.ts';

/** One read takes at most this much. */
const READ_BYTES = 64 * 1024;

export class NodeSockets implements Listener {
  readonly #settings: ListenerSettings;
  #server: Server | undefined;
  #context: SecureContext | undefined;

  constructor(settings: ListenerSettings) {
    this.#settings = settings;
    if (settings.certificate) this.useCertificate(settings.certificate);
  }

  useCertificate({ cert, key }: Certificate): void {
    try {
      this.#context = createSecureContext({ cert, key, minVersion: 'TLSv1.3' });
    } catch (error) {
      throw certificateUnusable(error);
    }
  }

  listen(): Promise<number> {
    const { host, port, failed } = this.#settings;
    // Paused, because whoever accepts decides how it is read.
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, pauseOnConnect: true };
    const server = createServer(options, (socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(listenFailed(host, port, error)));
      server.listen({ host, port, backlog: 4096 }, () => {
        // A failing accept (out of file descriptors) must not end the process: the next one may work.
        server.on('error', failed);
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /** All connections are read into one buffer, so nothing can be put aside. */
  deliver(): void {}

  flush(): void {}

  close(): void {
    this.#server?.close();
  }

  #accept(socket: Socket): void {
    const { accepted, buffers } = this.#settings;
    accepted({
      remoteAddress: socket.remoteAddress,
      open: (events) => new NodeWire(socket, this.#context, buffers, events),
      drop() {
        socket.on('error', () => {});
        socket.destroy();
      },
    });
  }
}

class NodeWire implements Wire {
  readonly #socket: Socket;
  readonly #buffers: Buffers;
  readonly #events: WireEvents;
  /** With the socket, which has not yet said that it is done. */
  #writing: Buffer | undefined;
  #writingBytes = 0;
  /** To be written after it. */
  #waiting: { readonly buffer: Buffer; readonly bytes: number }[] | undefined;
  unwritten = 0;
  handshaken: boolean;

  /** Takes over `accepted`, which must not have been read from: see `pauseOnConnect` of `net.Server`. */
  constructor(accepted: Socket, secureContext: SecureContext | undefined, buffers: Buffers, events: WireEvents) {
    this.#buffers = buffers;
    this.#events = events;
    this.handshaken = secureContext === undefined;
    this.#socket = secureContext === undefined ? this.#plain(accepted) : this.#secure(accepted, secureContext);
    this.#socket.on('data', (chunk: Buffer) => events.received(chunk));
    // What is wrong with it shows in 'close'; a socket without this listener would end the process.
    this.#socket.on('error', () => {});
    this.#socket.once('close', () => {
      this.#writing = undefined;
      this.#waiting = undefined;
      events.gone();
    });
  }

  write(buffer: Buffer, bytes: number): void {
    if (this.#socket.destroyed) return;
    this.unwritten += bytes;
    if (this.#writing === undefined) this.#writeNow(buffer, bytes);
    else {
      this.#waiting ??= [];
      this.#waiting.push({ buffer, bytes });
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(lastWords = ''): void {
    this.#socket.end(lastWords, 'latin1');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #writeNow(buffer: Buffer, bytes: number): void {
    this.#writing = buffer;
    this.#writingBytes = bytes;
    this.#socket._write(buffer.subarray(0, bytes), 'buffer' as BufferEncoding, this.#written);
  }

  readonly #written = (error?: Error | null): void => {
    const buffer = this.#writing;
    // Failed, or gone in the meantime: the system may still be reading the buffer, which is not given back then.
    if (error) this.#socket.destroy();
    if (error || buffer === undefined) return;
    this.#writing = undefined;
    this.unwritten -= this.#writingBytes;
    this.#buffers.giveBack(buffer);
    const next = this.#waiting?.shift();
    if (next !== undefined) this.#writeNow(next.buffer, next.bytes);
    else this.#events.written();
  };

  /**
   * `net.Server` cannot be told of `onread`, so the connection gets a second `Socket`, in the way in which Node itself takes over
   * those that come from another process. Where that is not possible the first one serves as it is.
   */
  #plain(accepted: Socket): Socket {
    const held = accepted as Socket & { _handle?: object | null };
    const { _handle: handle } = held;
    if (!handle) return accepted.resume();
    held._handle = null;
    const callback = (bytes: number, buffer: Uint8Array): boolean => {
      this.#events.received((buffer as Buffer).subarray(0, bytes));
      return true;
    };
    // Not declared, but what a server's own sockets are made with.
    const options = { handle, onread: { buffer: readBuffer, callback } };
    return new Socket(options as SocketConstructorOpts).resume();
  }

  #secure(accepted: Socket, secureContext: SecureContext): Socket {
    const socket = new TLSSocket(accepted, { isServer: true, secureContext });
    socket.once('secure', () => {
      this.handshaken = true;
    });
    // A handshake that fails leaves the lower socket to us.
    accepted.on('error', () => {});
    socket.once('close', () => accepted.destroy());
    return socket;
  }
}

/** Of all connections: what is read is used up before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
