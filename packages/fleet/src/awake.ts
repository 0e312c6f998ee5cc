/**
 * A clock that stands still while this process is paused, with one alarm on it: after SIGSTOP, or the machine's sleep, nobody is
 * late who had no chance to be heard. A pause shows as an alarm that comes much later than asked for.
 */
import type { Cancel, Clock } from '@horizon-atlas/ports';

/** A busy host is late by less, ms. */
const pauseMs = 250;

export class Awake {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #pausedMs = 0;
  #dueMs = Number.POSITIVE_INFINITY;
  #cancel: Cancel = () => {};

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Running time so far. */
  now(): number {
    return this.#clock.now() - this.#pausedMs;
  }

  /** Rings once `now()` has reached `dueMs`, in place of the alarm set before; Infinity: never. */
  setAlarm(dueMs: number): void {
    if (dueMs === this.#dueMs) return;
    this.#cancel();
    this.#cancel = () => {};
    this.#dueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const asked = Math.max(dueMs + this.#pausedMs, this.#clock.now());
    this.#cancel = this.#clock.at(asked, () => {
      const lateMs = this.#clock.now() - asked;
      this.#dueMs = Number.POSITIVE_INFINITY;
      if (lateMs <= pauseMs) return this.#ring();
      // A little later, too: timers run first after a pause, and what came in meanwhile has to be read.
      this.#pausedMs += lateMs + pauseMs;
      this.setAlarm(dueMs);
    });
  }
}
