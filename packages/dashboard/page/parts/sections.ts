/**
 * Which views an Atlas like this one has: one without a world has no map, one without fleets no game servers. What is not known yet is not offered, so
 * that nothing leads to an empty page.
 */
import { computed } from '@preact/signals';
import type { PageName } from '../route.ts';
import { session } from '../store/atlas.ts';
import { hasEdges } from '../store/edges.ts';
import { hasFleets } from '../store/fleets.ts';
import { hasQueues } from '../store/play.ts';
import type { IconName } from './icons.tsx';

export interface Entry {
  readonly page: PageName;
  readonly label: string;
  readonly icon: IconName;
}

/** Until it is known otherwise there is one. */
export const hasWorld = computed(() => (session.value?.world.regions ?? 1) > 0);

export const home = computed<PageName>(() => (hasWorld.value ? 'map' : 'fleets'));

const world: readonly Entry[] = [
  { page: 'map', label: 'Map', icon: 'map' },
  { page: 'players', label: 'Players', icon: 'players' },
  { page: 'servers', label: 'Servers', icon: 'servers' },
  { page: 'gateways', label: 'Gateways', icon: 'gateways' },
];
const fleets: readonly Entry[] = [
  { page: 'fleets', label: 'Fleets', icon: 'fleets' },
  { page: 'gameservers', label: 'Game servers', icon: 'gameservers' },
];
const edges: readonly Entry[] = [{ page: 'edges', label: 'Edges', icon: 'edges' }];
const games: readonly Entry[] = [{ page: 'games', label: 'Games', icon: 'games' }];
const matchmaking: readonly Entry[] = [
  { page: 'queues', label: 'Queues', icon: 'queues' },
  { page: 'matches', label: 'Matches', icon: 'matches' },
];
const always: readonly Entry[] = [
  { page: 'events', label: 'Events', icon: 'events' },
  { page: 'history', label: 'History', icon: 'history' },
];
const office: readonly Entry[] = [
  { page: 'audit', label: 'Audit', icon: 'audit' },
  { page: 'keys', label: 'Keys', icon: 'keys' },
];

/** Groups of views, none of them empty. */
export const sections = computed<readonly (readonly Entry[])[]>(() =>
  [
    hasWorld.value ? world : [],
    [
      ...(hasFleets.value ? fleets : []),
      ...(hasQueues.value ? matchmaking : []),
      ...(hasEdges.value ? edges : []),
      ...(hasFleets.value ? games : []),
    ],
    always,
    session.value?.scopes.includes('admin') ? office : [],
  ].filter((entries) => entries.length > 0),
);

/** Which views come first into the bar of a phone; it has room for four and the rest. */
const phoneOrder: readonly PageName[] = [
  'map',
  'players',
  'fleets',
  'matches',
  'servers',
  'gameservers',
  'queues',
  'edges',
  'games',
  'events',
  'history',
];
const phoneMost = 4;

export const onPhone = computed<ReadonlySet<PageName>>(() => {
  const all = new Set(sections.value.flat().map(({ page }) => page));
  return new Set(phoneOrder.filter((page) => all.has(page)).slice(0, phoneMost));
});

/** What a phone has no room for in its bar. */
export const rare = computed<readonly Entry[]>(() => sections.value.flat().filter(({ page }) => !onPhone.value.has(page)));
