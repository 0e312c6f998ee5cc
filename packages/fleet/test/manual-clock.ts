/** A Clock that a test moves by hand. */
import type { Cancel, Clock } from '@horizon-atlas/ports';

export class ManualClock implements Clock {
  /** Timers that have run. */
  alarms = 0;
  #nowMs = 0;
  #timers: { readonly ms: number; readonly fn: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  at(ms: number, fn: () => void): Cancel {
    const timer = { ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Time passes; what becomes due runs at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#nowMs = Math.max(this.#nowMs, next.ms);
      this.#run(next);
      await settled();
    }
    this.#nowMs = end;
    await settled();
  }

  /** This process is paused: time passes, and everything that became due runs only afterwards. */
  async pause(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.advance(0);
  }

  #next(end: number): { readonly ms: number; readonly fn: () => void } | undefined {
    const due = this.#timers.filter((each) => each.ms <= end);
    return due.sort((a, b) => a.ms - b.ms)[0];
  }

  #run(timer: { readonly ms: number; readonly fn: () => void }): void {
    this.#timers = this.#timers.filter((each) => each !== timer);
    this.alarms++;
    timer.fn();
  }
}

/** Everything that was under way has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve));
}
