/**
 * Servers that start in the background: nobody waits for them, and others of their fleet are ready. They are lifted as soon as that changes, when they are
 * ready themselves, and after a while in any case.
 */
import type { Runner } from '@horizon-atlas/ports';
import { isSpare } from '../core/game-servers/fleet-plan.ts';
import { standOf } from '../core/game-servers/game-server-life.ts';
import { startPolicy } from '../core/game-servers/policy.ts';
import type { Entry, FleetState } from './roster.ts';

export class Spares {
  readonly #runner: Pick<Runner, 'hurry'>;
  readonly #all = new Set<Entry>();
  /** Lifted before they were ready: perhaps before their process was there to be lifted. */
  readonly #lifted = new Set<Entry>();

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
    if (!isSpare(entry.fleet.counts, entry.fleet.waiting)) return;
    entry.spare = true;
    this.#all.add(entry);
  }

  /** Its life has gone on. */
  changed(entry: Entry): void {
    if (!(this.#all.has(entry) || this.#lifted.has(entry)) || standOf(entry.life) === 'coming') return;
    this.#lift(entry);
    this.#lifted.delete(entry);
  }

  gone(entry: Entry): void {
    this.#all.delete(entry);
    this.#lifted.delete(entry);
  }

  /** Others may have been given away, or somebody may wait by now. */
  planned(fleet: FleetState): void {
    if (this.#all.size === 0 || isSpare(fleet.counts, fleet.waiting)) return;
    for (const entry of this.#all) if (entry.fleet === fleet) this.#lift(entry);
  }

  tick(nowMs: number): void {
    for (const entry of this.#all) if (dueOf(entry) <= nowMs) this.#lift(entry);
  }

  #lift(entry: Entry): void {
    entry.spare = false;
    this.#all.delete(entry);
    this.#lifted.add(entry);
    this.#runner.hurry?.(entry.id);
  }
}

function dueOf({ life }: Entry): number {
  return life.sinceMs + startPolicy.backgroundMsMax;
}
