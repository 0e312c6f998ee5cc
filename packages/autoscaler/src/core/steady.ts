/** Up at once; down only once fewer were wanted all the time for long enough, and then to the most that was wanted meanwhile. */
export interface SteadyTerms {
  readonly downAfterMs: number;
  readonly downKeep: number;
}

export interface Steadied {
  readonly replicas: number;
  /** Fewer are wanted, and that is waited for; ms of the given clock. */
  readonly downAtMs: number | undefined;
}

export class Steady {
  readonly #terms: SteadyTerms;
  #belowSinceMs: number | undefined;
  /** Wishes of the last while, each lower than the one before: the first is the highest. */
  #wishes: { readonly atMs: number; readonly replicas: number }[] = [];

  constructor(terms: SteadyTerms) {
    this.#terms = terms;
  }

  /** @param wished within the limits; @param min below which a step down does not go */
  step(wished: number, current: number, min: number, nowMs: number): Steadied {
    const { downAfterMs, downKeep } = this.#terms;
    if (wished >= current) {
      this.#forget();
      return { replicas: wished, downAtMs: undefined };
    }
    this.#belowSinceMs ??= nowMs;
    while ((this.#wishes.at(-1)?.replicas ?? Number.POSITIVE_INFINITY) <= wished) this.#wishes.pop();
    this.#wishes.push({ atMs: nowMs, replicas: wished });
    // The last one from before the window still held when it began.
    while ((this.#wishes[1]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs - downAfterMs) this.#wishes.shift();
    const downAtMs = this.#belowSinceMs + downAfterMs;
    if (nowMs < downAtMs) return { replicas: current, downAtMs };
    const highest = this.#wishes[0]?.replicas ?? wished;
    const target = Math.min(current, Math.max(highest, Math.ceil(downKeep * current), min));
    // Each further step waits again.
    if (target < current) this.#forget();
    return { replicas: target, downAtMs: target < current ? undefined : nowMs + downAfterMs };
  }

  #forget(): void {
    this.#belowSinceMs = undefined;
    this.#wishes = [];
  }
}
