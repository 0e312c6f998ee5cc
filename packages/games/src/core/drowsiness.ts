/**
 * When a server may sleep: it is ready, nobody has played for a while by any source, and nobody is about to come.
 *
 *   awake ── empty ──▶ drowsy ── afterMs ──▶ asleep
 *     ▲───── a player, a visitor held at the door ──┘
 */

export class Drowsiness {
  readonly #afterMs: number;
  /** Since when it has been empty; NaN: it is not, or nobody can tell. */
  #emptyMs = Number.NaN;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** @param empty undefined where nobody can tell, which keeps it awake */
  seen(empty: boolean | undefined, nowMs: number): void {
    if (empty !== true) this.#emptyMs = Number.NaN;
    else if (Number.isNaN(this.#emptyMs)) this.#emptyMs = nowMs;
  }

  /** Somebody came, or is about to: the time begins anew. */
  stirred(): void {
    this.#emptyMs = Number.NaN;
  }

  /** When it may sleep; Infinity: not as things are. */
  get dueMs(): number {
    return Number.isNaN(this.#emptyMs) ? Number.POSITIVE_INFINITY : this.#emptyMs + this.#afterMs;
  }
}
