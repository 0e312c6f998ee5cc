/** A Clock that moves when it is told to: for tests, and for whatever plays time back. */

import { Heap } from '@horizon-atlas/base';
import type { Clock } from '@horizon-atlas/ports';

export interface ManualClock extends Clock {
  /** Runs what is due until then, each at its own time, in order. */
  advance(ms: number): void;
  /** As `advance`, and lets promises settle after each timer. */
  advanceSettled(ms: number): Promise<void>;
}

interface Timer {
  readonly fn: () => void;
  cancelled: boolean;
}

/** @param wallMs what `wall()` shows at the start, in milliseconds since 1970. */
export function manualClock(wallMs = 1_700_000_000_000): ManualClock {
  const timers = new Heap<Timer>();
  let now = 0;

  const runNext = (untilMs: number): boolean => {
    if (timers.minKey > untilMs) return false;
    now = Math.max(now, timers.minKey);
    const timer = timers.pop();
    if (timer !== undefined && !timer.cancelled) timer.fn();
    return true;
  };

  return {
    now: () => now,
    wall: () => wallMs + now,
    at: (ms, fn) => {
      const timer: Timer = { fn, cancelled: false };
      timers.push(ms, timer);
      return () => {
        timer.cancelled = true;
      };
    },
    advance: (ms) => {
      const end = now + ms;
      while (runNext(end));
      now = end;
    },
    advanceSettled: async (ms) => {
      const end = now + ms;
      do await settled();
      while (runNext(end));
      now = end;
      await settled();
    },
  };
}

/** Promise chains of a few links have run by the loop's next turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
