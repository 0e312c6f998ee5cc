/** The Clock of a real machine. */

import type { Cancel, Clock } from '@horizon-atlas/ports';

/** Node's longest timer; longer ones are re-armed. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export function systemClock(): Clock {
  return { now: () => performance.now(), wall: () => Date.now(), at };
}

function at(ms: number, fn: () => void): Cancel {
  let timer: NodeJS.Timeout | undefined;
  let cancelled = false;
  const arm = () => {
    // Node counts whole milliseconds and may be a fraction early, so whether it is time is asked again.
    const left = ms - performance.now();
    timer = setTimeout(ring, Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(left))));
  };
  const ring = () => {
    if (cancelled) return;
    if (performance.now() < ms) arm();
    else fn();
  };
  arm();
  return () => {
    cancelled = true;
    clearTimeout(timer);
  };
}
