/** How long tickets waited of late, for telling those who wait how long it may take. */

export const limits = {
  /** Waits that are looked at. */
  kept: 256,
} as const;

export class WaitLog {
  readonly #waits = new Float64Array(limits.kept);
  #count = 0;
  /** When tickets came, for a guess while nobody has been matched yet. */
  readonly #came = new Float64Array(64);
  #comings = 0;

  came(players: number, nowMs: number): void {
    for (let i = 0; i < players; i++) this.#came[this.#comings++ % this.#came.length] = nowMs;
  }

  matched(waitedMs: number): void {
    this.#waits[this.#count++ % limits.kept] = waitedMs;
  }

  /**
   * Milliseconds that somebody who has waited so long still waits, half of the time: the median of those who waited longer than that. Before
   * anybody was matched: how long the missing players take to come, at the pace of late. null: nothing is known.
   */
  estimateMs(waitedMs: number, playersMissing: number, nowMs: number): number | null {
    const known = Math.min(this.#count, limits.kept);
    const longer = this.#waits
      .subarray(0, known)
      .filter((each) => each >= waitedMs)
      .sort();
    if (longer.length > 0) return Math.max(0, (longer[longer.length >> 1] as number) - waitedMs);
    const comings = Math.min(this.#comings, this.#came.length);
    if (comings < 2) return null;
    const first = this.#came[this.#comings > this.#came.length ? this.#comings % this.#came.length : 0] as number;
    return nowMs > first ? Math.round((playersMissing * (nowMs - first)) / comings) : null;
  }
}
