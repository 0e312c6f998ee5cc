/** What all parts of the engine share: who is here, who is connected, and the two ways to speak of trouble. */
import type { Tracer } from '@horizon-atlas/ports';
import type { RegionPlace } from '@horizon-atlas/protocol';
import type { Bounds, RegionMap } from '@horizon-atlas/world';
import type { EntityGroup } from './groups.ts';
import type { GameHooks, LinkId, ServerOut } from './out.ts';
import type { ServerPolicy } from './policy.ts';
import type { Region } from './region.ts';
import type { Session } from './sessions.ts';

/** One gateway's connection. */
export interface GatewayLink {
  readonly id: LinkId;
  /** Empty until its hello. */
  gateway: string;
  readonly handles: Map<number, Session>;
}

/** Where a group went: late actions are sent on for a while. */
export interface Stub {
  readonly group: number;
  readonly epoch: number;
  readonly server: string;
  readonly entities: readonly number[];
  readonly untilMs: number;
}

/** Departures that are remembered. */
const DEPARTED_MAX = 65_536;

export class ServerState {
  readonly id: string;
  readonly game: GameHooks;
  readonly policy: ServerPolicy;
  readonly out: ServerOut;
  readonly tracer: Tracer;

  readonly regions = new Map<string, Region>();
  readonly groups = new Map<number, EntityGroup>();
  readonly sessions = new Map<string, Session>();
  readonly links = new Map<LinkId, GatewayLink>();
  readonly peers = new Set<string>();
  /** By group. */
  readonly stubs = new Map<number, Stub>();
  map: RegionMap<RegionPlace> | undefined = undefined;
  controlUp = false;
  nowMs = 0;
  /** Writes and frames refused because they carried an old epoch. */
  fenced = 0;

  /** At which epoch groups left us, the latest last: what is older than that is refused long after the stub is gone. */
  readonly #departed = new Map<number, number>();

  constructor(id: string, game: GameHooks, policy: ServerPolicy, out: ServerOut, tracer: Tracer) {
    this.id = id;
    this.game = game;
    this.policy = policy;
    this.out = out;
    this.tracer = tracer;
  }

  get worldBounds(): Bounds | undefined {
    return this.map?.hull;
  }

  /** 0: never, or so long ago that nobody can still speak of it. */
  departedAt(group: number): number {
    return this.#departed.get(group) ?? 0;
  }

  departs(group: number, epoch: number): void {
    const former = this.departedAt(group);
    this.#departed.delete(group);
    this.#departed.set(group, Math.max(former, epoch));
    if (this.#departed.size <= DEPARTED_MAX) return;
    for (const oldest of this.#departed.keys()) {
      this.#departed.delete(oldest);
      return;
    }
  }

  /** Of a clock that runs on within an input, for spans: `nowMs` stands still. */
  get clockMs(): number {
    return this.out.workClock?.() ?? this.nowMs;
  }

  /** Something a person may want to read. */
  event(name: string, fields: Readonly<Record<string, unknown>>): void {
    this.out.event?.(name, fields);
  }

  /** Something old was heard: it is dropped and counted, never acted upon. */
  fence(what: string, fields: Readonly<Record<string, unknown>>): void {
    this.fenced++;
    this.out.event?.('fenced', { what, ...fields });
  }

  /** Runs a hook of the game. What it throws is reported and costs only this call; undefined then. */
  guard<T>(hook: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.event('game-error', { hook, error });
      return undefined;
    }
  }
}
