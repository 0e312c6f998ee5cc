/**
 * gRPC by the API's own port, as Agones' allocator has it: a connection that begins as HTTP/2 does goes to who speaks gRPC, who is loaded with the first of them. What is asked there is asked of the API, with
 * its limits and rules: a call is a request of HTTP that no socket has brought.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { grpcCodeOf } from './agones-allocation.ts';
import { allocationPath } from './allocation-route.ts';

/** Who speaks gRPC. */
export interface GrpcEntrance {
  admit(socket: Socket): void;
  close(): void;
}

export interface GrpcCaller {
  readonly authorization: string | undefined;
  readonly host: string;
  readonly address: string;
}

/** `code`: gRPC's. */
export type GrpcTold =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: number; readonly message: string };

export type OpenGrpc = (allocate: (body: object, caller: GrpcCaller) => Promise<GrpcTold>) => Promise<GrpcEntrance>;

/** No request of HTTP/1 begins with this. */
const preface = 'PRI ';

export class GrpcDoor {
  readonly #open: OpenGrpc;
  readonly #api: () => FastifyInstance;
  readonly #silent = new Set<Socket>();
  #entrance: Promise<GrpcEntrance> | undefined;

  /** @param api what calls are requests of */
  constructor(open: OpenGrpc, api: () => FastifyInstance) {
    this.#open = open;
    this.#api = api;
  }

  /** A server of HTTP/1 that is given what is not HTTP/2. A connection that says nothing is over after `requestTimeout`, as one that says half a request. */
  serve(handler: RequestListener, { keepAliveTimeout = 0, requestTimeout = 0 }: FastifyServerOptions): Server {
    const server = createServer({ keepAliveTimeout, requestTimeout }, handler);
    const takers = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket) => {
      this.#silent.add(socket);
      socket.on('error', () => {});
      socket.setTimeout(requestTimeout, () => socket.destroy());
      socket.once('close', () => this.#silent.delete(socket));
      socket.once('readable', () => {
        this.#silent.delete(socket);
        socket.setTimeout(0).removeAllListeners('timeout');
        if (this.#isHttp1(socket)) for (const take of takers) take.call(server, socket);
      });
    });
    return server;
  }

  async close(): Promise<void> {
    for (const socket of this.#silent) socket.destroy();
    (await this.#entrance?.catch(() => undefined))?.close();
  }

  #isHttp1(socket: Socket): boolean {
    const first: Buffer | null = socket.read();
    if (!first) {
      socket.destroy();
      return false;
    }
    socket.unshift(first);
    // A first packet of less than four bytes is nobody's client.
    if (first.toString('latin1', 0, preface.length) !== preface) return true;
    this.#entrance ??= this.#open((body, caller) => this.#allocate(body, caller));
    this.#entrance.then(
      (entrance) => entrance.admit(socket),
      () => socket.destroy(),
    );
    return false;
  }

  async #allocate(payload: object, { authorization, host, address }: GrpcCaller): Promise<GrpcTold> {
    const answer = await this.#api().inject({
      ...{ method: 'POST', url: allocationPath, payload, remoteAddress: address },
      headers: { host, ...(authorization === undefined ? {} : { authorization }) },
    });
    const body = answer.json();
    if (answer.statusCode === 200) return { ok: true, body };
    // Agones' refusal, or a problem.
    const { code, detail, message = detail, reason = code } = body;
    return { ok: false, code: grpcCodeOf(answer.statusCode), message: `${reason}: ${message}` };
  }
}
