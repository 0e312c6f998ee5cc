/**
 * What has to happen so that a fleet has the servers that it is to have: a plan over counts, made anew after every change and empty at the goal.
 * It never takes what somebody has: only servers that are free, or not ready yet, are stopped.
 *
 *   scaled to n, or in use + warm ─┐
 *   requests that wait             ├─▶ replicas, within min and max ─▶ start the difference (as many at once as may) or stop it
 *   min, max                      ─┘
 */

export interface FleetCounts {
  /** Servers that count for the size: see `counts` of game-server-life.ts. */
  readonly counted: number;
  /** Of those: in use. */
  readonly inUse: number;
  /** Of those: Ready, and Reserved. */
  readonly free: number;
  /** Of those: Scheduled, Starting, Warming. */
  readonly coming: number;
  /** Of those: taken out by an operator. They stay, and others do their work. */
  readonly maintained: number;
  /** All that exist, those that are on their way out included. */
  readonly all: number;
}

export interface FleetWish {
  /** By whoever scales; undefined: by `warm`. */
  readonly scaled: number | undefined;
  readonly warm: number;
  /** Instead of `warm` beyond those in use: shares of servers in use above which there are to be more, and below which fewer. */
  readonly use?: { readonly up: number; readonly down: number };
  /** How many there were to be. */
  readonly before: number;
  readonly min: number;
  readonly max: number;
  /** Requests that wait for a server of this fleet, and could be served by a new one. */
  readonly waiting: number;
  /** Nothing is wanted any more: Atlas stops. */
  readonly stopped: boolean;
}

export interface FleetStep {
  /** How many there are to be. */
  readonly replicas: number;
  readonly start: number;
  /** Free or coming ones to stop. */
  readonly stop: number;
}

export function planFleet(counts: FleetCounts, wish: FleetWish, startsAtOnce: number): FleetStep {
  const replicas = replicasOf(counts, wish);
  const missing = replicas - (counts.counted - counts.maintained);
  if (missing > 0) return { replicas, start: Math.max(0, Math.min(missing, startsAtOnce - counts.coming)), stop: 0 };
  return { replicas, start: 0, stop: Math.min(-missing, counts.free + counts.coming) };
}

export function replicasOf({ inUse }: FleetCounts, wish: FleetWish): number {
  const { scaled, warm, use, before, min, max, waiting, stopped } = wish;
  if (stopped) return 0;
  const asked = scaled ?? (use ? byUse(inUse, warm, use, before) : inUse + warm);
  return Math.max(min, Math.min(max, Math.max(asked, inUse + waiting)));
}

/** Between the two shares nothing changes: a match that comes and goes starts and ends no server. */
function byUse(
  inUse: number,
  warm: number,
  { up, down }: { readonly up: number; readonly down: number },
  before: number,
): number {
  const enough = Math.max(inUse + warm, Math.ceil(inUse / up));
  if (inUse > before * up || before < inUse + warm) return Math.max(before, enough);
  return inUse < before * down ? Math.min(before, enough) : before;
}
