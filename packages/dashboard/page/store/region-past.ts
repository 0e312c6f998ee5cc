/** What regions were like at a past moment, as far as this page has seen it: for scrubbing. */
import type { Region } from '@horizon-atlas/sdk-admin';

const keptMs = 11 * 60_000;

export class RegionPast {
  #lists: { readonly atMs: number; readonly regions: readonly Region[] }[] = [];

  push(regions: readonly Region[], atMs: number): void {
    this.#lists.push({ atMs, regions });
    let old = 0;
    while (old < this.#lists.length - 1 && (this.#lists[old + 1]?.atMs ?? 0) < atMs - keptMs) old++;
    if (old > 60) this.#lists = this.#lists.slice(old);
  }

  /** undefined: before the first that this page saw. */
  at(atMs: number): readonly Region[] | undefined {
    let [low, high] = [0, this.#lists.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lists[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return this.#lists[low - 1]?.regions;
  }
}
