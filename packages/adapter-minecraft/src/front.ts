/**
 * A front for Minecraft servers (Java, 1.16 to 1.16.5): players connect to it, and it moves them between servers on the connection that they have, as Velocity does. To the client a switch is
 * a change of dimension: the next server's Join Game, and a Respawn behind it that makes the client forget the world it knew.
 *
 *   login ──▶ joining first server ──▶ playing ⇄ joining next server ──▶ (gone)
 *
 * While the next server is joined the player goes on playing at the former one; if it cannot be joined the player stays where they are.
 */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import mc from 'minecraft-protocol';
import { bungeeHost, type ForwardedPlayer, type Forwarding, VELOCITY_CHANNEL, velocityAnswer } from './forwarding.ts';

export interface MinecraftTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface MinecraftFrontSettings {
  readonly host: string;
  /** 0: the system picks one. */
  readonly port: number;
  readonly version: '1.16.5' | '1.16.4' | '1.16.3' | '1.16.2';
  /** Whether accounts are checked with Mojang. */
  readonly onlineMode: boolean;
  readonly forwarding: Forwarding;
  /** Where a player goes who joins; undefined: nowhere, and the player is told so. */
  readonly first: (player: string) => MinecraftTarget | undefined;
  /** A server that has not let a player in by then will not. */
  readonly joinMs?: number;
  readonly motd?: string;
  readonly playersMax?: number;
}

export interface MinecraftFront {
  readonly port: number;
  /** Resolves when the player is at the target; rejects with an error that says why not, and then they stay where they are. */
  move(player: string, target: MinecraftTarget): Promise<void>;
  /** Name to server. */
  readonly players: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

const JOIN_MS = 10_000;
/** Answered on either side by who is asked: an answer to the former server would be nonsense to the next one. */
const ownAffairs: ReadonlySet<string> = new Set(['keep_alive', 'compress', 'login']);

export async function openMinecraftFront(settings: MinecraftFrontSettings): Promise<MinecraftFront> {
  const { host, port, version, onlineMode, motd = 'Horizon Atlas', playersMax = 1_000 } = settings;
  const players = new Map<string, Player>();
  const server = mc.createServer({ host, port, version, 'online-mode': onlineMode, motd, maxPlayers: playersMax });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  server.on('error', () => {});
  server.on('playerJoin', (client: mc.ServerClient) => {
    players.get(client.username)?.leave('You joined from somewhere else.');
    const player = new Player(client, settings);
    players.set(client.username, player);
    packetsOf(client).once('end', () => {
      player.leave('');
      if (players.get(client.username) === player) players.delete(client.username);
    });
    const target = settings.first(client.username);
    if (!target) return player.leave('No server is up. Try again in a moment.');
    player.join(target).catch((error: Error) => player.leave(error.message));
  });
  const listening = (server as unknown as { socketServer: { address(): { port: number } } }).socketServer.address();
  return {
    port: listening.port,
    get players() {
      return new Map([...players].flatMap(([name, { at }]) => (at === '' ? [] : [[name, at]])));
    },
    async move(name, target) {
      const player = players.get(name);
      if (!player) throw new Error(`${name} is not here`);
      await player.join(target);
    },
    async close() {
      for (const player of players.values()) player.leave('The server closes.');
      const closed = new Promise<void>((resolve) => void (server as unknown as EventEmitter).once('close', resolve));
      server.close();
      await closed;
    },
  };
}

class Player {
  /** The server's name; empty while there is none yet. */
  at = '';
  readonly #client: mc.ServerClient;
  readonly #settings: MinecraftFrontSettings;
  #server: mc.Client | undefined;
  #joining: mc.Client | undefined;
  #gone = false;
  /** What the former server put on the player's screen, and the next one knows nothing of. */
  readonly #listed = new Set<string>();
  readonly #bars = new Set<string>();

  constructor(client: mc.ServerClient, settings: MinecraftFrontSettings) {
    this.#client = client;
    this.#settings = settings;
    const packets = packetsOf(client);
    packets.on('error', () => {});
    packets.on('raw', (data: Buffer, meta: mc.PacketMeta) => {
      if (meta.state === mc.states.PLAY && !ownAffairs.has(meta.name)) this.#server?.writeRaw(data);
    });
  }

