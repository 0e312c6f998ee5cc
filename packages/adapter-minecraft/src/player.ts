/**
 * A player behind the front: the client's connection, which stays, and one to the server where the player is, which changes.
 *
 *   seeking ──▶ joining ──▶ playing ⇄ joining another ──▶ (gone)
 *      ▲                      │ the server is gone, or sends the player away
 *      └──────────────────────┘
 *
 * While another server is joined the player goes on playing at the former one. To the client a switch is a change of dimension: the next server's Join Game, and a
 * Respawn behind it that makes the client forget the world it knew.
 */
import { connect, type Socket } from 'node:net';
import { bungeeHost, type ForwardedPlayer, type Forwarding, VELOCITY_CHANNEL, velocityAnswer } from './forwarding.ts';
import { harden, type McEnd, type McLibrary, type McPacketMeta } from './library.ts';

// An edge (packages/edges/src/net/player-front.ts) asks for the same of a front of any game. Neither knows the other: that they fit is checked where they are put together.

export interface MinecraftTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** From which address of this machine it is dialled. */
  readonly localAddress?: string | undefined;
  /** Written in front of everything, such as a PROXY header. */
  readonly header?: Uint8Array | undefined;
}

/** A server that has not taken a player in, or has not kept them. */
export interface LeftServer {
  readonly server: string;
  readonly why: string;
  /** By its own word: it does not want this player. Otherwise it is gone. */
  readonly kicked: boolean;
}

/** Who has a player of the front. */
export interface MinecraftHost {
  /** Where to, for who comes in, or was left by a server. `why`: nowhere; the player is told. */
  seek(player: string, left: LeftServer | undefined): Promise<MinecraftTarget | { readonly why: string }>;
  /** The player is there. `seenAs`: from where the server sees them. */
  entered(target: MinecraftTarget, seenAs: string): void;
}

export interface PlayerSettings {
  readonly library: McLibrary;
  readonly version: string;
  readonly forwarding: Forwarding;
  readonly joinMs: number;
  readonly fault: (error: Error) => void;
}

/** Answered on either side by who is asked: an answer to the former server would be nonsense to the next one. */
const ownAffairs: ReadonlySet<string> = new Set(['keep_alive', 'compress', 'login', 'kick_disconnect']);
const NOBODY = '00000000-0000-0000-0000-000000000000';

class JoinError extends Error {
  readonly kicked: boolean;
  constructor(message: string, kicked: boolean) {
    super(message);
    this.kicked = kicked;
  }
}

export class Player {
  /** The server's name; empty while there is none. */
  at = '';
  readonly #client: McEnd;
  readonly #settings: PlayerSettings;
  readonly #host: MinecraftHost;
  #server: McEnd | undefined;
  #joining: McEnd | undefined;
  #gone = false;
  #seeking = false;
  /** The client has been shown a world. */
  #inWorld = false;
  /** What the former server put on the player's screen, and the next one knows nothing of. */
  readonly #listed = new Set<string>();
  readonly #bars = new Set<string>();

  constructor(client: McEnd, settings: PlayerSettings, host: MinecraftHost) {
    this.#client = client;
    this.#settings = settings;
    this.#host = host;
    client.on('raw', (data: Buffer, meta: McPacketMeta) => {
      if (meta.state === settings.library.states.PLAY && !ownAffairs.has(meta.name)) this.#server?.writeRaw(data);
    });
  }

  get name(): string {
    return this.#client.username;
  }

