/** The one place where an engine meets a timer. */

import type { Clock } from '@horizon-atlas/ports';

/** What every engine of a core looks like from outside. */
export interface Timed {
  /** When `tick` wants to be called next, on `Clock.now`'s scale; Infinity for never. */
  readonly dueMs: number;
  tick(nowMs: number): void;
}

export interface Driver {
  /** Feeds the engine: runs `fn` with the time of now, then looks at `dueMs` again. Answers what `fn` does. */
  feed<T>(fn: (nowMs: number) => T): T;
  /** No further tick. */
  stop(): void;
}

/** Ticks the engine when it is due. There is one timer at a time, and a due time that moves back costs no new one. */
export function drive(clock: Clock, engine: Timed): Driver {
  let armedMs = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  let stopped = false;

  const arm = () => {
    const due = engine.dueMs;
    if (stopped || due >= armedMs) return;
    cancel();
    armedMs = due;
    cancel = clock.at(due, ring);
  };
  const ring = () => {
    armedMs = Number.POSITIVE_INFINITY;
    try {
      const now = clock.now();
      if (engine.dueMs <= now) engine.tick(now);
    } finally {
      arm();
    }
  };
  arm();

  return {
    feed: (fn) => {
      try {
        return fn(clock.now());
      } finally {
        arm();
      }
    },
    stop: () => {
      stopped = true;
      cancel();
    },
  };
}
