/**
 * Many samples in little room: counted in buckets that are 2 % wide, so those of several processes can be added up. A percentile is at most 2 %
 * too high; count, mean, least and greatest are exact.
 */
export interface Summary {
  readonly count: number;
  /** null: there was no sample. */
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** As it goes from process to process. */
export interface Counted {
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
  readonly count: number;
  readonly sum: number;
  readonly max: number;
}

const growth = Math.log(1.02);
/** Below this everything is one bucket: a thousandth of a millisecond. */
const least = 0.001;

export class Distribution {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #max = 0;

  add(sample: number): void {
    if (!Number.isFinite(sample) || sample < 0) return;
    const bucket = sample <= least ? 0 : Math.ceil(Math.log(sample / least) / growth);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#sum += sample;
    if (sample > this.#max) this.#max = sample;
  }

  merge({ buckets, count, sum, max }: Counted): void {
    for (const [bucket, n] of buckets) this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + n);
    this.#count += count;
    this.#sum += sum;
    this.#max = Math.max(this.#max, max);
  }

  clear(): void {
    this.#buckets.clear();
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }

  get counted(): Counted {
    return { buckets: [...this.#buckets], count: this.#count, sum: this.#sum, max: this.#max };
  }

  /** By the nearest rank; the upper edge of its bucket. null: there was no sample. */
  percentile(p: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(p * this.#count));
    let seen = 0;
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      seen += this.#buckets.get(bucket) ?? 0;
      if (seen >= rank) return Math.min(this.#max, least * Math.exp(bucket * growth));
    }
    return this.#max;
  }

  get summary(): Summary {
    const known = this.#count > 0;
    return {
      count: this.#count,
      mean: known ? this.#sum / this.#count : null,
      p50: this.percentile(0.5),
      p90: this.percentile(0.9),
      p99: this.percentile(0.99),
      max: known ? this.#max : null,
    };
  }
}
