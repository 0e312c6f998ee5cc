/** Hands what happens in a world to its checkers, with the time; each kind of happening only to those that want it. */
import type { StoreChange } from '@horizon-atlas/ports';
import type { Checker, Ending } from './checkers/checker.ts';
import type { Kernel } from './kernel.ts';

export class Notes {
  readonly #kernel: Kernel;
  readonly #checkers: readonly Checker[];
  /** How much there was to check: a run in which nothing happened proves nothing. */
  readonly seen = { simulated: 0, viewed: 0, applied: 0, echoed: 0, committed: 0, crossed: 0, resumed: 0, died: 0 };

  constructor(kernel: Kernel, checkers: readonly Checker[]) {
    this.#kernel = kernel;
    this.#checkers = checkers;
  }

  simulated(server: string, life: number, group: number, epoch: number): void {
    this.seen.simulated++;
    for (const checker of this.#checkers) checker.simulated?.(server, life, group, epoch, this.#kernel.nowMs);
  }

  viewed(client: number, epoch: number): void {
    this.seen.viewed++;
    for (const checker of this.#checkers) checker.viewed?.(client, epoch, this.#kernel.nowMs);
  }

  applied(player: string, n: number, before: number): void {
    this.seen.applied++;
    for (const checker of this.#checkers) checker.applied?.(player, n, before, this.#kernel.nowMs);
  }

  echoed(client: number, n: number): void {
    this.seen.echoed++;
    for (const checker of this.#checkers) checker.echoed?.(client, n, this.#kernel.nowMs);
  }

  welcomed(client: number, session: string, resumed: boolean): void {
    if (resumed) this.seen.resumed++;
    for (const checker of this.#checkers) checker.welcomed?.(client, session, resumed, this.#kernel.nowMs);
  }

  socketClosed(client: number, code: string): void {
    for (const checker of this.#checkers) checker.socketClosed?.(client, code, this.#kernel.nowMs);
  }

  committed(changes: readonly StoreChange[]): void {
    this.seen.committed++;
    for (const checker of this.#checkers) checker.committed?.(changes, this.#kernel.nowMs);
  }

  serverDied(server: string): void {
    this.seen.died++;
    for (const checker of this.#checkers) checker.serverDied?.(server, this.#kernel.nowMs);
  }

  crossed(): void {
    this.seen.crossed++;
  }

  ended(ending: Ending): void {
    for (const checker of this.#checkers) checker.ended?.(ending);
  }
}
