/**
 * Servers that may be given away, sorted so that one is found without looking at the others. Servers that no selector can tell apart lie on one
 * shelf: same fleet and state, and same values of every label that a selector has ever asked for. A pool of 100,000 servers has a handful of shelves.
 *
 *   shelf  →  by node: servers, oldest first            Packed: the node with the most in use; Distributed: with the least
 *          →  by what is available of a counter or list  once somebody has asked for that
 */
import { availableOf, type GameServer, labelsMatch, type Priority, type Selector } from './game-server.ts';

export const limits = {
  /** Labels that selectors may ask for; one more is refused, because each can multiply the shelves. */
  labels: 64,
  /** Counters and lists that requests may order by. */
  orders: 32,
} as const;

export type Scheduling = 'Packed' | 'Distributed';

export class Shelves {
  readonly #servers = new Map<string, Placed>();
  readonly #shelves = new Map<string, Shelf>();
  readonly #labels: string[] = [];
  readonly #orders: Pick<Priority, 'type' | 'key'>[] = [];
  /** Servers in use by node, for packing. */
  readonly #used = new Map<string, number>();
  /** Shelves that answer a selector, until a new shelf comes. */
  #answers = new Map<string, readonly Shelf[]>();
  /** The shelves of servers with these labels, by fleet and state: labels change hardly ever. */
  #known = new WeakMap<GameServer['labels'], { readonly fleet: string; Ready?: Shelf; Allocated?: Shelf }>();

  get(id: string): GameServer | undefined {
    return this.#servers.get(id)?.server;
  }

  get size(): number {
    return this.#servers.size;
  }

