/** Speeds of counters that only grow, over the last seconds: a sample of each now and then goes in, a difference a second comes out. */

interface Sample {
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
}

export const ratesPolicy = {
  /** How far back a rate looks, ms. */
  windowMs: 5_000,
} as const;

export class Rates {
  readonly #samples = new Map<string, Sample[]>();

  /** Counters of one thing as they stand now. NaN: not known. One that has fallen counts from anew: the process behind it is another. */
  sample(id: string, values: Readonly<Record<string, number>>, nowMs: number): void {
    let samples = this.#samples.get(id);
    const last = samples?.at(-1);
    if (!samples || (last && Object.keys(values).some((name) => (values[name] ?? 0) < (last.values[name] ?? 0)))) {
      samples = [];
      this.#samples.set(id, samples);
    }
    samples.push({ atMs: nowMs, values });
    // The one before the window stays: the difference is to span all of it.
    while (samples.length > 2 && nowMs - (samples[1] as Sample).atMs >= ratesPolicy.windowMs) samples.shift();
  }

  /** null: not known yet. */
  perS(id: string, name: string): number | null {
    const samples = this.#samples.get(id);
    const [first, last] = [samples?.[0], samples?.at(-1)];
    if (!first || !last || last.atMs <= first.atMs) return null;
    const grown = (last.values[name] ?? Number.NaN) - (first.values[name] ?? Number.NaN);
    return Number.isFinite(grown) ? (grown * 1000) / (last.atMs - first.atMs) : null;
  }

  /** Forgets whatever is not among these. */
  keep(ids: Pick<ReadonlySet<string>, 'has'>): void {
    for (const id of this.#samples.keys()) if (!ids.has(id)) this.#samples.delete(id);
  }
}
