/**
 * One game server's door: a port on loopback that is its alone, so that who speaks is known by where it speaks. gRPC and REST come in by the same
 * port and are told apart by their first bytes, so that a server costs one listening socket until it speaks, and gRPC is loaded when somebody speaks it.
 */
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Speaker } from './core/calls.ts';
import { agonesLimits } from './core/limits.ts';
import type { GrpcEntrance } from './grpc-entrance.ts';
import type { Watching } from './watching.ts';

/** HTTP/2 begins with this, and no request of HTTP/1 does. */
const http2Preface = 'PRI ';

export interface DoorShared {
  readonly rest: HttpServer;
  readonly watching: Watching;
  /** Who is at the other end of a connection of REST. */
  readonly speakers: WeakMap<object, Speaker>;
}

export class Door {
  readonly port: number;
  readonly #speaker: Speaker;
  readonly #shared: DoorShared;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  #entrance: Promise<GrpcEntrance> | undefined;
  #closed = false;

  private constructor(speaker: Speaker, shared: DoorShared, listener: Server, port: number) {
    this.#speaker = speaker;
    this.#shared = shared;
    this.#listener = listener;
    this.port = port;
    listener.on('connection', (socket) => this.#connected(socket));
    listener.on('error', () => {});
  }

  /** undefined: the port is taken. @param port 0: any */
  static open(speaker: Speaker, shared: DoorShared, port: number): Promise<Door | undefined> {
    return new Promise((resolve, reject) => {
      const listener = createServer({ noDelay: true });
      listener.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
      );
      listener.listen({ host: '127.0.0.1', port, backlog: 16 }, () => {
        const address = listener.address();
        listener.removeAllListeners('error');
        resolve(new Door(speaker, shared, listener, typeof address === 'object' && address ? address.port : port));
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#listener.close();
    this.#shared.watching.end(this.#speaker.id);
    // What was answered last is still sent: a server that asked to be shut down waits for the answer.
    for (const socket of this.#sockets) socket.destroySoon();
    void this.#entrance?.then(
      (entrance) => entrance.close(),
      () => {},
    );
  }

  async #open(): Promise<GrpcEntrance> {
    const [{ entranceOf }, { servicesOf }] = await Promise.all([import('./grpc-entrance.ts'), import('./grpc-services.ts')]);
    return entranceOf(servicesOf(this.#speaker, this.#shared.watching));
  }

  #connected(socket: Socket): void {
    socket.on('error', () => {});
    if (this.#closed || this.#sockets.size >= agonesLimits.connections) return void socket.destroy();
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.once('readable', () => this.#spoken(socket));
  }

  #spoken(socket: Socket): void {
    const first: Buffer | null = socket.read();
    if (!first) return void socket.destroy();
    socket.unshift(first);
    // A first packet of less than four bytes is nobody's client.
    if (first.toString('latin1', 0, http2Preface.length) !== http2Preface) {
      this.#shared.speakers.set(socket, this.#speaker);
      this.#shared.rest.emit('connection', socket);
      return;
    }
    this.#entrance ??= this.#open();
    void this.#entrance.then(
      (entrance) => (this.#closed ? socket.destroy() : entrance.admit(socket)),
      () => socket.destroy(),
    );
  }
}
