/** Figures of the last hour, a point each few seconds; what has no figure at a point is null there. An engine: points go in as they are due. */
import type { History } from '@horizon-atlas/control';

export const historyPolicy = {
  stepMs: 5_000,
  points: 720,
  /** Names of series; further ones are left out. */
  series: 512,
} as const;

export class HistoryLog {
  readonly #atMs: number[] = [];
  readonly #series = new Map<string, (number | null)[]>();
  readonly #points: number;

  constructor(points: number = historyPolicy.points) {
    this.#points = points;
  }

  add(atMs: number, figures: Readonly<Record<string, number | null>>): void {
    this.#atMs.push(atMs);
    for (const name of Object.keys(figures)) {
      if (!this.#series.has(name) && this.#series.size < historyPolicy.series) {
        this.#series.set(name, new Array(this.#atMs.length - 1).fill(null));
      }
    }
    const full = this.#atMs.length > this.#points;
    if (full) this.#atMs.shift();
    for (const [name, values] of this.#series) {
      const value = figures[name] ?? null;
      values.push(value !== null && Number.isFinite(value) ? value : null);
      if (full) values.shift();
      // A region that is in the world no more.
      if (values.every((each) => each === null)) this.#series.delete(name);
    }
  }

  read(): History {
    return {
      stepMs: historyPolicy.stepMs,
      atMs: [...this.#atMs],
      series: Object.fromEntries([...this.#series].map(([name, values]) => [name, [...values]])),
    };
  }
}
