/** How long servers are in use until somebody else can have them: those that come back sooner than another one starts make up for a start. */

/** So many in a row were back sooner than a start takes, before that is relied upon. */
const enough = 5;
/** Share of the latest use in the mean. */
const latest = 0.1;

export class Uses {
  /** Since when; who was taken first is first. */
  readonly #since = new Map<string, number>();
  #meanMs = Number.NaN;
  #quick = 0;

  taken(id: string, nowMs: number): void {
    if (!this.#since.has(id)) this.#since.set(id, nowMs);
  }

  /** It is ready again. @param startMs what a start takes; 0: none was seen */
  back(id: string, nowMs: number, startMs = 0): void {
    const sinceMs = this.#since.get(id);
    if (sinceMs === undefined) return;
    this.#since.delete(id);
    const tookMs = nowMs - sinceMs;
    this.#meanMs = Number.isNaN(this.#meanMs) ? tookMs : this.#meanMs + (tookMs - this.#meanMs) * latest;
    this.#quick = tookMs < startMs ? this.#quick + 1 : 0;
  }

  gone(id: string): void {
    if (this.#since.delete(id)) this.#quick = 0;
  }

  /** ms, the mean, where one is back sooner than another one has started; undefined: that is not so, or not known. */
  quickMs(nowMs: number, startMs: number): number | undefined {
    const [oldestMs = nowMs] = this.#since.values();
    return this.#quick >= enough && nowMs - oldestMs < startMs ? this.#meanMs : undefined;
  }
}