  async join(target: MinecraftTarget): Promise<void> {
    if (this.#joining) throw new Error('another switch is under way');
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

  leave(why: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#joining?.end('');
    this.#server?.end('');
    if (why !== '') this.#client.end(why);
  }

  #dial({ host, port }: MinecraftTarget): mc.Client {
    const { version, forwarding } = this.#settings;
    const me = this.#forwarded();
    const fakeHost = forwarding.kind === 'bungee' ? { fakeHost: bungeeHost(host, me) } : {};
    const server = mc.createClient({ host, port, version, username: me.name, auth: 'offline', ...fakeHost });
    const packets = packetsOf(server);
    packets.on('error', () => {});
    if (forwarding.kind === 'velocity') {
      // The library's own answer is that it does not understand.
      packets.removeAllListeners('login_plugin_request');
      packets.on('login_plugin_request', ({ messageId, channel }: { messageId: number; channel: string }) => {
        const data = channel === VELOCITY_CHANNEL ? { data: velocityAnswer(forwarding.secret, me) } : {};
        server.write('login_plugin_response', { messageId, ...data });
      });
    }
    return server;
  }

  /** Resolves when the player is there: entered at once with the server's Join Game, since what follows it may come in the same packet of bytes. */
  #admitted(server: mc.Client, target: MinecraftTarget): Promise<void> {
    const { name } = target;
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(late);
        reject(new Error(`${name} ${why}`));
      };
      const late = setTimeout(() => fail('did not let you in in time.'), this.#settings.joinMs ?? JOIN_MS);
      const packets = packetsOf(server);
      packets.once('login', (game: JoinGame) => {
        clearTimeout(late);
        if (this.#gone) return fail('is no longer wanted.');
        this.#enter(server, target, game);
        resolve();
      });
      packets.once('disconnect', ({ reason }: { reason: string }) => fail(`refused: ${reason}`));
      packets.once('kick_disconnect', ({ reason }: { reason: string }) => fail(`refused: ${reason}`));
      packets.once('end', () => fail('cannot be reached.'));
    });
  }

  /** From now on this server is the player's. In one turn, so that nothing of the former one comes in between. */
  #enter(server: mc.Client, target: MinecraftTarget, game: JoinGame): void {
    const packets = packetsOf(server);
    const former = this.#server;
    this.#server = server;
    this.at = target.name;
    this.#client.write('login', game);
    if (former) {
      const { dimension, worldName, hashedSeed, gameMode, previousGameMode, isDebug, isFlat } = game;
      const same = { dimension, worldName, hashedSeed, isDebug, isFlat, copyMetadata: false };
      this.#client.write('respawn', { ...same, gamemode: gameMode, previousGamemode: previousGameMode });
      this.#wipe();
      former.end('');
    }
    packets.on('player_info', ({ action, data }: { action: number; data: { UUID: string }[] }) => {
      for (const { UUID } of data) if (action === 0) this.#listed.add(UUID);
    });
    packets.on('boss_bar', ({ entityUUID, action }: { entityUUID: string; action: number }) => {
      if (action === 0) this.#bars.add(entityUUID);
    });
    packets.on('raw', (data: Buffer, meta: mc.PacketMeta) => {
      if (this.#server === server && meta.state === mc.states.PLAY && !ownAffairs.has(meta.name)) this.#client.writeRaw(data);
    });
    packets.once('end', () => {
      if (this.#server === server) this.leave(`${target.name} has closed the connection.`);
    });
  }

  #wipe(): void {
    const listed = [...this.#listed].map((UUID) => ({ UUID }));
    if (listed.length > 0) this.#client.write('player_info', { action: 4, data: listed });
    for (const entityUUID of this.#bars) this.#client.write('boss_bar', { entityUUID, action: 1 });
    this.#listed.clear();
    this.#bars.clear();
  }

  #forwarded(): ForwardedPlayer {
    const { username, uuid, socket } = this.#client as mc.ServerClient & { socket: Socket };
    return { name: username, uuid, address: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1' };
  }
}

/** Its events are named after packets, of which the library's types know a few. */
function packetsOf(end: mc.Client): EventEmitter {
  return end as unknown as EventEmitter;
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
