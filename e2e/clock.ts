/** The host's clock as links want it. */
import type { Clock } from '@horizon-atlas/ports';

export const clock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  at(ms, fn) {
    const timer = setTimeout(fn, ms - performance.now());
    return () => clearTimeout(timer);
  },
};
