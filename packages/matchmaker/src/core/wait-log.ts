/** How long tickets waited of late, for telling those who wait how long it may take. */

export const limits = {
  /** Waits that are looked at. */
  kept: 256,
  /** Once so many are known, the estimate is made anew after so many more only. */
  renewedAfter: 16,
} as const;

export class WaitLog {
  readonly #waits = new Float64Array(limits.kept);
  #count = 0;
  /** In order, as of `#orderedAt` waits: every ticket that is told of asks. */
  #ordered = new Float64Array(0);
  #orderedAt = -1;
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
    const sorted = this.#sorted();
    const first = firstAtLeast(sorted, waitedMs);
    const longer = sorted.length - first;
    if (longer > 0) return Math.max(0, (sorted[first + (longer >> 1)] as number) - waitedMs);
    const comings = Math.min(this.#comings, this.#came.length);
    if (comings < 2) return null;
    const oldest = this.#came[this.#comings > this.#came.length ? this.#comings % this.#came.length : 0] as number;
    return nowMs > oldest ? Math.round((playersMissing * (nowMs - oldest)) / comings) : null;
  }

  #sorted(): Float64Array {
    const newer = this.#count - this.#orderedAt;
    if (newer === 0 || (newer < limits.renewedAfter && this.#ordered.length === limits.kept)) return this.#ordered;
    this.#ordered = this.#waits.slice(0, Math.min(this.#count, limits.kept)).sort();
    this.#orderedAt = this.#count;
    return this.#ordered;
  }
}

/** Of numbers in their order: where those begin that are not less. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
