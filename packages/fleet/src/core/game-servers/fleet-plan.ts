/**
 * What has to happen so that a fleet has the servers that it is to have: a plan over counts, made anew after every change and empty at the goal.
 * It never takes what somebody has: only servers that are free, or not ready yet, are stopped.
 *
 *   held, or scaled to n ──┐
 *   requests that wait     ├─▶ replicas, within min and max ─▶ start the difference (as many at once as may) or stop it
 *   min, max              ─┘
 *
 * How many there ought to be, and how long fewer are to be enough before there are fewer, is known to whoever scales it, and not here.
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
  /** By an operator; undefined: `scaled` holds. */
  readonly held: number | undefined;
  /** By whoever scales. */
  readonly scaled: number;
  readonly min: number;
  readonly max: number;
  /** Requests that wait for a server of this fleet, and could be served by a new one. */
  readonly waiting: number;
  /** Nothing is wanted any more: Atlas stops. */
  readonly stopped: boolean;
}

/**
 * Whether servers that are missing can wait for a moment after one was given away: others are free, and nobody waits for one. A start takes all of a core
 * for a while, and just then players connect to the server that was given away, through processes that need the same cores. Matches of seconds gain twice: their
 * server is back before another one was started in its place.
 */
export function isSpare({ free }: Pick<FleetCounts, 'free'>, waiting: number): boolean {
  return free > 0 && waiting === 0;
}

export interface FleetStep {
  readonly start: number;
  /** Free or coming ones to stop. */
  readonly stop: number;
}

/** How many there are to be. */
export function replicasOf({ inUse }: FleetCounts, { held, scaled, min, max, waiting, stopped }: FleetWish): number {
  if (stopped) return 0;
  return Math.max(min, Math.min(max, Math.max(held ?? scaled, inUse + waiting)));
}

export function planFleet(counts: FleetCounts, replicas: number, startsAtOnce: number): FleetStep {
  const missing = replicas - (counts.counted - counts.maintained);
  if (missing > 0) return { start: Math.max(0, Math.min(missing, startsAtOnce - counts.coming)), stop: 0 };
  return { start: 0, stop: Math.min(-missing, counts.free + counts.coming) };
}
