/**
 * The client SDK: `connect` gives an `Atlas`, typed by the game's schema, that stays connected through crossings, lost sockets, dead
 * gateways and dead game servers. Runs in browsers and in Node 22 or newer; see `./node` for development certificates.
 */

import { Reader, Writer } from '@horizon-atlas/base';
import {
  AtlasError,
  type DataOf,
  type ErrorCode,
  type EventFields,
  type Fields,
  type FieldsOf,
  type GameSchema,
  type View,
} from '@horizon-atlas/protocol';
import { ClientEngine } from './core/client-engine.ts';
import type { ClientOut, ClientStatus, GatewayWelcome, SendResult } from './core/client-io.ts';
import type { ClientPolicy } from './core/policy.ts';
import type { Crossing, Entity, GapStats } from './core/sight.ts';
import { Socket, type WebSocketConstructor } from './socket.ts';

export { AtlasError, defineGame } from '@horizon-atlas/protocol';
export { ClientEngine } from './core/client-engine.ts';
export type { ClientConfig, ClientOut, ClientStatus, GatewayNotice, GatewayWelcome, SendResult } from './core/client-io.ts';
export { type ClientPolicy, defaultPolicy } from './core/policy.ts';
export type { Crossing, Entity, GapStats } from './core/sight.ts';
export type { WebSocketConstructor, WebSocketLike } from './socket.ts';

export interface ConnectOptions<C extends EventFields, S extends EventFields, E extends Fields> {
  /** wss://host:port of any gateway; the others are learned from it. */
  readonly url: string;
  /** A JWT, or where to get one: asked before each dial, so that a session outlives its token. */
  readonly token: string | (() => string | Promise<string>);
  readonly schema: GameSchema<C, S, E>;
  /** Default: the host's own. */
  readonly WebSocket?: WebSocketConstructor;
  readonly policy?: Partial<ClientPolicy>;
}

/** What comes with a message. `seq`: its number, for a reliable one. `key`: which of several `latest` it replaces. */
export interface MessageMeta {
  readonly seq?: number;
  readonly key?: number;
}

/** What the SDK itself has to say. */
export interface AtlasEvents<E> {
  /** `code`: why, where something went wrong. */
  $status: { readonly status: ClientStatus; readonly code: ErrorCode | undefined };
  /** A connection stands. `resumed` is true only if nothing was lost; a first connection is not resumed, either. */
  $connected: { readonly resumed: boolean; readonly outageMs: number; readonly session: string; readonly region: string };
  /** Kept commands were sent again after a resume. Nothing to do. */
  $replayed: { readonly commands: number };
  /** The old session could not be resumed; so many commands may not have taken effect and will not be sent again. */
  $dropped: { readonly commands: number };
  /** Now played on another region. Nothing to do. */
  $region: { readonly region: string; readonly epoch: number };
  /** The first view from the other side of a border has come. */
  $crossed: Crossing;
  /** The player's game server is gone; play goes on soon. */
  $paused: { readonly region: string; readonly message: string };
  $resumed: { readonly region: string; readonly message: string };
  $slowDown: { readonly message: string };
  $draining: { readonly message: string };
  $view: View;
  $enter: Entity<E>;
  /** Its state is another than before; places change with each view and are not announced one by one. */
  $change: Entity<E>;
  $leave: Entity<E>;
}

export interface Me<E> {
  readonly player: string;
  readonly entity: number;
  readonly session: string;
  readonly region: string;
  /** undefined while the own entity is not in sight. */
  readonly seen: Entity<E> | undefined;
}

type Handler = (data: any, meta: any) => void;
type FrameworkEvent = keyof AtlasEvents<unknown>;

export class Atlas<C extends EventFields = EventFields, S extends EventFields = EventFields, E extends Fields = Fields> {
  readonly #schema: GameSchema<C, S, E>;
  readonly #engine: ClientEngine<FieldsOf<E>>;
  readonly #socket: Socket;
  readonly #handlers = new Map<string, Handler[]>();
  readonly #writer = new Writer(256);
  readonly #settled: (error: AtlasError | undefined) => void;
  #malformed = 0;
  /** What comes before the caller of `connect` can have set a handler: in one chunk with the welcome, for instance. */
  #early: (() => void)[] | undefined = [];

