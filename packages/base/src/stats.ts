/** Percentile by the nearest-rank method: the smallest sample with at least p of all samples at or below it. */
export function percentile(samples: readonly number[], p: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] as number;
}

/** A sliding window of the latest samples, for p50/p99/max of something that happens for ever. */
export interface Histogram {
  add(sample: number): void;
  /** NaN while nothing has been added. */
  percentile(p: number): number;
  readonly max: number;
  /** How many samples were ever added, not how many are kept. */
  readonly count: number;
}

export function histogram(keep = 4096): Histogram {
  const kept: number[] = [];
  let count = 0;
  let max = 0;
  return {
    add(sample) {
      kept[count % keep] = sample;
      count++;
      if (sample > max) max = sample;
    },
    percentile: (p) => percentile(kept, p),
    get max() {
      return max;
    },
    get count() {
      return count;
    },
  };
}
