/** Start in order, stop in reverse, each step with a deadline, no error swallowed. */

import type { Clock } from '@horizon-atlas/ports';

export interface Part {
  readonly name: string;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
  /** How long it may take to start, and to stop, in milliseconds; 10 s each by default. */
  readonly startMs?: number;
  readonly stopMs?: number;
}

export interface PartFailure {
  readonly name: string;
  readonly error: unknown;
}

const DEADLINE_MS = 10_000;

export class Lifecycle {
  readonly #clock: Clock;
  readonly #parts: Part[] = [];
  readonly #started: Part[] = [];
  #starting: Promise<void> | undefined;
  #stopping: Promise<readonly PartFailure[]> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Parts start in the order in which they were added. */
  add(part: Part): this {
    this.#parts.push(part);
    return this;
  }

  /** Rejects with the first part's error, after the parts that had started were stopped again. */
  start(): Promise<void> {
    this.#starting ??= this.#startAll();
    return this.#starting;
  }

  /** Stops what has started, whatever becomes of the others; answers what went wrong. Several calls are one. */
  stop(): Promise<readonly PartFailure[]> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #startAll(): Promise<void> {
    for (const part of this.#parts) {
      // Somebody pressed Ctrl-C meanwhile: what has not started stays so.
      if (this.#stopping !== undefined) return;
      // Before it has started: a part that fails half-way has something to stop, too.
      this.#started.push(part);
      try {
        await this.#inTime(() => part.start(), part.startMs ?? DEADLINE_MS, `${part.name} did not start`);
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  async #stopAll(): Promise<readonly PartFailure[]> {
    const failures: PartFailure[] = [];
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      const { name, stopMs } = part;
      const stop = part.stop.bind(part);
      try {
        await this.#inTime(stop, stopMs ?? DEADLINE_MS, `${name} did not stop`);
      } catch (error) {
        failures.push({ name, error });
      }
    }
    return failures;
  }

  #inTime(step: () => Promise<void> | void, ms: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.at(this.#clock.now() + ms, () => reject(new Error(`${what} within ${ms} ms`)));
      const run = async () => step();
      run().then(resolve, reject).finally(cancel);
    });
  }
}
