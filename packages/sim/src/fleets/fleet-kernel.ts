/**
 * Virtual time for services that wait: after each event all promises that can settle do, and then the next event is due. What belongs to a life (of the
 * control plane, of a process) is not run once that life is over, so whoever waits for it waits for ever: that is what being killed at an await is.
 */
import { Heap } from '@horizon-atlas/base';
import type { Cancel, Clock } from '@horizon-atlas/ports';

const beganMs = 1_700_000_000_000;

/** One life: of the control plane between two deaths, or of a process. */
export interface Life {
  readonly over: boolean;
  /** Stopped in its tracks until then; Infinity: for ever. */
  readonly pausedUntilMs: number;
  /** What has to wait while it is frozen, until it is thawed; undefined: it is not. */
  readonly frozen?: (() => void)[] | undefined;
}

export class FleetKernel {
  nowMs = 0;
  /** Ends the run when it is set. */
  failed: unknown;
  events = 0;
  readonly #heap = new Heap<() => void>();

  at(ms: number, fn: () => void): void {
    this.#heap.push(Math.max(ms, this.nowMs), fn);
  }

  after(ms: number, fn: () => void): void {
    this.at(this.nowMs + ms, fn);
  }

  /** In a life: later where that is paused, never where it is over. */
  within(life: Life, ms: number, fn: () => void): void {
    this.after(ms, () => this.live(life, fn));
  }

  /** Now, if the life runs. */
  live(life: Life, fn: () => void): void {
    if (life.over || life.pausedUntilMs === Number.POSITIVE_INFINITY) return;
    if (life.frozen) life.frozen.push(() => this.live(life, fn));
    else if (life.pausedUntilMs > this.nowMs) this.at(life.pausedUntilMs, () => this.live(life, fn));
    else fn();
  }

  clock(life: Life): Clock {
    return {
      now: () => this.nowMs,
      wall: () => beganMs + this.nowMs,
      at: (ms, fn): Cancel => {
        let cancelled = false;
        this.at(ms, () => this.live(life, () => cancelled || fn()));
        return () => {
          cancelled = true;
        };
      },
    };
  }

  async run(untilMs: number): Promise<void> {
    while (this.#heap.minKey <= untilMs) {
      this.nowMs = this.#heap.minKey;
      this.events++;
      this.#heap.pop()?.();
      await settled();
      if (this.failed !== undefined) throw this.failed;
    }
    this.nowMs = untilMs;
  }
}

/** All that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
