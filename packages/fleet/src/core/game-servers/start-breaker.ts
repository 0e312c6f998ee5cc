/**
 * When a fleet may start servers: at once, as long as starts go well; ever later while they fail; after a pause when that has become a loop.
 *
 *   open ── first failure ──▶ open ── second … fourth ──▶ waits (250 ms, doubled) ── fifth, or too many crashes ──▶ loop (a minute, doubled)
 *     ▲                                                      │ over                                                    │ over
 *     └───────────── a server became ready ──────────────────┴─────────────────────────────────────────────────────────┘
 *
 * Servers that are started side by side fail side by side, and that is one failure: a start counts only if it was begun after the last failure that counted was seen.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import { startPolicy } from './policy.ts';

export interface StartBreaker {
  /** Starts that failed since the last success. */
  readonly failures: number;
  /** When the last of them was seen; whatever was begun before is of its wave. -Infinity: none. */
  readonly failedMs: number;
  /** Crashes of servers that had been ready, within the window; oldest first. */
  readonly crashesMs: readonly number[];
  /** Loops since the last time that all went well for a window. */
  readonly loops: number;
  /** No start before; -Infinity: at once. */
  readonly openMs: number;
  readonly trouble: { readonly code: ErrorCode; readonly message: string } | undefined;
}

export const closedBreaker: StartBreaker = {
  failures: 0,
  failedMs: Number.NEGATIVE_INFINITY,
  crashesMs: [],
  loops: 0,
  openMs: Number.NEGATIVE_INFINITY,
  trouble: undefined,
};

/** A server became ready: starts work. One that was started before a loop was seen says nothing against it. */
export function succeeded(breaker: StartBreaker, nowMs: number): StartBreaker {
  if (breaker.trouble === undefined || nowMs < breaker.openMs) return breaker;
  return { ...closedBreaker, crashesMs: recent(breaker, nowMs) };
}

/** A start that was begun at `begunMs` came to nothing. */
export function failed(breaker: StartBreaker, code: ErrorCode, message: string, begunMs: number, nowMs: number): StartBreaker {
  if (begunMs < breaker.failedMs) return breaker;
  const failures = breaker.failures + 1;
  if (failures >= startPolicy.failures) {
    return loop(breaker, `${failures} starts in a row came to nothing; the last: ${message}`, nowMs);
  }
  const pauseMs = failures < 2 ? 0 : Math.min(startPolicy.backoffMs * 2 ** (failures - 2), startPolicy.backoffMsMax);
  return { ...breaker, failures, failedMs: nowMs, openMs: nowMs + pauseMs, trouble: { code, message } };
}

/** A server that had been ready ended by itself, or hung. `size`: how many servers the fleet is to have. */
export function crashed(breaker: StartBreaker, size: number, message: string, nowMs: number): StartBreaker {
  const crashesMs = [...recent(breaker, nowMs), nowMs];
  const most = Math.max(startPolicy.crashes, 2 * size);
  if (crashesMs.length < most) return { ...breaker, crashesMs };
  const next = loop(breaker, `${crashesMs.length} servers crashed within a minute; the last: ${message}`, nowMs);
  return { ...next, crashesMs: [] };
}

function loop(breaker: StartBreaker, message: string, nowMs: number): StartBreaker {
  const pauseMs = Math.min(startPolicy.errorMs * 2 ** breaker.loops, startPolicy.errorMsMax);
  return {
    failures: startPolicy.failures - 1,
    failedMs: nowMs,
    crashesMs: breaker.crashesMs,
    loops: breaker.loops + 1,
    openMs: nowMs + pauseMs,
    trouble: { code: 'SERVER_CRASH_LOOP', message },
  };
}

function recent({ crashesMs }: StartBreaker, nowMs: number): readonly number[] {
  return crashesMs.filter((ms) => ms > nowMs - startPolicy.crashWindowMs);
}
