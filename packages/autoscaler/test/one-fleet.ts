/** A fleet in memory whose servers are there as soon as they are asked for: as much of fleet's service as the autoscaler sees. */
import type { Fleets, FleetView, GameServerState, GameServers, GameServerView } from '@horizon-atlas/protocol';

export interface OneFleet extends Fleets, Pick<GameServers, 'list' | 'watch'> {
  /** So many are in use from now on, told as fleet tells: servers first, then the fleet. */
  use(inUse: number): void;
  change(change: Partial<FleetView>): void;
  /** What is used of the counter `rooms` on each server. */
  rooms(counts: readonly number[]): void;
  readonly scaled: number[];
}

export function oneFleet(given: Partial<FleetView> = {}): OneFleet {
  let view: FleetView = {
    name: 'arena',
    version: '1',
    replicas: 0,
    held: undefined,
    min: 0,
    max: 100,
    states: {},
    inUse: 0,
    waiting: 0,
    startMs: undefined,
    labels: { mode: 'duel' },
    sites: [],
    trouble: undefined,
    ...given,
  };
  let rooms: readonly number[] = [];
  const fleetWatchers = new Set<(view: FleetView) => void>();
  const watchers = new Set<(view: GameServerView, gone: boolean) => void>();
  const scaled: number[] = [];
  const told = () => {
    for (const watcher of fleetWatchers) watcher(view);
  };
  const server = (i: number): GameServerView => ({
    id: `arena_${i}`,
    fleet: 'arena',
    version: '1',
    state: (i < view.inUse ? 'Allocated' : 'Ready') satisfies GameServerState,
    sinceMs: 0,
    startedAtMs: 0,
    pid: 1,
    ports: [],
    labels: {},
    annotations: {},
    counters: rooms[i] === undefined ? {} : { rooms: { count: rooms[i], capacity: 10 } },
    lists: {},
    players: undefined,
    allocations: [],
    why: '',
  });
  return {
    scaled,
    fleet: (name) => (name === 'arena' ? view : undefined),
    fleets: () => [view],
    watchFleets(fn) {
      fleetWatchers.add(fn);
      return () => fleetWatchers.delete(fn);
    },
    scale(name, replicas) {
      if (name !== 'arena') return false;
      scaled.push(replicas);
      view = { ...view, replicas, states: { Ready: replicas - view.inUse, Allocated: view.inUse } };
      return true;
    },
    hold(name, replicas) {
      if (name !== 'arena') return false;
      view = { ...view, held: replicas, replicas: replicas ?? view.replicas };
      told();
      return true;
    },
    list: () => Array.from({ length: view.replicas }, (_, i) => server(i)),
    watch(fn) {
      watchers.add(fn);
      return () => watchers.delete(fn);
    },
    use(inUse) {
      // Those that were taken, or are ready again.
      const [from, to] = [Math.min(view.inUse, inUse), Math.max(view.inUse, inUse)];
      view = {
        ...view,
        inUse,
        replicas: Math.max(view.replicas, inUse),
        states: { Ready: Math.max(0, view.replicas - inUse), Allocated: inUse },
      };
      for (let i = from; i < to; i++) for (const watcher of watchers) watcher(server(i), false);
      told();
    },
    change(change) {
      view = { ...view, ...change };
      told();
    },
    rooms(counts) {
      rooms = counts;
      for (const watcher of watchers) watcher(server(0), false);
    },
  };
}