  /** For `connect`, which is the way in. */
  constructor(options: ConnectOptions<C, S, E>, settled: (error: AtlasError | undefined) => void) {
    const { schema, token } = options;
    this.#schema = schema;
    this.#settled = settled;
    const WebSocket = options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor | undefined);
    if (WebSocket === undefined) throw new AtlasError('NODE_TOO_OLD', 'this host has no WebSocket: pass one as option WebSocket');
    this.#socket = new Socket(WebSocket, typeof token === 'string' ? () => token : token);
    this.#engine = new ClientEngine<FieldsOf<E>>(
      {
        url: options.url,
        token: '',
        schema: schema.hash,
        random: Math.random,
        decodeState: (state) => decode(schema.entity, state),
        policy: options.policy,
      },
      this.#out(),
    );
    this.#socket.drive(this.#engine);
  }

  /**
   * A reliable command: takes effect exactly once, in order, and waits for a connection if there is none.
   * @returns its number, or the code why it was not taken: COMMANDS_FULL (send fewer), MESSAGE_TOO_BIG (16 KiB), SESSION_ENDED.
   */
  send<N extends keyof C & string>(name: N, data: DataOf<C, N>): SendResult {
    return this.#engine.send(this.#schema.client.id(name), this.#encode(name, data));
  }

  /** Replaceable by a newer one of the same event, such as a position. False: not taken, too long or closed. */
  sendLatest<N extends keyof C & string>(name: N, data: DataOf<C, N>): boolean {
    const taken = this.#engine.sendLatest(this.#schema.client.id(name), this.#encode(name, data));
    this.#socket.arm();
    return taken;
  }

  /** @returns a function that takes the handler off again. */
  on<N extends keyof S & string>(name: N, handler: (data: DataOf<S, N>, meta: MessageMeta) => void): () => void;
  on<N extends FrameworkEvent>(name: N, handler: (data: AtlasEvents<FieldsOf<E>>[N]) => void): () => void;
  on(name: string, handler: Handler): () => void {
    const handlers = this.#handlers.get(name) ?? [];
    this.#handlers.set(name, [...handlers, handler]);
    return () => {
      const rest = (this.#handlers.get(name) ?? []).filter((each) => each !== handler);
      this.#handlers.set(name, rest);
    };
  }

  /** Everything in sight, the own entity included, by id. Brought up to date with each view. */
  get entities(): ReadonlyMap<number, Entity<FieldsOf<E>>> {
    return this.#engine.entities;
  }

  get me(): Me<FieldsOf<E>> {
    const welcome = this.#engine.session;
    const entity = welcome?.entity ?? 0;
    return {
      player: welcome?.player ?? '',
      entity,
      session: welcome?.session ?? '',
      region: this.#engine.region,
      seen: this.#engine.entities.get(entity),
    };
  }

  get status(): ClientStatus {
    return this.#engine.status;
  }

  /** Round trip to the gateway in milliseconds; NaN before the first. */
  get ping(): number {
    return this.#engine.rttMs;
  }

  /** Figures for benches and bots. */
  get stats(): { readonly gaps: GapStats; readonly applied: number; readonly uncovered: number; readonly malformed: number } {
    const { gaps, applied, uncovered } = this.#engine;
    return { gaps, applied, uncovered, malformed: this.#malformed };
  }

  /** Begins the gap figures anew. */
  resetGaps(): void {
    this.#engine.resetGaps();
  }

  /** The player leaves: the session is over at once. */
  close(): void {
    this.#engine.stop(performance.now());
  }

  #encode<N extends keyof C & string>(name: N, data: DataOf<C, N>): Uint8Array {
    this.#writer.reset();
    this.#schema.client.codec(name).write(this.#writer, data);
    return this.#writer.view();
  }

  #emit<N extends FrameworkEvent>(name: N, data: AtlasEvents<FieldsOf<E>>[N]): void {
    if (this.#early !== undefined) this.#early.push(() => this.#emit(name, data));
    else for (const handler of this.#handlers.get(name) ?? NONE) call(handler, data, undefined);
  }

  #message(event: number, payload: Uint8Array, meta: MessageMeta): void {
    if (this.#early !== undefined) {
      this.#early.push(() => this.#message(event, payload, meta));
      return;
    }
    const name = this.#schema.server.name(event);
    const handlers = name === undefined ? undefined : this.#handlers.get(name);
    if (name !== undefined && handlers === undefined) return;
    const data = name === undefined ? undefined : decode(this.#schema.server.codec(name), payload);
    if (data === undefined) this.#malformed++;
    else for (const handler of handlers ?? NONE) call(handler, data, meta);
  }

  #out(): ClientOut<FieldsOf<E>> {
    const socket = this.#socket;
    return {
      connect: (url) => socket.connect(url),
      send: (frame) => socket.send(frame),
      close: (code, reason) => socket.close(code, reason),
      backlogBytes: () => socket.backlogBytes,
      status: (status, code) => this.#status(status, code),
      welcome: (welcome, outageMs) => this.#welcomed(welcome, outageMs),
      message: (event, payload, seq) => this.#message(event, payload, { seq }),
      latest: (event, payload, key) => this.#message(event, payload, { key }),
      view: (view) => this.#emit('$view', view),
      entered: (entity) => this.#emit('$enter', entity),
      changed: (entity) => this.#emit('$change', entity),
      left: (entity) => this.#emit('$leave', entity),
      crossed: (crossing) => this.#emit('$crossed', crossing),
      replayed: (commands) => this.#emit('$replayed', { commands }),
      dropped: (commands) => this.#emit('$dropped', { commands }),
      notice: ({ notice, region, epoch, message }) => {
        if (notice === 'region') this.#emit('$region', { region, epoch });
        else if (notice === 'paused') this.#emit('$paused', { region, message });
        else if (notice === 'resumed') this.#emit('$resumed', { region, message });
        else if (notice === 'slow-down') this.#emit('$slowDown', { message });
        else this.#emit('$draining', { message });
      },
    };
  }

  #welcomed(welcome: GatewayWelcome, outageMs: number): void {
    if (this.#early !== undefined) setTimeout(() => this.#release());
    this.#settled(undefined);
    const { resumed, session, region } = welcome;
    this.#emit('$connected', { resumed, outageMs, session, region });
  }

  #release(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const each of early) each();
  }

  #status(status: ClientStatus, code: ErrorCode | undefined): void {
    this.#emit('$status', { status, code });
    if (status !== 'closed') return;
    this.#socket.end();
    this.#settled(new AtlasError(code ?? 'SESSION_ENDED'));
  }
}

const NONE: readonly Handler[] = [];

/** A handler that throws is the game's own fault and must not disturb the session: the host reports it as uncaught. */
function call(handler: Handler, data: unknown, meta: unknown): void {
  try {
    handler(data, meta);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function decode<T>(codec: { read(r: Reader): T }, payload: Uint8Array): T | undefined {
  const r = new Reader(payload);
  const value = codec.read(r);
  return r.bad || r.left > 0 ? undefined : value;
}

/**
 * Connects to an Atlas and resolves once the player is in the world. Set handlers right after the await, before the next one: what
 * comes earlier is kept until then.
 * @throws AtlasError with the refusal's code, or NOT_RUNNING if nobody answered for `policy.firstConnectMs`.
 */
export function connect<C extends EventFields, S extends EventFields, E extends Fields>(
  options: ConnectOptions<C, S, E>,
): Promise<Atlas<C, S, E>> {
  return new Promise((resolve, reject) => {
    const atlas: Atlas<C, S, E> = new Atlas(options, (error) => (error === undefined ? resolve(atlas) : reject(error)));
  });
}
