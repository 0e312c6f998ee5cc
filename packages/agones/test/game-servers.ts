/** Game servers in memory that take every word which their state allows: what fleet does for real, as far as Agones' surface can tell. */
import type { GameServerState, GameServerView, GameServerWord } from '@horizon-atlas/protocol';
import type { Heard } from '../src/core/calls.ts';

export interface MemoryGameServers extends Heard {
  readonly words: { readonly id: string; readonly word: GameServerWord }[];
  put(id: string, change?: Partial<GameServerView>): GameServerView;
  drop(id: string): void;
  /** Resolves with the view once it is so; the caller's test has the deadline. */
  until(id: string, is: (view: GameServerView) => boolean): Promise<GameServerView>;
}

export function memoryGameServers(): MemoryGameServers {
  const views = new Map<string, GameServerView>();
  const watchers = new Set<(view: GameServerView, gone: boolean) => void>();
  const words: { id: string; word: GameServerWord }[] = [];
  const told = (view: GameServerView, gone = false) => {
    for (const watcher of [...watchers]) watcher(view, gone);
  };
  const servers: MemoryGameServers = {
    words,
    get: (id) => views.get(id),
    watch(fn) {
      watchers.add(fn);
      return () => watchers.delete(fn);
    },
    heard(id, word) {
      const view = views.get(id);
      if (!view) return false;
      words.push({ id, word });
      const next = after(view, word);
      if (!next) return false;
      if (next !== view) servers.put(id, next);
      return true;
    },
    put(id, change = {}) {
      const view = { ...blank(id), ...views.get(id), ...change };
      views.set(id, view);
      told(view);
      return view;
    },
    drop(id) {
      const view = views.get(id);
      views.delete(id);
      if (view) told(view, true);
    },
    until(id, is) {
      return new Promise((resolve) => {
        const look = () => {
          const view = views.get(id);
          if (!view || !is(view)) return;
          watchers.delete(look);
          resolve(view);
        };
        watchers.add(look);
        look();
      });
    },
  };
  return servers;
}

function blank(id: string): GameServerView {
  return {
    id,
    fleet: 'arena',
    version: '1',
    state: 'Starting',
    sinceMs: 1_700_000_000_000,
    startedAtMs: 1_700_000_000_000,
    pid: 1,
    ports: [{ name: 'default', protocol: 'udp', host: '127.0.0.1', port: 7777 }],
    labels: {},
    annotations: {},
    counters: { rooms: { count: 1, capacity: 10 } },
    lists: { players: { values: [], capacity: 4 } },
    players: undefined,
    allocations: [],
    why: '',
  };
}

const states: Readonly<Record<string, GameServerState>> = {
  ready: 'Ready',
  allocate: 'Allocated',
  reserve: 'Reserved',
  shutdown: 'Shutdown',
};

function after(view: GameServerView, word: GameServerWord): GameServerView | undefined {
  if (view.state === 'Shutdown' && word.say !== 'shutdown') return undefined;
  switch (word.say) {
    case 'label':
      return { ...view, labels: { ...view.labels, [word.key]: word.value } };
    case 'annotation':
      return { ...view, annotations: { ...view.annotations, [word.key]: word.value } };
    case 'counter': {
      const held = view.counters[word.name];
      if (!held) return undefined;
      const counter = { count: word.count ?? held.count + (word.by ?? 0), capacity: word.capacity ?? held.capacity };
      return { ...view, counters: { ...view.counters, [word.name]: counter } };
    }
    case 'list': {
      const held = view.lists[word.name];
      if (!held) return undefined;
      const values = [...(word.values ?? held.values), ...(word.add ?? [])].filter((value) => !word.remove?.includes(value));
      return { ...view, lists: { ...view.lists, [word.name]: { values, capacity: word.capacity ?? held.capacity } } };
    }
    case 'players':
      return {
        ...view,
        players: {
          count: word.count,
          capacity: word.capacity ?? view.players?.capacity ?? 0,
          ...(word.names && { names: word.names }),
        },
      };
    case 'joined':
    case 'left': {
      const names = (view.players?.names ?? []).filter((name) => name !== word.player);
      if (word.say === 'joined') names.push(word.player);
      return { ...view, players: { count: names.length, capacity: view.players?.capacity ?? 0, names } };
    }
    default:
      return states[word.say] ? { ...view, state: states[word.say] as GameServerState } : view;
  }
}
