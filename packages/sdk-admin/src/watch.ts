/** `watch`: what changes in Atlas, as it changes. */
import { decodeScene, type Scene } from '@horizon-atlas/protocol';
import type { StreamEvent } from './event-stream.ts';
import { LiveStream, type StreamState } from './live-stream.ts';
import type { AdminError, Requester } from './request.ts';
import type { Edge, Event, Fleet, GameServer, Gateway, Handoff, Match, Player, Queue, Region, Server, Status } from './shapes.ts';

export const topics = [
  'status',
  'regions',
  'servers',
  'gateways',
  'players',
  'handoffs',
  'events',
  'scene',
  'fleets',
  'gameservers',
  'edges',
  'queues',
  'matches',
] as const;
export type Topic = (typeof topics)[number];
export type WatchState = StreamState;

export interface PlayersChange {
  /** The first message of a connection has everybody and `whole: true`: forget whom you knew. */
  readonly whole: boolean;
  readonly upsert: readonly Player[];
  /** Ids. */
  readonly gone: readonly string[];
}

export interface GameServersChange {
  /** The first message of a connection has all and `whole: true`: forget which you knew. */
  readonly whole: boolean;
  readonly upsert: readonly GameServer[];
  /** Ids. */
  readonly gone: readonly string[];
}

export interface WatchHandlers {
  status?(status: Status): void;
  /** Whole lists, at most once a second, when something in them has changed. */
  regions?(regions: readonly Region[]): void;
  servers?(servers: readonly Server[]): void;
  gateways?(gateways: readonly Gateway[]): void;
  players?(change: PlayersChange): void;
  fleets?(fleets: readonly Fleet[]): void;
  gameservers?(change: GameServersChange): void;
  edges?(edges: readonly Edge[]): void;
  queues?(queues: readonly Queue[]): void;
  /** The latest first, and of the last ones only. */
  matches?(matches: readonly Match[]): void;
  /** Each time that one changes, by its id. */
  handoffs?(handoff: Handoff): void;
  events?(event: Event): void;
  scene?(scene: Scene): void;
  /** Events are missing here, because Atlas has forgotten them or this reader was too slow: list them again. */
  lost?(): void;
  /** `error`: why it waits or was closed. `closed` without one is the caller's own close. */
  state?(state: WatchState, error: AdminError | undefined): void;
}

export interface WatchOptions {
  /** Events above this id, as far as Atlas remembers; without it, events from now on. */
  readonly after?: number;
}

export interface Watch {
  readonly state: WatchState;
  close(): void;
}

export function openWatch(requester: Requester, wanted: readonly Topic[], handlers: WatchHandlers, options: WatchOptions): Watch {
  let state: WatchState = 'connecting';
  const stream = new LiveStream(requester, {
    path: '/api/v1/watch',
    query: { topics: wanted.join(',') },
    lastId: options.after === undefined ? '' : String(options.after),
    onEvent: (event) => dispatch(handlers, event),
    onState(next, error) {
      state = next;
      handlers.state?.(next, error);
    },
  });
  void stream.run();
  return {
    get state() {
      return state;
    },
    close: () => stream.close(),
  };
}

function dispatch(handlers: WatchHandlers, { event, data }: StreamEvent): void {
  if (event === 'scene') {
    const scene = handlers.scene && decodeScene(fromBase64(data));
    if (scene) handlers.scene?.(scene);
  } else if (event === 'lost') handlers.lost?.();
  else if (event !== 'hello' && Object.hasOwn(handlers, event)) {
    // A newer Atlas may say more than this client knows; what it knows it hears as the types say.
    (handlers as Record<string, (value: unknown) => void>)[event]?.(JSON.parse(data));
  }
}

function fromBase64(text: string): Uint8Array {
  const native = (Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array }).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}
