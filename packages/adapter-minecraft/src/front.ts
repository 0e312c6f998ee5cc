/**
 * A front for Minecraft servers (Java, 1.16.2 to 1.16.5): it is given the connections of players, and moves them between servers on the connection that they have, as Velocity does. It
 * listens nowhere: whoever has the sockets says also where players go (player.ts).
 */
import type { Socket } from 'node:net';
import type { Forwarding } from './forwarding.ts';
import { harden, loadLibrary, loginPacketOf, type McEnd, type McLibrary, type McServer } from './library.ts';
import { type MinecraftHost, type MinecraftTarget, Player } from './player.ts';

export const minecraftVersions = ['1.16.5', '1.16.4', '1.16.3', '1.16.2'] as const;
export type MinecraftVersion = (typeof minecraftVersions)[number];

export function isMinecraftVersion(version: string): version is MinecraftVersion {
  return (minecraftVersions as readonly string[]).includes(version);
}

export interface MinecraftFrontSettings {
  /** Main file of the package `minecraft-protocol`. */
  readonly library: string;
  readonly version: MinecraftVersion;
  /** Whether accounts are checked with Mojang. */
  readonly onlineMode: boolean;
  readonly forwarding: Forwarding;
  readonly motd: string;
  readonly playersMax: number;
  /** A server that has not let a player in by then will not. Default 10 s. */
  readonly joinMs?: number;
  /** Somebody said what is not the protocol, or the library failed; the connection is over. */
  readonly fault?: (error: Error) => void;
}

/** A player's place in front of the servers. */
export interface MinecraftSeat {
  /** Resolves when the player is at the target; rejects with an error that says why not, and then they stay where they are. */
  move(target: MinecraftTarget): Promise<void>;
  leave(why: string): void;
  /** What waits for an end that does not read. */
  readonly backlogBytes: number;
}

export interface MinecraftFront {
  /** A connection from now on is the front's. Whoever only asks how it is here is answered; `MinecraftHost.seek` is called for players. */
  take(socket: Socket, host: MinecraftHost): MinecraftSeat;
  /** Players go, and are told so. */
  close(): void;
}

const JOIN_MS = 10_000;
/** A connection that has not become a player may have sent so much. */
const STRANGER_BYTES_MAX = 65_536;

/**
 * Loads what is needed for these versions, which takes the thread a second or two, since the library makes its readers and writers of packets when they are first used: here by somebody who joins a
 * server of ours. Rejects when the library cannot be loaded.
 */
export async function warmMinecraft(library: string, versions: readonly string[]): Promise<void> {
  const loaded = await loadLibrary(library);
  for (const version of versions) await joinOnce(loaded, version, loginPacketOf(library, version));
}

function joinOnce({ createServer, createClient }: McLibrary, version: string, login: object): Promise<void> {
  const host = '127.0.0.1';
  const server = createServer({ host, port: 0, version, 'online-mode': false, hideErrors: true, errorHandler: () => {} });
  return new Promise((resolve) => {
    const done = (): void => {
      server.removeAllListeners();
      server.on('error', () => {});
      server.close();
      resolve();
    };
    server.once('error', done);
    server.once('playerJoin', (client: McEnd) => client.write('login', login));
    server.once('listening', () => {
      const { port } = server.socketServer.address();
      const client = createClient({ host, port, version, username: 'atlas', auth: 'offline', hideErrors: true });
      client.on('error', done);
      client.once('login', () => {
        client.end('');
        done();
      });
    });
  });
}

/** Rejects when the library cannot be loaded. */
export async function makeMinecraftFront(settings: MinecraftFrontSettings): Promise<MinecraftFront> {
  return new Front(await loadLibrary(settings.library), settings);
}

class Front implements MinecraftFront {
  readonly #library: McLibrary;
  readonly #settings: MinecraftFrontSettings;
  readonly #server: McServer;
  readonly #players = new Map<string, Player>();
  readonly #hosts = new WeakMap<McEnd, { readonly host: MinecraftHost; player: Player | undefined }>();
  #ids = 0;

  constructor(library: McLibrary, settings: MinecraftFrontSettings) {
    this.#library = library;
    this.#settings = settings;
    const { version, onlineMode, motd, playersMax } = settings;
    class Doorless extends library.Server {
      listen(): void {}
    }
    this.#server = library.createServer({
      ...{ Server: Doorless, version, motd, maxPlayers: playersMax, 'online-mode': onlineMode, hideErrors: true },
      errorHandler: () => {},
    });
    this.#server.on('playerJoin', (client: McEnd) => this.#joined(client));
  }

  take(socket: Socket, host: MinecraftHost): MinecraftSeat {
    const { Client, states } = this.#library;
    const client = new Client(true, this.#server.version, undefined, true);
    const known: { readonly host: MinecraftHost; player: Player | undefined } = { host, player: undefined };
    this.#hosts.set(client, known);
    harden(client, (error) => this.#settings.fault?.(error));
    const close = client.end.bind(client);
    client.end = (reason = '') => {
      const told = { reason: JSON.stringify({ text: reason }) };
      if (client.state === states.PLAY) client.write('kick_disconnect', told);
      else if (client.state === states.LOGIN) client.write('disconnect', told);
      close(reason);
    };
    client.id = this.#ids++;
    this.#server.clients[client.id] = client;
    client.once('end', () => {
      delete this.#server.clients[client.id];
      known.player?.leave('');
      if (known.player && this.#players.get(known.player.name) === known.player) this.#players.delete(known.player.name);
      // The other side has ended; half-open sockets would wait for us.
      socket.destroySoon();
    });
    client.setSocket(socket);
    const strangerMax = (): void => {
      if (!known.player && socket.bytesRead > STRANGER_BYTES_MAX) socket.destroy();
    };
    socket.on('data', strangerMax);
    this.#server.emit('connection', client);
    socket.resume();
    return {
      move: (target) =>
        known.player ? known.player.move(target) : Promise.reject(new Error('the player has not logged in yet')),
      leave: (why) => (known.player ? known.player.leave(why) : client.end(why)),
      get backlogBytes() {
        return known.player?.backlogBytes ?? socket.writableLength;
      },
    };
  }

  close(): void {
    for (const client of Object.values(this.#server.clients)) client.end('The server closes.');
  }

  #joined(client: McEnd): void {
    const known = this.#hosts.get(client);
    if (!known) return;
    const { version, forwarding, joinMs = JOIN_MS, fault = () => {} } = this.#settings;
    // A name that is not checked anyway plays once.
    this.#players.get(client.username)?.leave('You joined from somewhere else.');
    const player = new Player(client, { library: this.#library, version, forwarding, joinMs, fault }, known.host);
    known.player = player;
    this.#players.set(client.username, player);
    void player.settle();
  }
}
