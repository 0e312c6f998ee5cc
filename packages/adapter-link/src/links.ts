/**
 * Links between processes over Unix and TCP sockets: listening, dialling, and the one heartbeat for all links of a process.
 *
 * A link is lost after `lostAfter` heartbeats without a byte. What is counted is this process's own beats, each judged after
 * the sockets were read: a process that was paused for minutes finds the other side's heartbeats waiting and blames nobody.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock, Link, LinkAddress, LinkListener, Links, Probe } from '@horizon-atlas/ports';
import { formatTcp, type Place, parseAddress, prepareDirectory } from './address.ts';
import { limits } from './limits.ts';
import { LinkError } from './link-error.ts';
import { ChunkPool } from './outbox.ts';
import { type LinkSettings, SocketLink } from './socket-link.ts';

export interface LinksOptions {
  readonly clock: Clock;
  readonly probe?: Probe;
  /** Something is said at least this often. Both ends of a link should agree. Default 250 ms. */
  readonly heartbeatMs?: number;
  /** Missed heartbeats in a row after which the other side counts as lost. Default 3. */
  readonly lostAfter?: number;
  /** Frames are gathered for so long before they are written. Default 0: until the end of the loop's turn. */
  readonly coalesceMs?: number;
}

export function makeLinks(options: LinksOptions): Links {
  return new SocketLinks(options);
}

class SocketLinks implements Links {
  readonly #clock: Clock;
  readonly #probe: Probe | undefined;
  readonly #heartbeatMs: number;
  readonly #settings: LinkSettings;
  readonly #links = new Set<SocketLink>();
  #beating = false;
  #excused = false;

  constructor({ clock, probe, heartbeatMs = 250, lostAfter = 3, coalesceMs = 0 }: LinksOptions) {
    this.#clock = clock;
    this.#probe = probe;
    this.#heartbeatMs = heartbeatMs;
    this.#settings = {
      clock,
      pool: new ChunkPool(),
      coalesceMs,
      lostAfter,
      ended: (link, reason) => {
        this.#links.delete(link);
        this.#probe?.count('atlas_links_closed_total', 1, { code: reason.code });
      },
    };
  }

  async listen(address: LinkAddress, onLink: (link: Link) => void): Promise<LinkListener> {
    const place = parseAddress(address);
    if (!place) throw new LinkError('LINK_LISTEN_FAILED', `"${address}" is neither unix:/path nor tcp:host:port`);
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => onLink(this.#accept(socket)));
    try {
      if (place.kind === 'unix') prepareDirectory(place.path);
      await listenOn(server, place);
    } catch (error) {
      if (place.kind !== 'unix' || codeOf(error) !== 'EADDRINUSE') throw listenError(address, error);
      await replaceStale(place.path, address);
      await listenOn(server, place).catch((again) => {
        throw listenError(address, again);
      });
    }
    // A failing accept (out of file descriptors) must not end the process: the dialler tries again.
    server.on('error', (error) => this.#probe?.event('link_accept_failed', { address, error: error.message }));
    if (place.kind === 'unix') chmodSync(place.path, 0o600);
    return { address: addressOf(server, address), close: () => closeServer(server) };
  }

  dial(address: LinkAddress): Promise<Link> {
    const place = parseAddress(address);
    if (!place) return Promise.reject(new LinkError('LINK_REFUSED', `"${address}" is neither unix:/path nor tcp:host:port`));
    return new Promise((resolve, reject) => {
      let link: SocketLink | undefined;
      // One buffer for the life of the link, instead of a new one for each read.
      const onread = {
        buffer: Buffer.allocUnsafeSlow(limits.readBytes),
        callback: (length: number, buffer: Uint8Array) => {
          link?.received(buffer, length);
          return true;
        },
      };
      const common = { allowHalfOpen: true, onread };
      const socket =
        place.kind === 'unix'
          ? connect({ ...common, path: place.path })
          : connect({ ...common, host: place.host, port: place.port, noDelay: true });
      const refuse = (error: Error) => {
        cancel();
        socket.destroy();
        reject(new LinkError('LINK_REFUSED', `${address}: ${error.message}`));
      };
      const cancel = this.#clock.at(this.#clock.now() + limits.dialMs, () =>
        refuse(new Error(`no answer in ${limits.dialMs} ms`)),
      );
      socket.once('error', refuse);
      socket.once('connect', () => {
        cancel();
        socket.off('error', refuse);
        link = this.#adopt(socket);
        resolve(link);
      });
    });
  }

  #accept(socket: Socket): Link {
    const link = this.#adopt(socket);
    socket.on('data', (chunk: Buffer) => link.received(chunk, chunk.length));
    return link;
  }

  #adopt(socket: Socket): SocketLink {
    const link = new SocketLink(socket, this.#settings);
    this.#links.add(link);
    this.#probe?.count('atlas_links_opened_total');
    if (!this.#beating) this.#scheduleBeat();
    return link;
  }

  #scheduleBeat(): void {
    this.#beating = true;
    const dueMs = this.#clock.now() + this.#heartbeatMs;
    this.#clock.at(dueMs, () => this.#beat(this.#clock.now() - dueMs));
  }

  #beat(lateMs: number): void {
    this.#beating = false;
    if (this.#links.size === 0) return;
    // A beat that comes late by more than a beat follows a pause of our own, perhaps of the whole machine. It counts against
    // nobody; but only every second one is excused, or a process that is always late would never miss anybody.
    this.#excused = lateMs > this.#heartbeatMs && !this.#excused;
    const awake = !this.#excused;
    for (const link of this.#links) link.beat();
    // Timers run before sockets are read: judge only when what had come is read.
    setImmediate(() => {
      for (const link of this.#links) link.judge(awake);
    });
    this.#scheduleBeat();
  }
}

function listenOn(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const listening = () => {
      server.off('error', reject);
      resolve();
    };
    if (place.kind === 'unix') server.listen(place.path, listening);
    else server.listen(place.port, place.host, listening);
  });
}

/** Removes a socket file whose process is dead. Anything else at the path stays, and is an error. */
async function replaceStale(path: string, address: LinkAddress): Promise<void> {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (before && !before.isSocket()) throw new LinkError('LINK_LISTEN_FAILED', `${address}: there is a file that is no socket`);
  if (await answers(path)) throw new LinkError('LINK_ADDRESS_IN_USE', `${address}: another process listens there already`);
  const now = lstatSync(path, { throwIfNoEntry: false });
  // Another process that was quicker has put a live socket there: listening again will say so.
  if (now && before && now.ino === before.ino) unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A listener whose queue is full (EAGAIN) lives; one that is gone refuses, or has no file.
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error))));
  });
}

/** Resolves when nobody can connect any more; links that exist live on. Libuv removes the file of a Unix socket itself. */
function closeServer(server: Server): Promise<void> {
  if (server.listening) server.close();
  return Promise.resolve();
}

function addressOf(server: Server, asked: LinkAddress): LinkAddress {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? asked : formatTcp(bound.address, bound.port);
}

function listenError(address: LinkAddress, error: unknown): LinkError {
  if (error instanceof LinkError) return error;
  const message = `${address}: ${error instanceof Error ? error.message : String(error)}`;
  return new LinkError(codeOf(error) === 'EADDRINUSE' ? 'LINK_ADDRESS_IN_USE' : 'LINK_LISTEN_FAILED', message);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}
