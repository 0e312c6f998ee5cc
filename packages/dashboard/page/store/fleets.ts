/** What the page knows of fleets of game servers. Undefined: not heard of yet. Single game servers may be thousands: pages ask for those they show. */
import type { Fleet } from '@horizon-atlas/sdk-admin';
import { computed, signal } from '@preact/signals';
import { FigureRing } from './figure-ring.ts';
import { grouped } from './server-groups.ts';

export const limits = {
  /** One a second, as the page has seen them. */
  figures: 600,
} as const;

export interface FleetFigures {
  readonly atMs: number;
  /** In the order of `serverGroups`. */
  readonly counts: readonly number[];
}

export const fleets = signal<readonly Fleet[] | undefined>(undefined);
export const fleetFigures = new FigureRing<FleetFigures>(limits.figures);
export const hasFleets = computed(() => (fleets.value?.length ?? 0) > 0);

export function takeFleets(list: readonly Fleet[], atMs: number): void {
  fleets.value = list;
  for (const { name, states } of list) fleetFigures.push(name, { atMs, counts: grouped(states) });
}

export function forgetFleets(): void {
  fleets.value = undefined;
  fleetFigures.clear();
}
