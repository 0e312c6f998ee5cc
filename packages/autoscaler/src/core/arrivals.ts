/** How often servers are taken: counts in slots of time, so that it costs the same whether one or a thousand come a second. */
export const arrivalPolicy = {
  slotMs: 5000,
  /** Looked at as a whole, and the latest part of it: a rush is seen in its first seconds, a single burst is forgotten in two minutes. */
  slots: 24,
  recentSlots: 4,
} as const;

export class Arrivals {
  readonly #counts = new Array<number>(arrivalPolicy.slots).fill(0);
  #slot = Number.NEGATIVE_INFINITY;
  /** Since when is counted: the first minutes are not divided by time in which nobody counted. */
  #sinceMs: number | undefined;

  add(count: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#sinceMs ??= nowMs;
    const at = this.#slot % arrivalPolicy.slots;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** A second, the higher of all that is remembered and of the latest part. */
  perS(nowMs: number): number {
    this.#turn(nowMs);
    if (this.#sinceMs === undefined) return 0;
    const { slotMs, slots, recentSlots } = arrivalPolicy;
    const spanMs = (count: number) => Math.max(recentSlots * slotMs, Math.min(count * slotMs, nowMs - (this.#sinceMs ?? nowMs)));
    return Math.max((this.#sum(slots) / spanMs(slots)) * 1000, (this.#sum(recentSlots) / spanMs(recentSlots)) * 1000);
  }

  /** When the rate sinks next by itself; Infinity: nothing is remembered. */
  sinksAtMs(nowMs: number): number {
    this.#turn(nowMs);
    return this.#sum(arrivalPolicy.slots) === 0 ? Number.POSITIVE_INFINITY : (this.#slot + 1) * arrivalPolicy.slotMs;
  }

  #sum(slots: number): number {
    let sum = 0;
    for (let back = 0; back < slots; back++) {
      const slot = this.#slot - back;
      if (slot >= 0) sum += this.#counts[slot % arrivalPolicy.slots] ?? 0;
    }
    return sum;
  }

  #turn(nowMs: number): void {
    const slot = Math.max(0, Math.floor(nowMs / arrivalPolicy.slotMs));
    if (this.#slot === Number.NEGATIVE_INFINITY) this.#slot = slot;
    const passed = Math.min(slot - this.#slot, arrivalPolicy.slots);
    for (let i = 1; i <= passed; i++) this.#counts[(slot - passed + i) % arrivalPolicy.slots] = 0;
    this.#slot = Math.max(this.#slot, slot);
  }
}