  *all(): Generator<GameServer> {
    for (const { server } of this.#servers.values()) yield server;
  }

  put(server: GameServer): void {
    const shelf = this.#shelfOf(server);
    const placed = this.#servers.get(server.id);
    if (placed && placed.shelf === shelf && this.#sameWithin(placed.server, server)) {
      placed.server = server;
      return;
    }
    this.remove(server.id);
    this.#servers.set(server.id, { server, shelf });
    shelf?.put(server, this.#orders);
    if (server.state === 'Allocated') this.#used.set(server.node, (this.#used.get(server.node) ?? 0) + 1);
  }

  remove(id: string): void {
    const placed = this.#servers.get(id);
    if (!placed) return;
    const { server, shelf } = placed;
    this.#servers.delete(id);
    shelf?.remove(server, this.#orders);
    if (server.state !== 'Allocated') return;
    const used = (this.#used.get(server.node) ?? 1) - 1;
    if (used === 0) this.#used.delete(server.node);
    else this.#used.set(server.node, used);
  }

  /** On the same shelf it stays where it is. */
  #sameWithin(before: GameServer, next: GameServer): boolean {
    if (before.node !== next.node || before.state !== next.state) return false;
    return this.#orders.every((order) => availableOf(before, order) === availableOf(next, order));
  }

  /** False: it asks for more different labels, or orders, than there may be. */
  learn(selectors: readonly Selector[], priorities: readonly Priority[]): boolean {
    if (this.#knows(selectors, priorities)) return true;
    const labels = selectors.flatMap(({ matchLabels, matchExpressions }) => [
      ...Object.keys(matchLabels),
      ...matchExpressions.map(({ key }) => key),
    ]);
    const fresh = [...new Set(labels)].filter((label) => !this.#labels.includes(label));
    const wanted: Pick<Priority, 'type' | 'key'>[] = [...priorities, ...selectors.flatMap(countedBy)];
    const orders = wanted.filter((each, i) => !this.#orders.some(same(each)) && wanted.findIndex(same(each)) === i);
    if (this.#labels.length + fresh.length > limits.labels || this.#orders.length + orders.length > limits.orders) return false;
    if (fresh.length === 0 && orders.length === 0) return true;
    // All servers are put up anew, once for each label that is asked for the first time.
    const servers = [...this.all()];
    for (const { id } of servers) this.remove(id);
    this.#labels.push(...fresh);
    this.#orders.push(...orders.map(({ type, key }) => ({ type, key })));
    this.#shelves.clear();
    this.#answers.clear();
    this.#known = new WeakMap();
    for (const server of servers) this.put(server);
    return true;
  }

  #knows(selectors: readonly Selector[], priorities: readonly Priority[]): boolean {
    for (const { matchLabels, matchExpressions, counters, lists } of selectors) {
      for (const label in matchLabels) if (!this.#labels.includes(label)) return false;
      for (const { key } of matchExpressions) if (!this.#labels.includes(key)) return false;
      for (const key in counters) if (!this.#orders.some(same({ type: 'Counter', key }))) return false;
      for (const key in lists) if (!this.#orders.some(same({ type: 'List', key }))) return false;
    }
    return priorities.every((each) => this.#orders.some(same(each)));
  }

  /** Servers that match the selector's labels and state, best first: walk until one does for the rest. */
  *candidates(
    selector: Selector,
    signature: string,
    priorities: readonly Priority[],
    scheduling: Scheduling,
  ): Generator<GameServer> {
    const shelves = this.#answer(selector, signature);
    const [first = countedBy(selector)[0]] = priorities;
    if (first) {
      const descending = 'order' in first ? first.order === 'Descending' : scheduling === 'Distributed';
      yield* this.#byAvailable(shelves, first, leastAvailable(selector, first), descending, priorities);
      return;
    }
    for (const node of this.#nodesOf(shelves, scheduling)) {
      for (const shelf of shelves) {
        const ids = shelf.nodes.get(node);
        if (ids) for (const id of ids) yield this.get(id) as GameServer;
      }
    }
  }

  #nodesOf(shelves: readonly Shelf[], scheduling: Scheduling): string[] {
    const nodes: string[] = [];
    for (const shelf of shelves) for (const node of shelf.nodes.keys()) if (!nodes.includes(node)) nodes.push(node);
    const used = (node: string) => this.#used.get(node) ?? 0;
    if (nodes.length > 1)
      nodes.sort((a, b) => (scheduling === 'Packed' ? used(b) - used(a) : used(a) - used(b)) || (a < b ? -1 : 1));
    return nodes;
  }

  *#byAvailable(
    shelves: readonly Shelf[],
    first: Pick<Priority, 'type' | 'key'>,
    least: number,
    descending: boolean,
    priorities: readonly Priority[],
  ): Generator<GameServer> {
    const buckets = new Map<number, Iterable<string>[]>();
    for (const shelf of shelves) {
      for (const [available, ids] of shelf.orders.get(nameOf(first)) ?? []) {
        if (available >= least) buckets.set(available, [...(buckets.get(available) ?? []), ids]);
      }
    }
    const steps = [...buckets.keys()].sort((a, b) => (descending ? b - a : a - b));
    const rest = priorities.slice(1);
    for (const step of steps) {
      const servers = (buckets.get(step) ?? [])
        .flatMap((ids) => (rest.length === 0 ? [] : [...ids]))
        .map((id) => this.get(id) as GameServer);
      if (rest.length === 0) for (const ids of buckets.get(step) ?? []) for (const id of ids) yield this.get(id) as GameServer;
      else yield* servers.sort((a, b) => compare(a, b, rest));
    }
  }

  #answer(selector: Selector, signature: string): readonly Shelf[] {
    let shelves = this.#answers.get(signature);
    if (!shelves) {
      shelves = [...this.#shelves.values()].filter(
        ({ state, labels }) => state === selector.state && labelsMatch(selector, labels),
      );
      if (this.#answers.size >= 1024) this.#answers.clear();
      this.#answers.set(signature, shelves);
    }
    return shelves;
  }

  #shelfOf(server: GameServer): Shelf | undefined {
    const { state, fleet, labels } = server;
    if (state === 'Other') return undefined;
    let known = this.#known.get(labels);
    // Of two fleets the same labels may be one object.
    if (known?.fleet !== fleet) {
      known = { fleet };
      this.#known.set(labels, known);
    }
    known[state] ??= this.#makeShelf(server, state);
    return known[state];
  }

  #makeShelf(server: GameServer, state: Shelf['state']): Shelf {
    const values = this.#valuesOf(server);
    const key = `${state} ${server.fleet} ${JSON.stringify(values)}`;
    let shelf = this.#shelves.get(key);
    if (!shelf) {
      const labels = Object.fromEntries(
        this.#labels.flatMap((label, i) => (typeof values[i] === 'string' ? [[label, values[i]]] : [])),
      );
      shelf = new Shelf(state, labels);
      this.#shelves.set(key, shelf);
      this.#answers.clear();
    }
    return shelf;
  }

  #valuesOf({ labels }: GameServer): (string | null | undefined)[] {
    return this.#labels.map((label) => (Object.hasOwn(labels, label) ? labels[label] : null));
  }
}

interface Placed {
  server: GameServer;
  readonly shelf: Shelf | undefined;
}

class Shelf {
  readonly state: Exclude<GameServer['state'], 'Other'>;
  readonly labels: Readonly<Record<string, string>>;
  /** Ids in the order in which they came; a Set keeps that, and gives up any in no time. */
  readonly nodes = new Map<string, Set<string>>();
  readonly orders = new Map<string, Map<number, Set<string>>>();

  constructor(state: Shelf['state'], labels: Readonly<Record<string, string>>) {
    this.state = state;
    this.labels = labels;
  }

  put(server: GameServer, orders: readonly Pick<Priority, 'type' | 'key'>[]): void {
    into(this.nodes, server.node, server.id);
    for (const order of orders) {
      const available = availableOf(server, order);
      if (available === undefined) continue;
      const name = nameOf(order);
      const buckets = this.orders.get(name) ?? new Map<number, Set<string>>();
      this.orders.set(name, buckets);
      into(buckets, available, server.id);
    }
  }

  remove(server: GameServer, orders: readonly Pick<Priority, 'type' | 'key'>[]): void {
    outOf(this.nodes, server.node, server.id);
    for (const order of orders) {
      const available = availableOf(server, order);
      const buckets = this.orders.get(nameOf(order));
      if (available !== undefined && buckets) outOf(buckets, available, server.id);
    }
  }
}

function into<K>(map: Map<K, Set<string>>, key: K, id: string): void {
  const set = map.get(key);
  if (set) set.add(id);
  else map.set(key, new Set([id]));
}

function outOf<K>(map: Map<K, Set<string>>, key: K, id: string): void {
  const set = map.get(key);
  set?.delete(id);
  if (set?.size === 0) map.delete(key);
}

function countedBy({ counters, lists }: Selector): Pick<Priority, 'type' | 'key'>[] {
  return [
    ...Object.keys(counters).map((key) => ({ type: 'Counter' as const, key })),
    ...Object.keys(lists).map((key) => ({ type: 'List' as const, key })),
  ];
}

function leastAvailable({ counters, lists }: Selector, { type, key }: Pick<Priority, 'type' | 'key'>): number {
  const asked = type === 'Counter' ? counters[key]?.available.min : lists[key]?.available.min;
  return asked ?? Number.NEGATIVE_INFINITY;
}

function compare(a: GameServer, b: GameServer, priorities: readonly Priority[]): number {
  for (const priority of priorities) {
    const order = (availableOf(a, priority) ?? -1) - (availableOf(b, priority) ?? -1);
    if (order !== 0) return priority.order === 'Ascending' ? order : -order;
  }
  return 0;
}

function nameOf({ type, key }: Pick<Priority, 'type' | 'key'>): string {
  return `${type} ${key}`;
}

function same(a: Pick<Priority, 'type' | 'key'>): (b: Pick<Priority, 'type' | 'key'>) => boolean {
  return (b) => a.type === b.type && a.key === b.key;
}