  /** What waits for an end that does not read, on either side. */
  get backlogBytes(): number {
    return Math.max(this.#client.socket.writableLength, this.#server?.socket.writableLength ?? 0);
  }

  /** Finds a server, and again until one has the player or nobody wants them. */
  async settle(left?: LeftServer): Promise<void> {
    if (this.#seeking) return;
    this.#seeking = true;
    let last = left;
    while (!this.#gone) {
      const next = await this.#host.seek(this.name, last);
      if (this.#gone) break;
      if (!('name' in next)) {
        this.leave(last?.why ?? next.why);
        break;
      }
      try {
        await this.#join(next);
        break;
      } catch (error) {
        const { message, kicked } = error as JoinError;
        last = { server: next.name, why: message, kicked };
      }
    }
    this.#seeking = false;
  }

  /** Rejects with an error that says why not, and then the player stays where they are. */
  async move(target: MinecraftTarget): Promise<void> {
    if (this.#seeking || this.#joining) throw new Error('another switch is under way');
    if (this.at !== target.name) await this.#join(target);
  }

  leave(why: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#joining?.end('');
    this.#server?.end('');
    this.#client.end(why);
  }

  async #join(target: MinecraftTarget): Promise<void> {
    const server = this.#dial(target);
    this.#joining = server;
    try {
      await this.#admitted(server, target);
    } catch (error) {
      server.end('');
      throw error;
    } finally {
      this.#joining = undefined;
    }
  }

  #dial({ host, port, localAddress, header }: MinecraftTarget): McEnd {
    const { library, version, forwarding, fault } = this.#settings;
    const me = this.#forwarded();
    const socketOf = (server: McEnd): void => {
      harden(server, fault);
      const socket = connect({ host, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
      if (header) socket.write(header);
      server.setSocket(socket);
    };
    const server = library.createClient({
      ...{ host, port, version, username: me.name, auth: 'offline', hideErrors: true, connect: socketOf },
      ...(forwarding.kind === 'bungee' ? { fakeHost: bungeeHost(host, me) } : {}),
    });
    if (forwarding.kind === 'velocity') {
      // The library's own answer is that it does not understand.
      server.removeAllListeners('login_plugin_request');
      server.on('login_plugin_request', ({ messageId, channel }: { messageId: number; channel: string }) => {
        const data = channel === VELOCITY_CHANNEL ? { data: velocityAnswer(forwarding.secret, me) } : {};
        server.write('login_plugin_response', { messageId, ...data });
      });
    }
    return server;
  }

  /** Resolves when the player is there: entered at once with the server's Join Game, since what follows it may come in the same packet of bytes. */
  #admitted(server: McEnd, target: MinecraftTarget): Promise<void> {
    const { name } = target;
    return new Promise((resolve, reject) => {
      const fail = (why: string, kicked: boolean): void => {
        clearTimeout(late);
        reject(new JoinError(`${name} ${why}`, kicked));
      };
      const late = setTimeout(() => fail('did not let you in in time.', false), this.#settings.joinMs);
      server.once('login', (game: JoinGame) => {
        clearTimeout(late);
        if (this.#gone) return fail('is no longer wanted.', false);
        this.#enter(server, target, game);
        resolve();
      });
      const refused = ({ reason }: { reason: string }): void => fail(`refused: ${plainText(reason)}`, true);
      server.once('disconnect', refused);
      server.once('kick_disconnect', refused);
      server.once('end', () => fail('cannot be reached.', false));
    });
  }

  /** From now on this server is the player's. In one turn, so that nothing of the former one comes in between. */
  #enter(server: McEnd, target: MinecraftTarget, game: JoinGame): void {
    const former = this.#server;
    this.#server = server;
    this.at = target.name;
    this.#client.write('login', game);
    if (this.#inWorld) {
      const { dimension, worldName, hashedSeed, gameMode, previousGameMode, isDebug, isFlat } = game;
      const same = { dimension, worldName, hashedSeed, isDebug, isFlat, copyMetadata: false };
      this.#client.write('respawn', { ...same, gamemode: gameMode, previousGamemode: previousGameMode });
      this.#wipe();
      former?.end('');
    }
    this.#inWorld = true;
    this.#listen(server, target);
    const { localAddress, localPort } = server.socket;
    this.#host.entered(target, `${localAddress}:${localPort}`);
  }

  #listen(server: McEnd, { name }: MinecraftTarget): void {
    let kick = '';
    server.on('player_info', ({ action, data }: { action: number; data: { UUID: string }[] }) => {
      for (const { UUID } of data) if (action === 0) this.#listed.add(UUID);
    });
    server.on('boss_bar', ({ entityUUID, action }: { entityUUID: string; action: number }) => {
      if (action === 0) this.#bars.add(entityUUID);
    });
    server.on('raw', (data: Buffer, meta: McPacketMeta) => {
      if (this.#server === server && meta.state === this.#settings.library.states.PLAY && !ownAffairs.has(meta.name))
        this.#client.writeRaw(data);
    });
    server.once('kick_disconnect', ({ reason }: { reason: string }) => {
      kick = plainText(reason);
    });
    server.once('end', () => {
      if (this.#server !== server || this.#gone) return;
      this.#server = undefined;
      this.at = '';
      const why = kick === '' ? `${name} has closed the connection.` : kick;
      this.#tell(`${why} Looking for another server.`);
      void this.settle({ server: name, why, kicked: kick !== '' });
    });
  }

  #tell(text: string): void {
    this.#client.write('chat', { message: JSON.stringify({ text, color: 'yellow' }), position: 1, sender: NOBODY });
  }

  #wipe(): void {
    const listed = [...this.#listed].map((UUID) => ({ UUID }));
    if (listed.length > 0) this.#client.write('player_info', { action: 4, data: listed });
    for (const entityUUID of this.#bars) this.#client.write('boss_bar', { entityUUID, action: 1 });
    this.#listed.clear();
    this.#bars.clear();
  }

  #forwarded(): ForwardedPlayer {
    const { username, uuid, socket } = this.#client;
    return { name: username, uuid, address: addressOf(socket) };
  }
}

function addressOf({ remoteAddress }: Socket): string {
  return remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1';
}

/** A text of the game, which is JSON, as it reads. */
function plainText(reason: string): string {
  try {
    return wordsOf(JSON.parse(reason)) || reason;
  } catch {
    return reason;
  }
}

function wordsOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (Array.isArray(part)) return part.map(wordsOf).join('');
  const { text = '', translate = '', extra = [] } = (part ?? {}) as { text?: string; translate?: string; extra?: unknown[] };
  return `${text}${translate}${wordsOf(extra)}`;
}

/** The fields of Join Game that Respawn repeats. */
interface JoinGame {
  readonly dimension: unknown;
  readonly worldName: string;
  readonly hashedSeed: unknown;
  readonly gameMode: number;
  readonly previousGameMode: number;
  readonly isDebug: boolean;
  readonly isFlat: boolean;
}
