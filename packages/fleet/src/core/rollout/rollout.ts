/**
 * The rollouts of one fleet: which version is wanted, how far it is, and what it goes back to.
 *
 *                 begin(v2)                    trial lasted              no former one is free
 *   steady(v1) ─────────────▶ canary(v2, v1) ─────────────▶ rolling(v2, v1) ─────────────▶ steady(v2)
 *      ▲                        │   │                          │   │                            │
 *      │                        │   └──────── rollback ────────┴───┼────────── rollback ────────┘
 *      └──── rolling(v1, v2) ◀──┴──── too many of v2 failed ───────┘
 *
 * An operator may have it pause between its ends: a trial goes on, what rolls stays as it is, and the former version does what is wanted beyond.
 *
 * Nothing here is lost by a restart: the state is written, counts are counted again.
 */
import { canaryWanted, type RolloutPhase, type RolloutSight } from './rollout-plan.ts';
import type { RolloutTerms } from './terms.ts';

export interface RolloutState {
  readonly phase: RolloutPhase;
  /** The version that new servers run. */
  readonly target: string;
  /** What `rollback` and a failed trial go back to; '': nothing is known. */
  readonly previous: string;
  /** By an operator; never while steady. */
  readonly paused: boolean;
  /** When the rollout began; running ms. */
  readonly sinceMs: number;
  /** All of the trial are up since then; NaN: they are not. */
  readonly trialMs: number;
  /** Of the new version, since the rollout began. */
  readonly started: number;
  readonly failed: number;
  /** Why it is where it is, where that is not plain. */
  readonly why: string;
  /** The version that was given up by itself, and is not begun again by a configuration that still asks for it. */
  readonly refused: string;
}

export function steadyAt(version: string): RolloutState {
  return {
    phase: 'steady',
    target: version,
    previous: '',
    paused: false,
    sinceMs: 0,
    trialMs: Number.NaN,
    started: 0,
    failed: 0,
    why: '',
    refused: '',
  };
}

/** Another version is wanted. One that is begun while another is under way goes back to what was there before both. */
export function begin(state: RolloutState, version: string, nowMs: number, terms: RolloutTerms): RolloutState {
  if (version === state.target) return state;
  // One that is gone back to is there, and what it comes from is what did not work.
  const previous = state.phase === 'steady' || state.why !== '' ? state.target : state.previous;
  const back = version === previous;
  return {
    phase: terms.canary && !back ? 'canary' : 'rolling',
    target: version,
    previous: back ? state.target : previous,
    paused: false,
    sinceMs: nowMs,
    trialMs: Number.NaN,
    started: 0,
    failed: 0,
    why: '',
    refused: state.refused === version ? '' : state.refused,
  };
}

/** undefined: there is nothing to go back to. What is gone back to was tried already. */
export function rollback(state: RolloutState, nowMs: number, why: string): RolloutState | undefined {
  if (state.previous === '') return undefined;
  return {
    ...steadyAt(state.previous),
    phase: 'rolling',
    previous: state.target,
    sinceMs: nowMs,
    why,
    refused: state.refused,
  };
}

/** Held where it is, or let on. undefined: nothing is under way. A trial that was held lasts its time anew. */
export function held(state: RolloutState, paused: boolean): RolloutState | undefined {
  if (state.phase === 'steady') return undefined;
  return state.paused === paused ? state : { ...state, paused, trialMs: Number.NaN };
}

/** A server of the new version was started. */
export function started(state: RolloutState): RolloutState {
  return state.phase === 'steady' ? state : { ...state, started: state.started + 1 };
}

/** One of the new version crashed, hung, or did not become ready; too many of them end the rollout. */
export function failed(state: RolloutState, terms: RolloutTerms, message: string, nowMs: number): RolloutState {
  if (state.phase === 'steady') return state;
  const next = { ...state, failed: state.failed + 1, trialMs: Number.NaN };
  const { abort } = terms;
  if (!abort || state.previous === '' || state.why !== '') return next;
  const starts = Math.max(next.started, next.failed);
  if (next.failed < abort.failures || next.failed < abort.rate * starts) return next;
  const why = `${next.failed} of ${starts} servers of version ${state.target} failed; the last: ${message}`;
  const back = rollback(next, nowMs, why);
  return back ? { ...back, refused: state.target } : next;
}

/** Further, as far as the servers are. */
export function advance(state: RolloutState, sight: RolloutSight, nowMs: number, terms: RolloutTerms): RolloutState {
  if (state.paused) return state;
  switch (state.phase) {
    case 'steady':
      return state;
    case 'canary': {
      if (!terms.canary) return { ...state, phase: 'rolling' };
      const up = sight.next.free + sight.next.inUse;
      // A server of the trial whose match is over goes, and the next one comes: that does not begin the trial anew; a failure does.
      if (up === 0 || up < canaryWanted(sight, terms)) return state;
      if (Number.isNaN(state.trialMs)) return { ...state, trialMs: nowMs };
      return nowMs - state.trialMs >= terms.canary.forMs ? { ...state, phase: 'rolling' } : state;
    }
    case 'rolling': {
      const { former, next, wanted } = sight;
      const through = former.free + former.coming === 0 && next.free >= wanted;
      return through ? { ...state, phase: 'steady', trialMs: Number.NaN } : state;
    }
  }
}

/** When `advance` may say something else by itself; Infinity: not. */
export function dueOfRollout({ phase, trialMs }: RolloutState, terms: RolloutTerms): number {
  return phase === 'canary' && terms.canary && !Number.isNaN(trialMs) ? trialMs + terms.canary.forMs : Number.POSITIVE_INFINITY;
}
