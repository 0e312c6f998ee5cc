/**
 * What has to happen between two versions of a fleet's program: a plan over counts, made anew after every change. It starts and stops only servers that nobody
 * has; those in use are left to their players and go when they are through.
 *
 *   wanted free ────────────────┐        new version: start, as far as there is room (maxSurge)
 *   new: ready, coming, in use ─┼─▶ plan
 *   old: free, coming, in use ──┘        old version: stop, as far as enough stay ready (maxUnavailable)
 *
 * Why the old version's free ones come to an end: none of them is ever added while it rolls (coming ones are stopped, those in use do not come back), and each new
 * one that becomes ready lets one go, even if it is taken in that moment; so there are at most as many steps as there were old ones.
 */
import { amountOf, type RolloutTerms, surgeOf, unavailableOf } from './terms.ts';

/** Servers of one version, or of all others. */
export interface VersionCounts {
  /** Nobody has them: Ready, Reserved, Sleeping. */
  readonly free: number;
  /** Scheduled, Starting, Warming. */
  readonly coming: number;
  readonly inUse: number;
  /** On their way out, and not gone. */
  readonly leaving: number;
}

export interface RolloutSight {
  /** Servers that nobody has, as many as there are to be. */
  readonly wanted: number;
  readonly next: VersionCounts;
  /** Of the version that is gone back to, and of all others that are not the new one. */
  readonly former: VersionCounts;
  /** Of the new version: became ready since the last plan, whether somebody has taken them by now or not. */
  readonly arrived: number;
}

export type RolloutPhase = 'steady' | 'canary' | 'rolling';

export interface RolloutStep {
  readonly startNext: number;
  readonly startFormer: number;
  readonly stopNext: number;
  readonly stopFormer: number;
  /** Of those to stop: so many may be ready ones, the others are not ready yet. */
  readonly stopFormerReady: number;
}

/** @param phase `steady` with former ones left is as `rolling` @param paused by an operator; a trial is one as long as it is held */
export function planRollout(sight: RolloutSight, phase: RolloutPhase, terms: RolloutTerms, paused = false): RolloutStep {
  if (phase === 'canary') return planCanary(sight, terms);
  if (paused) return planHeld(sight, terms);
  return terms.strategy === 'Recreate' ? planRecreate(sight) : planRolling(sight, terms);
}

/** How many of the new version a trial is to have now, those in use included. */
export function canaryWanted({ wanted, next }: RolloutSight, terms: RolloutTerms): number {
  if (!terms.canary) return 0;
  return Math.min(amountOf(terms.canary.replicas, wanted + next.inUse), next.inUse + wanted + roomAbove(terms, wanted));
}

/** A trial needs a place even where nobody wants a free server. */
function roomAbove(terms: RolloutTerms, wanted: number): number {
  return Math.max(surgeOf(terms, wanted), wanted === 0 ? 1 : 0);
}

function planRolling({ wanted, next, former, arrived }: RolloutSight, terms: RolloutTerms): RolloutStep {
  const least = Math.max(0, wanted - unavailableOf(terms, wanted));
  // Also one for each that arrived: who takes the new ones as soon as they are there would else keep the old ones for ever.
  const stopFormerReady = clamp(Math.max(next.free + former.free - least, arrived), former.free);
  const idle = next.free + next.coming + former.free - stopFormerReady;
  const missing = wanted - next.free - next.coming;
  return {
    startNext: clamp(wanted + surgeOf(terms, wanted) - idle, missing),
    startFormer: 0,
    stopNext: Math.max(0, -missing),
    // What is not ready yet is missed by nobody.
    stopFormer: former.coming + stopFormerReady,
    stopFormerReady,
  };
}

function planRecreate({ wanted, next, former }: RolloutSight): RolloutStep {
  const missing = wanted - next.free - next.coming;
  const gone = former.free + former.coming + former.leaving === 0;
  return {
    startNext: gone ? Math.max(0, missing) : 0,
    startFormer: 0,
    stopNext: Math.max(0, -missing),
    stopFormer: former.free + former.coming,
    stopFormerReady: former.free,
  };
}

/** No more of the new version, and none of the former one goes; where more are wanted the former one comes, where fewer it goes first. */
function planHeld({ wanted, next, former }: RolloutSight, terms: RolloutTerms): RolloutStep {
  const idle = next.free + next.coming + former.free + former.coming;
  const surplus = Math.max(0, idle - wanted - surgeOf(terms, wanted));
  const stopFormer = clamp(surplus, former.free + former.coming);
  return {
    startNext: 0,
    startFormer: Math.max(0, wanted - idle),
    stopNext: surplus - stopFormer,
    stopFormer,
    stopFormerReady: Math.max(0, stopFormer - former.coming),
  };
}

/** A few of the new version, and the former one does the work, and grows where more is wanted. */
function planCanary(sight: RolloutSight, terms: RolloutTerms): RolloutStep {
  const { wanted, next, former } = sight;
  const room = roomAbove(terms, wanted);
  const trial = Math.max(0, canaryWanted(sight, terms) - next.inUse);
  const idle = next.free + next.coming + former.free + former.coming;
  const missingTrial = trial - next.free - next.coming;
  const missingFormer = Math.max(0, wanted - trial) - former.free - former.coming;
  const startNext = clamp(wanted + room - idle, missingTrial);
  // Without room above, one of the former version makes place for the trial, if enough stay ready.
  const spare = next.free + former.free > wanted - unavailableOf(terms, wanted);
  const makesPlace = missingTrial > 0 && startNext === 0 && room === 0 && next.coming === 0 && spare ? 1 : 0;
  const surplus = Math.max(makesPlace, next.free + former.free + former.coming - wanted);
  const stopFormer = clamp(surplus, Math.max(makesPlace, -missingFormer), former.free + former.coming);
  return {
    startNext,
    startFormer: clamp(wanted + room - idle - startNext, missingFormer),
    stopNext: Math.max(0, -missingTrial),
    stopFormer,
    stopFormerReady: Math.max(0, stopFormer - former.coming),
  };
}

/** The least of all, and never below 0. */
function clamp(...amounts: readonly number[]): number {
  return Math.max(0, Math.min(...amounts));
}
