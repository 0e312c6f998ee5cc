/** The host's clock, as small as these tests need it. */
import type { Clock } from '@horizon-atlas/ports';

export const hostClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  at(ms, fn) {
    const timer = setTimeout(fn, Math.ceil(ms - performance.now()));
    return () => clearTimeout(timer);
  },
};
