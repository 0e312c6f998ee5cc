/**
 * The virtual clock: every happening of a simulated world is an event in one heap, and time is the key of the next one.
 * Nothing here or below it asks the host for time or chance, so a seed is a whole run.
 */
import { Heap } from '@horizon-atlas/base';

export class Kernel {
  nowMs = 0;
  /** How many events ran: the size of a run in its own terms. */
  events = 0;
  /** Ends the run when it is set. */
  failed: Error | undefined;
  readonly #heap = new Heap<() => void>();

  /** Runs `fn` at `ms`, or at once (after what is already due) if that has passed. */
  at(ms: number, fn: () => void): void {
    this.#heap.push(Math.max(ms, this.nowMs), fn);
  }

  after(ms: number, fn: () => void): void {
    this.#heap.push(this.nowMs + ms, fn);
  }

  /** Runs everything due up to and including `ms`. */
  runUntil(ms: number): void {
    while (this.#heap.minKey <= ms) {
      this.nowMs = this.#heap.minKey;
      this.events++;
      this.#heap.pop()?.();
      if (this.failed) throw this.failed;
    }
    this.nowMs = ms;
  }
}

/** What an engine offers to the one that turns its clock. */
export interface Driven {
  readonly dueMs: number;
  tick(nowMs: number): void;
}

/**
 * A simulated process: it may be paused (its inputs wait, its clock stands, as with SIGSTOP) or crash (inputs vanish).
 * An input for a former life of the process is dropped.
 */
export class Process {
  readonly name: string;
  readonly kernel: Kernel;
  alive = true;
  /** Grows with each start: links and timers of a former life know that they are stale. */
  life = 0;
  #pausedUntilMs = 0;
  /** What has come during a pause. */
  #inbox: (() => void)[] = [];
  #engine: Driven | undefined;
  #armedAtMs = Number.POSITIVE_INFINITY;

  constructor(name: string, kernel: Kernel) {
    this.name = name;
    this.kernel = kernel;
  }

  get paused(): boolean {
    return this.kernel.nowMs < this.#pausedUntilMs;
  }

  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  start(engine: Driven): void {
    this.alive = true;
    this.life++;
    this.#pausedUntilMs = 0;
    this.#inbox = [];
    this.#engine = engine;
    this.#armedAtMs = Number.POSITIVE_INFINITY;
    this.arm();
  }

  crash(): void {
    this.alive = false;
    this.life++;
    this.#engine = undefined;
  }

  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.kernel.nowMs + ms);
  }

  /** An input: now, when the pause ends, or never if the process has died in between. */
  input(fn: () => void, life = this.life): void {
    if (!this.alive || life !== this.life) return;
    if (this.paused || this.#inbox.length > 0) {
      // In the order of arrival, however often the pause is prolonged.
      this.#inbox.push(fn);
      if (this.#inbox.length === 1) this.#readLater();
      return;
    }
    fn();
    this.arm();
  }

  #readLater(): void {
    const { life } = this;
    this.kernel.at(this.#pausedUntilMs, () => {
      if (life !== this.life) return;
      if (this.paused) return this.#readLater();
      const inbox = this.#inbox;
      this.#inbox = [];
      for (const fn of inbox) if (life === this.life) fn();
      this.arm();
    });
  }

  /** Looks at the engine's due time again; called after everything that may have moved it. */
  arm(): void {
    const due = this.#engine?.dueMs ?? Number.POSITIVE_INFINITY;
    if (due >= this.#armedAtMs || due === Number.POSITIVE_INFINITY) return;
    this.#armedAtMs = due;
    const life = this.life;
    this.kernel.at(due, () => {
      if (life !== this.life || this.#armedAtMs !== due) return;
      this.input(() => {
        this.#armedAtMs = Number.POSITIVE_INFINITY;
        this.#engine?.tick(this.kernel.nowMs);
      }, life);
    });
  }
}
