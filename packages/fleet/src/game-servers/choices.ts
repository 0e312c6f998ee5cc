/** Small choices of the service: who is stopped, which fleet has room, and what the Store has to know. */
import { isOccupied, standOf } from '../core/game-servers/game-server-life.ts';
import type { Properties } from '../core/game-servers/properties.ts';
import { type Entry, type FleetState, limitsOf } from './roster.ts';

export function hasRoom(fleet: FleetState): boolean {
  return !fleet.stopped && fleet.counts.counted < limitsOf(fleet).max;
}

/**
 * Of those that nobody has, the ones that cost least to lose: what is not ready yet, newest first, then the oldest free ones.
 * @param freeMost so many of them may be free ones
 */
export function toStop(fleet: FleetState, mayGo: (entry: Entry) => boolean, most: number, freeMost = most): Entry[] {
  if (most <= 0) return [];
  const [coming, free]: [Entry[], Entry[]] = [[], []];
  for (const entry of fleet.entries.values()) {
    const stand = isOccupied(entry.life) || !mayGo(entry) ? undefined : standOf(entry.life);
    if (stand) (stand === 'coming' ? coming : free).push(entry);
  }
  return [...coming.reverse(), ...free.slice(0, freeMost)].slice(0, most);
}

/** The Store has to know: what the next Atlas could not tell from the processes and the allocations. */
export function isDurable(before: Entry['life'], next: Entry['life']): boolean {
  return (
    before.linked !== next.linked ||
    before.pid !== next.pid ||
    before.wish !== next.wish ||
    before.tookItself !== next.tookItself ||
    Number.isNaN(before.readyMs) !== Number.isNaN(next.readyMs) ||
    Number.isNaN(before.healthMs) !== Number.isNaN(next.healthMs) ||
    (before.state !== next.state && !(isGiven(before) && isGiven(next)))
  );
}

/** Ready or in use: the allocations say which. */
function isGiven({ state }: Entry['life']): boolean {
  return state === 'Ready' || state === 'Allocated' || state === 'Activating' || state === 'Active';
}

export function sameProps(a: Properties, b: Properties): boolean {
  return a.labels === b.labels && a.annotations === b.annotations && a.counters === b.counters && a.lists === b.lists;
}
