/** Times there and back as counts: so many in each step; longer ones than all steps in the last. */

const STEP_MS = 0.02;
const STEPS = 50_000;

export class RoundTrips {
  readonly counts = new Uint32Array(STEPS);

  add(ms: number): void {
    const step = Math.min(STEPS - 1, Math.floor(ms / STEP_MS));
    this.counts[step] = (this.counts[step] as number) + 1;
  }
}

export function addRoundTrips(a: readonly number[], b: readonly number[]): number[] {
  return a.map((count, step) => count + (b[step] ?? 0));
}

export function quantileMs(counts: readonly number[], q: number): number {
  let left = q * counts.reduce((sum, count) => sum + count, 0);
  for (const [step, count] of counts.entries()) {
    left -= count;
    if (left <= 0 && count > 0) return (step + 0.5) * STEP_MS;
  }
  return Number.NaN;
}
