/** How much of a tick's time the work takes: what heartbeats report, and what load is judged by. */
import { percentile } from '@horizon-atlas/base';

export class TickBudget {
  readonly #samples: number[] = [];
  readonly #keep: number;
  #at = 0;

  /** @param keep ticks of one second. */
  constructor(keep: number) {
    this.#keep = Math.max(1, Math.ceil(keep));
  }

  add(workMs: number): void {
    this.#samples[this.#at] = workMs;
    this.#at = (this.#at + 1) % this.#keep;
  }

  /** Work of a tick over the last second, in milliseconds; zeros before the first. */
  read(): { p50: number; p90: number; max: number } {
    const samples = this.#samples;
    if (samples.length === 0) return { p50: 0, p90: 0, max: 0 };
    return { p50: percentile(samples, 0.5), p90: percentile(samples, 0.9), max: Math.max(...samples) };
  }
}
