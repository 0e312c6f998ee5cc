/**
 * All due times of the coordinator in one heap. A timed thing carries its own due time and may move it freely; the heap holds at
 * most one live entry for it and finds out when that entry comes up.
 */
import { Heap } from '@horizon-atlas/base';

export interface Timed {
  /** Infinity: nothing to wait for. */
  dueMs: number;
  /** The heap's: the key under which it is queued, Infinity when it is not. */
  queuedMs: number;
  due(nowMs: number): void;
}

export class Timers {
  readonly #heap = new Heap<Timed>();

  get dueMs(): number {
    return this.#heap.minKey;
  }

  /** Sets when the thing is due; Infinity takes it back. */
  set(thing: Timed, atMs: number): void {
    thing.dueMs = atMs;
    if (atMs >= thing.queuedMs) return;
    thing.queuedMs = atMs;
    this.#heap.push(atMs, thing);
  }

  /** Calls everything that is due. What becomes due while this runs waits for the next turn. */
  run(nowMs: number): void {
    for (let budget = this.#heap.size; budget > 0 && this.#heap.minKey <= nowMs; budget--) {
      const key = this.#heap.minKey;
      const thing = this.#heap.pop() as Timed;
      // An earlier entry of the same thing superseded this one.
      if (key !== thing.queuedMs) continue;
      thing.queuedMs = Number.POSITIVE_INFINITY;
      if (thing.dueMs > nowMs) {
        this.set(thing, thing.dueMs);
      } else {
        thing.dueMs = Number.POSITIVE_INFINITY;
        thing.due(nowMs);
      }
    }
  }
}
