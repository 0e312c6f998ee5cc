/**
 * Up at once; down only once fewer were wanted all the time for long enough, and then to the most that was wanted meanwhile. A rise that nothing was started for is
 * taken back at once: fleet lets a moment pass before it starts a spare, and the match that asked for it may be over by then.
 */
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
  /** What was wanted before it rose; undefined: servers were started since. */
  #before: number | undefined;

  constructor(terms: SteadyTerms) {
    this.#terms = terms;
  }

  /** @param wished within the limits; @param min below which a step down does not go; @param there servers that are there or on their way */
  step(wished: number, current: number, min: number, there: number, nowMs: number): Steadied {
    const { downAfterMs, downKeep } = this.#terms;
    if (this.#before !== undefined && there > this.#before) this.#before = undefined;
    if (wished > current && there <= current) this.#before ??= current;
    if (wished >= current) {
      this.#forget();
      return { replicas: wished, downAtMs: undefined };
    }
    if (this.#before !== undefined) return this.step(wished, this.#takeBack(wished, current), min, there, nowMs);
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

  /** Not above what it is now: somebody else may have made it smaller meanwhile. */
  #takeBack(wished: number, current: number): number {
    const before = this.#before ?? wished;
    // Of a part of the rise, the rest may follow.
    if (wished <= before) this.#before = undefined;
    return Math.min(current, Math.max(wished, before));
  }

  #forget(): void {
    this.#belowSinceMs = undefined;
    this.#wishes = [];
  }
}
