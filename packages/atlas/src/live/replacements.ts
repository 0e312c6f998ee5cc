/** Which game server that becomes ready stands in for one that was lost: the first of its fleet after the loss that was not ready before. */
export const limits = {
  /** Losses of a fleet that wait for a replacement. */
  waiting: 1000,
  /** Later ones are the daily run of things. */
  withinMs: 600_000,
} as const;

/** States before Ready of one that has just been started. */
const coming = new Set<unknown>(['Scheduled', 'Starting', 'Warming']);

export class Replacements {
  /** When those of a fleet were lost, the oldest first. */
  readonly #lost = new Map<string, number[]>();

  lost(fleet: string, atMs: number): void {
    const waiting = this.#lost.get(fleet) ?? [];
    waiting.push(atMs);
    if (waiting.length > limits.waiting) waiting.shift();
    this.#lost.set(fleet, waiting);
  }

  /** How long a fleet has gone without the one that this one replaces; undefined: it replaces none. */
  ready(fleet: string, { from }: { readonly from?: unknown }, atMs: number): number | undefined {
    const waiting = this.#lost.get(fleet);
    if (!waiting || !coming.has(from)) return undefined;
    while (waiting.length > 0 && atMs - (waiting[0] ?? 0) > limits.withinMs) waiting.shift();
    const since = waiting.shift();
    if (waiting.length === 0) this.#lost.delete(fleet);
    return since === undefined ? undefined : atMs - since;
  }
}
