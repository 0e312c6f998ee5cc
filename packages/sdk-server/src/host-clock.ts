/** The clock of the process that a game server is. */
import type { Clock } from '@horizon-atlas/ports';

export const hostClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  at(ms, fn) {
    // The host's timers may fire a fraction early.
    let timer = setTimeout(
      function again() {
        const left = ms - performance.now();
        if (left > 0) timer = setTimeout(again, left);
        else fn();
      },
      Math.max(0, ms - performance.now()),
    );
    return () => clearTimeout(timer);
  },
};
