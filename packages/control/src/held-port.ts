/**
 * The API's port before there is an API, whose code takes a while to load: that the port is taken by another program is known before anything is started, and who
 * comes early is answered late instead of being turned away.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { AtlasError } from '@horizon-atlas/protocol';

export const limits = {
  /** Further ones are turned away until there is an API. */
  waiting: 512,
} as const;

export class HeldPort {
  readonly port: number;
  /** `http://host:port`, as who is on this machine reaches it. */
  readonly url: string;
  readonly #listeners: readonly Server[];
  readonly #waiting: Set<Socket>;
  #server: HttpServer | undefined;

  constructor({ address, port }: AddressInfo, listeners: readonly Server[], waiting: Set<Socket>) {
    this.port = port;
    const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#listeners = listeners;
    this.#waiting = waiting;
  }

  /** From now on it is the port of `server`, which is given who waits. */
  async giveTo(server: HttpServer): Promise<void> {
    const [main, ...others] = this.#listeners;
    this.#server = server;
    for (const each of others) {
      each.removeAllListeners('connection').on('connection', (socket) => server.emit('connection', socket));
      each.maxConnections = Number.POSITIVE_INFINITY;
    }
    // It listens on, with the same socket: nobody who is just about to connect meets a closed door.
    server.listen(main);
    await once(server, 'listening');
    for (const socket of this.#waiting) server.emit('connection', socket);
    this.#waiting.clear();
  }

  /** Ends it, with all connections. */
  async close(): Promise<void> {
    for (const socket of this.#waiting) socket.destroy();
    this.#server?.closeAllConnections();
    const [main, ...others] = this.#listeners;
    const all = [this.#server ?? main, ...others];
    await Promise.all(all.map((each) => new Promise<void>((resolve) => void (each ? each.close(() => resolve()) : resolve()))));
  }
}

/** @param port 0 picks a free one. Rejects with PORT_IN_USE, CONFIG_INVALID. */
export async function holdPort(host: string, port: number): Promise<HeldPort> {
  const waiting = new Set<Socket>();
  const hold = async (address: string, at: number): Promise<Server> => {
    const listener = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).once('close', () => waiting.delete(socket));
    });
    listener.maxConnections = limits.waiting;
    listener.listen({ host: address, port: at });
    await once(listener, 'listening');
    return listener;
  };
  try {
    // By that name a browser may mean either of two addresses.
    const [first = host, ...others] =
      host === 'localhost' ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
    const main = await hold(first, port);
    const bound = main.address() as AddressInfo;
    const more = await Promise.all(others.map((address) => hold(address, bound.port).catch(() => undefined)));
    return new HeldPort(bound, [main, ...more.filter((each) => each !== undefined)], waiting);
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port);
  }
}

/** What is said of a listener that could not be opened. */
function listenError({ code, message }: NodeJS.ErrnoException, host: string, port: number): AtlasError {
  switch (code) {
    case 'EADDRINUSE':
      return new AtlasError(
        'PORT_IN_USE',
        `port ${port} on ${host} is used by another program; set api.port (or --api-port) to another one`,
      );
    case 'EACCES':
      return new AtlasError('PORT_IN_USE', `port ${port} on ${host} needs privileges; set api.port to one above 1023`);
    case 'EADDRNOTAVAIL':
      return new AtlasError('CONFIG_INVALID', `api.host: this machine has no address ${host}`);
    default:
      return new AtlasError('INTERNAL', `the API cannot listen on ${host}:${port}: ${message}`);
  }
}
