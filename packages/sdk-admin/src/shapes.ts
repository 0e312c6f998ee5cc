/** What the API says and takes, as types. */
import type { AllocationRequest, EdgeWay, Event, GameServer, Handoff, Player } from './api-types.ts';

export type * from './api-types.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Give it as `cursor` for the page after; null on the last one. */
  readonly next: string | null;
  /** All that match, on whatever page. */
  readonly total: number;
}

export interface PageQuery {
  /** 1 to 500; 100 by default. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface PlayerQuery extends PageQuery {
  /** A part of the name or id, whatever its case. */
  readonly q?: string;
  readonly region?: string;
  readonly state?: Player['state'];
}

export interface EdgeSessionQuery extends PageQuery {
  readonly server?: string;
  readonly player?: string;
  readonly state?: EdgeWay['state'];
}

export interface HandoffQuery extends PageQuery {
  readonly player?: string;
  /** As source or target. */
  readonly region?: string;
  readonly outcome?: Handoff['outcome'];
}

export interface EventQuery extends PageQuery {
  /** Only events with a higher id. */
  readonly after?: number;
  /** The beginning of the type: `region.` or `player.joined`. */
  readonly type?: string;
  readonly tone?: Event['tone'];
  readonly region?: string;
  readonly player?: string;
  /** `oldest` first by default. */
  readonly order?: 'oldest' | 'latest';
}

export interface AuditQuery extends PageQuery {
  /** Only entries with a higher `seq`. */
  readonly after?: number;
  /** `oldest` first by default. */
  readonly order?: 'oldest' | 'latest';
}

export interface GameServerQuery extends PageQuery {
  readonly fleet?: string;
  readonly state?: GameServer['state'];
}

/** What can be done with a game server. `maintain`: taken out once its session is over; `restore`: back in. */
export type GameServerOrder = 'shutdown' | 'drain' | 'maintain' | 'restore';

/** A request for a game server: the fleet, or Agones' selectors, and what Atlas adds to them. */
export interface AllocationWishes extends AllocationRequest {
  /** Short for a selector of its label. */
  readonly fleet?: string;
}
