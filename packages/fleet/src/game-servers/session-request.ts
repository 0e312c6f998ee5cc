/** A match's request for a server in the words of allocation: a server of several sessions that has room first, else a free one. */
import type { SessionRequest } from '@horizon-atlas/protocol';
import type { AllocationRequest } from '../core/allocation/allocator.ts';
import type { Selector } from '../core/allocation/game-server.ts';
import { type FleetSettings, labelNames, sessionsCounter } from './settings.ts';

export function requestOf(
  { requestId, fleet, site, players, session, waitMs, leaseMs }: SessionRequest,
  { sessionsPerServer }: Pick<FleetSettings, 'sessionsPerServer'>,
): { readonly wish: AllocationRequest; readonly note: { readonly players: readonly string[]; readonly session: string } } {
  const matchLabels = { [labelNames.fleet]: fleet, ...(site === undefined ? {} : { [labelNames.site]: site }) };
  const free: Selector = { matchLabels, matchExpressions: [], state: 'Ready', counters: {}, lists: {} };
  const shared = sessionsPerServer > 1;
  const withRoom: Selector = {
    ...free,
    state: 'Allocated',
    counters: { [sessionsCounter]: { count: {}, available: { min: 1 } } },
  };
  return {
    wish: {
      requestId,
      selectors: shared ? [withRoom, free] : [free],
      priorities: [],
      scheduling: 'Packed',
      change: {
        counters: shared ? { [sessionsCounter]: { by: 1, capacity: undefined } } : {},
        lists: {},
        labels: {},
        annotations: {},
      },
      waitMs,
      leaseMs,
      priority: 0,
    },
    note: { players, session: sessionText(session) },
  };
}

/** What a game server is told of a session; empty: nothing. */
export function sessionText(session: unknown): string {
  return session === undefined ? '' : JSON.stringify(session);
}
