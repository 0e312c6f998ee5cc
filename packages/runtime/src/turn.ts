/**
 * A turn of the event loop, from the first thing heard in it to its end, when everything that was said is written at once: one
 * system call a socket, however many messages.
 *
 * Coalescing: paced traffic costs wake-ups, not bytes. After a turn that did work, the thread sleeps for a moment, so that the next
 * poll finds many sockets ready instead of one. That pays only while messages come faster than the nap is long, and it must not
 * happen when there is enough to do anyway:
 *
 *   thin        fewer than 2 wake-ups expected in the nap     no nap: it would only add delay
 *   busy        the turn's work took as long as the nap       no nap: the next poll finds many without it
 *   in between                                                nap
 */
import type { Clock } from '@horizon-atlas/ports';

/** Wake-ups that a nap has to gather to be worth it. */
const WORTH = 2;
/** Time over which the rate of wake-ups is averaged. */
const AVERAGE_MS = 20;

export interface TurnSettings {
  readonly clock: Clock;
  /** Length of a nap; 0: none ever. */
  readonly coalesceMs: number;
  /** Works on what was heard in the turn and put aside; still within it. */
  readonly gather?: () => void;
  /** Writes what was said in the turn, before the nap that may follow. */
  readonly end: () => void;
}

export class Turn {
  readonly #clock: Clock;
  readonly #coalesceMs: number;
  readonly #gather: (() => void) | undefined;
  readonly #end: () => void;
  readonly #sleepCell = new Int32Array(new SharedArrayBuffer(4));
  #immediate: NodeJS.Immediate | undefined;
  #nowMs = 0;
  #wakeUps = 0;
  #lastEndMs = 0;
  /** Wake-ups a millisecond, averaged. */
  #rate = 0;
  naps = 0;

  constructor({ clock, coalesceMs, gather, end }: TurnSettings) {
    this.#clock = clock;
    this.#coalesceMs = coalesceMs;
    this.#gather = gather;
    this.#end = end;
    this.#lastEndMs = clock.now();
  }

  /** Something was heard. Answers the time, which stands still within a turn. */
  enter(): number {
    if (this.#immediate === undefined) {
      this.#nowMs = this.#clock.now();
      this.#immediate = setImmediate(this.#finish);
    }
    return this.#nowMs;
  }

  /** A socket was ready: what napping is about. */
  wokenUp(): number {
    this.#wakeUps++;
    return this.enter();
  }

  stop(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  readonly #finish = (): void => {
    this.#gather?.();
    this.#immediate = undefined;
    this.#end();
    if (this.#coalesceMs === 0) return;
    const now = this.#clock.now();
    const cycleMs = Math.max(0.001, now - this.#lastEndMs);
    this.#rate += (this.#wakeUps / cycleMs - this.#rate) * Math.min(1, cycleMs / AVERAGE_MS);
    this.#wakeUps = 0;
    this.#lastEndMs = now;
    if (this.#rate * this.#coalesceMs < WORTH || now - this.#nowMs >= this.#coalesceMs) return;
    this.naps++;
    Atomics.wait(this.#sleepCell, 0, 0, this.#coalesceMs);
  };
}
