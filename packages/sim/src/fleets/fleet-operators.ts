/**
 * Operators of a fleet, and what puts its servers to sleep: sizes that are held and let go, servers that are taken out for maintenance, emptied, ended, given back,
 * rollouts that are paused; servers that sleep while nobody plays, and wake. What was ordered is what the checkers hold the control plane to.
 */
import type { Prng } from '@horizon-atlas/base';
import type { FleetWorld } from './fleet-world.ts';

/** An order this old is on the disk, whatever the control plane dies of. */
const durableMs = 2000;

export class Operators {
  /** Undefined: as it is scaled. `known` false: an order may have died with the control plane. */
  held: { size: number | undefined; sinceMs: number; known: boolean } = { size: undefined, sinceMs: 0, known: true };
  /** Servers that nobody new is to be given, by an order that stands. */
  readonly kept = new Map<string, { readonly order: 'maintain' | 'drain'; readonly sinceMs: number }>();
  /** Of which it is not known whether the order stands. */
  readonly unsure = new Set<string>();
  readonly shutDown = new Set<string>();
  readonly #world: FleetWorld;
  readonly #prng: Prng;
  #fullMs = Number.NEGATIVE_INFINITY;

  constructor(world: FleetWorld, prng: Prng) {
    this.#world = world;
    this.#prng = prng;
  }

  begin(every: (seconds: number, fn: () => void) => void): void {
    const seldom = this.#prng.chance(0.5);
    every(seldom ? 10 : 2, () => this.#lull());
    every(seldom ? 12 : 3, () => this.#order());
    every(seldom ? 20 : 6, () => this.#hold());
    every(15, () => this.#pauseRollout());
  }

  /** The disk refuses for so long. */
  full(untilMs: number): void {
    this.#fullMs = Math.max(this.#fullMs, untilMs);
  }

  controlDied(): void {
    const { nowMs } = this.#world.kernel;
    const isDurable = (sinceMs: number) => nowMs > sinceMs + durableMs && nowMs > this.#fullMs + durableMs;
    if (!isDurable(this.held.sinceMs)) this.held.known = false;
    for (const [id, { sinceMs }] of this.kept) if (!isDurable(sinceMs)) this.#forget(id);
  }

  /** A look at what there is. */
  look(): void {
    const { service } = this.#world.control;
    if (!this.held.known) this.held = { size: service.fleet('arena')?.held, sinceMs: this.#world.kernel.nowMs, known: true };
    for (const id of this.kept.keys()) if (!service.get(id)) this.kept.delete(id);
  }

  /** The last word: everything goes on by itself. */
  mend(): void {
    const { control, kernel } = this.#world;
    control.service.hold('arena', undefined);
    this.held = { size: undefined, sinceMs: kernel.nowMs, known: true };
    control.service.holdRollout('arena', false);
    this.kept.clear();
    for (const { id } of control.service.list()) control.service.order(id, 'restore');
  }

  #hold(): void {
    const { control, kernel, habits, seen } = this.#world;
    if (!control.isOpen) return;
    const size = this.#prng.chance(0.4) ? undefined : this.#prng.below(habits.max + 3);
    control.service.hold('arena', size);
    const { min, max } = habits;
    this.held = { size: size === undefined ? undefined : Math.max(min, Math.min(max, size)), sinceMs: kernel.nowMs, known: true };
    if (size !== undefined) seen.held++;
    this.#world.note('hold', 'operator', { size });
  }

  #order(): void {
    const { control, kernel, seen } = this.#world;
    const server = this.#any(() => true);
    if (!server) return;
    const orders = ['maintain', 'maintain', 'drain', 'restore', 'shutdown'] as const;
    const order = orders[this.#prng.below(orders.length)] ?? 'restore';
    // Its holders hear of it, who have done nothing wrong.
    if (order === 'shutdown') this.shutDown.add(server);
    const refusal = control.service.order(server, order);
    this.#world.note(`order ${order}`, server, { refusal });
    if (refusal !== undefined) return;
    if (order === 'shutdown') seen.shutDown++;
    else if (order === 'restore') this.#forget(server);
    else {
      seen[order === 'maintain' ? 'maintained' : 'drained']++;
      if (this.kept.get(server)?.order !== 'drain') this.kept.set(server, { order, sinceMs: kernel.nowMs });
      // Somebody takes it back in the end.
      if (order === 'maintain') kernel.after(this.#prng.between(1000, 12_000), () => this.#restore(server));
    }
  }

  #restore(id: string): void {
    const { control, kernel } = this.#world;
    if (this.kept.get(id)?.order !== 'maintain') return;
    if (!control.isOpen) return kernel.after(500, () => this.#restore(id));
    this.#forget(id);
    this.#world.note('order restore', id, { refusal: control.service.order(id, 'restore') });
  }

  #forget(id: string): void {
    this.kept.delete(id);
    this.unsure.add(id);
  }

  #lull(): void {
    const { control, kernel, seen } = this.#world;
    const id = this.#any((state) => state === 'Ready');
    if (!id) return;
    const how = this.#prng.chance(0.5) ? 'frozen' : 'stopped';
    const refusal = control.service.sleep(id, how);
    this.#world.note(`sleep ${how}`, id, { refusal });
    if (refusal !== undefined) return;
    seen.slept++;
    kernel.after(this.#prng.between(300, 6000), () => this.#wake(id));
  }

  /** Somebody is at its door. */
  #wake(id: string): void {
    const { control, kernel, seen } = this.#world;
    if (!control.isOpen) return kernel.after(300, () => this.#wake(id));
    if (control.service.get(id)?.state !== 'Sleeping') return;
    this.#world.note('wake', id, { refusal: control.service.wake(id) });
    seen.woken++;
  }

  #pauseRollout(): void {
    const { control, kernel } = this.#world;
    if (!control.isOpen) return;
    this.#world.note('hold rollout', 'operator', { refusal: control.service.holdRollout('arena', true) });
    kernel.after(this.#prng.between(500, 8000), () => {
      if (this.#world.control.isOpen) this.#world.control.service.holdRollout('arena', false);
    });
  }

  #any(fits: (state: string) => boolean): string | undefined {
    const { control } = this.#world;
    if (!control.isOpen) return undefined;
    const all = control.service.list('arena').filter(({ state }) => fits(state));
    return all[this.#prng.below(Math.max(1, all.length))]?.id;
  }
}
