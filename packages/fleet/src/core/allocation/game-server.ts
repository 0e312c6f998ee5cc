/** A game server as allocation sees it, in Agones' words: what it is labelled with, what it counts, and whether it may be given away. */

/** Of something that a server has a number of: sessions, players. `count` of `capacity` are used. */
export interface Counter {
  readonly count: number;
  readonly capacity: number;
}

/** Of something whose members have names: the players of a server. */
export interface List {
  readonly values: readonly string[];
  readonly capacity: number;
}

export interface GameServer {
  readonly id: string;
  readonly fleet: string;
  /** Ready: nobody has it. Allocated: somebody has, and others may join where it counts sessions. Others are never given away. */
  readonly state: 'Ready' | 'Allocated' | 'Other';
  readonly labels: Readonly<Record<string, string>>;
  readonly counters: Readonly<Record<string, Counter>>;
  readonly lists: Readonly<Record<string, List>>;
  /** Where it runs: `Packed` fills one node before it touches the next. */
  readonly node: string;
  /** Since when it is in its state, ms. */
  readonly sinceMs: number;
}

/** Least and most; absent says nothing. */
export interface Span {
  readonly min?: number;
  readonly max?: number;
}

export interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values: readonly string[];
  }[];
  readonly state: 'Ready' | 'Allocated';
  readonly counters: Readonly<Record<string, { readonly count: Span; readonly available: Span }>>;
  readonly lists: Readonly<Record<string, { readonly contains: string | undefined; readonly available: Span }>>;
}

/** Among servers that match: by what is available of a counter or list. `Ascending`: the fullest first. */
export interface Priority {
  readonly type: 'Counter' | 'List';
  readonly key: string;
  readonly order: 'Ascending' | 'Descending';
}

/** What happens to the server as it is allocated, in the same step. */
export interface Change {
  readonly counters: Readonly<Record<string, { readonly by: number; readonly capacity: number | undefined }>>;
  readonly lists: Readonly<
    Record<string, { readonly add: readonly string[]; readonly remove: readonly string[]; readonly capacity: number | undefined }>
  >;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export function labelsMatch({ matchLabels, matchExpressions }: Selector, labels: Readonly<Record<string, string>>): boolean {
  for (const key in matchLabels) if (labels[key] !== matchLabels[key]) return false;
  return matchExpressions.every(({ key, operator, values }) => {
    const has = Object.hasOwn(labels, key);
    if (operator === 'Exists') return has;
    if (operator === 'DoesNotExist') return !has;
    // As in Kubernetes: who lacks the label is in no set, and so not in this one.
    const within = has && values.includes(labels[key] as string);
    return operator === 'In' ? within : !within;
  });
}

/** Whether what it counts is as the selector asks; a server that lacks the counter never is. */
export function countsMatch({ counters, lists }: Selector, server: GameServer): boolean {
  for (const key in counters) {
    const { count, available } = counters[key] as Selector['counters'][string];
    const has = server.counters[key];
    if (!has || !within(has.count, count) || !within(has.capacity - has.count, available)) return false;
  }
  for (const key in lists) {
    const { contains, available } = lists[key] as Selector['lists'][string];
    const has = server.lists[key];
    if (!has || (contains !== undefined && !has.values.includes(contains))) return false;
    if (!within(has.capacity - has.values.length, available)) return false;
  }
  return true;
}

export function availableOf(server: GameServer, { type, key }: Pick<Priority, 'type' | 'key'>): number | undefined {
  if (type === 'Counter') {
    const counter = server.counters[key];
    return counter && counter.capacity - counter.count;
  }
  const list = server.lists[key];
  return list && list.capacity - list.values.length;
}

/**
 * The server with the change in it; undefined: it does not fit, and nothing of it happens. Counts stay between 0 and the capacity. What does not
 * change is the same object as before.
 */
export function changed(server: GameServer, change: Change, nowMs: number): GameServer | undefined {
  const counters = countersAfter(server, change);
  const lists = listsAfter(server, change);
  if (!counters || !lists) return undefined;
  const labels = isEmpty(change.labels) ? server.labels : { ...server.labels, ...change.labels };
  const { id, fleet, node } = server;
  return { id, fleet, state: 'Allocated', labels, counters, lists, node, sinceMs: nowMs };
}

export function isEmpty(names: Readonly<Record<string, unknown>>): boolean {
  for (const _ in names) return false;
  return true;
}

function countersAfter(server: GameServer, change: Change): GameServer['counters'] | undefined {
  if (isEmpty(change.counters)) return server.counters;
  const counters = { ...server.counters };
  for (const [key, { by, capacity }] of Object.entries(change.counters)) {
    const had = counters[key];
    if (!had) return undefined;
    const next = { count: had.count + by, capacity: capacity ?? had.capacity };
    if (next.count < 0 || next.count > next.capacity) return undefined;
    counters[key] = next;
  }
  return counters;
}

function listsAfter(server: GameServer, change: Change): GameServer['lists'] | undefined {
  if (isEmpty(change.lists)) return server.lists;
  const lists = { ...server.lists };
  for (const [key, { add, remove, capacity }] of Object.entries(change.lists)) {
    const had = lists[key];
    if (!had) return undefined;
    const kept = had.values.filter((value) => !remove.includes(value));
    const values = [...kept, ...add.filter((value) => !kept.includes(value))];
    if (values.length > (capacity ?? had.capacity)) return undefined;
    lists[key] = { values, capacity: capacity ?? had.capacity };
  }
  return lists;
}

function within(value: number, { min, max }: Span): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}
