/**
 * Servers that start in the background: nobody waits for them, and others of their fleet are ready. As soon as that changes, as many are lifted as somebody waits
 * for, or the next one: all at once would take the cores from the player who got the last one that was free. They are lifted, too, when they are ready themselves,
 * and after a while in any case.
 */
import type { Runner } from '@horizon-atlas/ports';
import { isSpare } from '../core/game-servers/fleet-plan.ts';
import { standOf } from '../core/game-servers/game-server-life.ts';
import { startPolicy } from '../core/game-servers/policy.ts';
import type { Entry, FleetState } from './roster.ts';

export class Spares {
  readonly #runner: Pick<Runner, 'hurry'>;
  readonly #all = new Set<Entry>();
  /** To be lifted as soon as their process is there. */
  readonly #early = new Set<Entry>();

  constructor(runner: Pick<Runner, 'hurry'>) {
    this.#runner = runner;
  }

  get dueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#all) dueMs = Math.min(dueMs, dueOf(entry));
    return dueMs;
  }

  /** It is about to be started. */
  add(entry: Entry): void {
    if (this.#wanted(entry.fleet) > 0) return;
    entry.spare = true;
    this.#all.add(entry);
  }

  /** Its life has gone on. */
  changed(entry: Entry): void {
    if (this.#all.has(entry) && standOf(entry.life) !== 'coming') this.#lift(entry);
    else if (entry.life.pid !== 0 && this.#early.delete(entry)) this.#runner.hurry?.(entry.id);
  }

  gone(entry: Entry): void {
    this.#all.delete(entry);
    this.#early.delete(entry);
  }

  /** Others may have been given away, or somebody may wait by now. */
  planned(fleet: FleetState): void {
    let wanted = this.#all.size === 0 ? 0 : this.#wanted(fleet);
    // Who began first is ready first.
    for (const entry of this.#all) if (entry.fleet === fleet && wanted-- > 0) this.#lift(entry);
  }

  tick(nowMs: number): void {
    for (const entry of this.#all) if (dueOf(entry) <= nowMs) this.#lift(entry);
  }

  /** How many more are to come before others. */
  #wanted(fleet: FleetState): number {
    const { counts, former, waiting } = fleet;
    if (isSpare(counts, waiting)) return 0;
    let before = counts.coming + former.coming;
    for (const entry of this.#all) if (entry.fleet === fleet) before--;
    return Math.max(1, waiting) - before;
  }

  #lift(entry: Entry): void {
    entry.spare = false;
    this.#all.delete(entry);
    if (entry.life.pid === 0) this.#early.add(entry);
    else this.#runner.hurry?.(entry.id);
  }
}

function dueOf({ life }: Entry): number {
  return life.begunMs + startPolicy.backgroundMsMax;
}
