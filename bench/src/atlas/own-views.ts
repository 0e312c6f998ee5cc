/**
 * When a player's own entity was heard of, and how long it stood still around a moment.
 *
 * The *raw gap* at a crossing is the largest distance between two updates of the own entity whose interval touches the 250 ms before or
 * after the first update of the new owner; the *gap* is what a border adds: the raw one less the tick that passes between any two.
 */
export const WINDOW_MS = 250;

export class OwnViews {
  readonly #atMs: number[] = [];
  /** Moments whose window is not over. */
  #open: { readonly atMs: number; readonly done: (rawMs: number) => void }[] = [];

  heard(nowMs: number): void {
    this.#atMs.push(nowMs);
    if (this.#atMs.length > 512) this.#atMs.splice(0, 256);
    for (let next = this.#open[0]; next && nowMs >= next.atMs + WINDOW_MS; next = this.#open[0]) {
      this.#open.shift();
      next.done(this.rawAround(next.atMs));
    }
  }

  /** `done` is told the raw gap when the window is over. */
  around(atMs: number, done: (rawMs: number) => void): void {
    this.#open.push({ atMs, done });
  }

  /** A connection ended: what is open is not about a border any more. */
  forget(): void {
    this.#atMs.length = 0;
    this.#open = [];
  }

  /** The raw gap around a moment whose window is over: what somebody else saw meanwhile. */
  rawAround(atMs: number): number {
    return this.#largest(atMs - WINDOW_MS, atMs + WINDOW_MS);
  }

  #largest(fromMs: number, toMs: number): number {
    let largest = 0;
    for (let i = 1; i < this.#atMs.length; i++) {
      const [before, after] = [this.#atMs[i - 1] as number, this.#atMs[i] as number];
      if (after > fromMs && before < toMs) largest = Math.max(largest, after - before);
    }
    return largest;
  }
}
