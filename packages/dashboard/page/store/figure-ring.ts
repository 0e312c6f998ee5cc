/** The last minutes of each process's figures, for the small plots of its page. */

export interface Figures {
  readonly atMs: number;
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly players: number;
  readonly workMs: { readonly p50: number; readonly p90: number; readonly max: number } | null;
  readonly inPerS?: number | null;
  readonly outPerS?: number | null;
}

/** Processes that are gone are forgotten after so many others came. */
const processesMost = 512;

/** Of whatever has a name and figures. */
export class FigureRing<T = Figures> {
  readonly #most: number;
  readonly #of = new Map<string, T[]>();

  constructor(most: number) {
    this.#most = most;
  }

  push(process: string, figures: T): void {
    let list = this.#of.get(process);
    if (!list) {
      list = [];
      this.#of.set(process, list);
      const oldest = this.#of.size > processesMost ? this.#of.keys().next().value : undefined;
      if (oldest !== undefined) this.#of.delete(oldest);
    }
    list.push(figures);
    if (list.length > this.#most) list.shift();
  }

  of(process: string): readonly T[] {
    return this.#of.get(process) ?? [];
  }

  clear(): void {
    this.#of.clear();
  }
}
