/** One player on the way into the world: what of it is known, and how far it has come. The way itself is in players.ts. */
import type { Span } from '@horizon-atlas/ports';
import type { GatewayToControl } from '@horizon-atlas/protocol';
import type { GroupEntry, RegionEntry } from './book.ts';
import type { Timed } from './timers.ts';

export type Join = GatewayToControl & { kind: 'join' };

/** Somebody on the way to being admitted by a server. */
export class Admission implements Timed {
  dueMs = Number.POSITIVE_INFINITY;
  queuedMs = Number.POSITIVE_INFINITY;
  phase: 'reading' | 'waiting' | 'freeing' | 'committing' | 'admitting' | 'undoing' = 'reading';
  /** Who is to be told; undefined: nobody, the group only needs a new epoch. */
  join: Join | undefined;
  gateway: string;
  untilMs: number;
  readonly player: string;
  region: RegionEntry | undefined;
  entry: GroupEntry | undefined;
  /** What the player record held, to put it back if the server refuses. */
  stored: Uint8Array | undefined;
  playerVersion = 0;
  /** It brought a new group into the world, which a refusal takes out again. */
  fresh = false;
  /** The region that is kept awake for it. */
  held: RegionEntry | undefined;
  state: Uint8Array = EMPTY;
  at: { readonly x?: number | undefined; readonly y?: number | undefined; readonly z?: number | undefined } = NOWHERE;
  /** The session that this one takes the place of, or empty. */
  replaced = '';
  /** Of the trace that the gateway began, if this join is sampled. */
  span: Span | undefined;
  /** Came while this one could no longer be called off. */
  after: { gateway: string; join: Join } | undefined;
  readonly #onDue: (admission: Admission) => void;

  constructor(player: string, gateway: string, join: Join | undefined, untilMs: number, onDue: (admission: Admission) => void) {
    this.player = player;
    this.gateway = gateway;
    this.join = join;
    this.untilMs = untilMs;
    this.#onDue = onDue;
  }

  due(): void {
    this.#onDue(this);
  }
}

const EMPTY = new Uint8Array(0);
const NOWHERE = { x: undefined, y: undefined, z: undefined };
