/**
 * Servers that may be given away, sorted so that one is found without looking at the others. Servers that no selector can tell apart lie on one
 * shelf: same fleet and state, and same values of every label that a selector has ever asked for. A pool of 100,000 servers has a handful of shelves.
 *
 *   shelf  →  by node: servers, oldest first            Packed: the node with the most in use; Distributed: with the least
 *          →  by what is available of a counter or list  once somebody has asked for that
 */
import { availableOf, type GameServer, isEmpty, labelsMatch, type Priority, type Selector } from './game-server.ts';

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

  put(server: GameServer): void {
    const shelf = this.#shelfOf(server);
    let placed = this.#servers.get(server.id);
    if (placed && placed.shelf === shelf && this.#sameWithin(placed.server, server)) {
      placed.server = server;
      return;
    }
    // Where it is known it stays: taken out and put in again, a large table would be made anew every few thousand times.
    if (placed) this.#takeOff(placed);
    else {
      placed = { server, shelf, before: undefined, after: undefined };
      this.#servers.set(server.id, placed);
    }
    placed.server = server;
    placed.shelf = shelf;
    shelf?.put(placed, this.#orders);
    if (server.state === 'Allocated') this.#used.set(server.node, (this.#used.get(server.node) ?? 0) + 1);
  }

  remove(id: string): void {
    const placed = this.#servers.get(id);
    if (!placed) return;
    this.#servers.delete(id);
    this.#takeOff(placed);
  }

  #takeOff(placed: Placed): void {
    const { server, shelf } = placed;
    shelf?.remove(placed, this.#orders);
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
    const servers = Array.from(this.#servers.values(), ({ server }) => server).sort((a, b) => a.sinceMs - b.sinceMs);
    this.#servers.clear();
    this.#used.clear();
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
    const first = priorities[0] ?? countedBy(selector)[0];
    if (first) {
      const descending = 'order' in first ? first.order === 'Descending' : scheduling === 'Distributed';
      yield* this.#byAvailable(shelves, first, leastAvailable(selector, first), descending, priorities);
      return;
    }
    for (const node of this.#nodesOf(shelves, scheduling)) {
      for (const shelf of shelves) {
        for (let each = shelf.nodes.get(node)?.first; each; each = each.after) yield each.server;
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
    const buckets = new Map<number, Iterable<Placed>[]>();
    for (const shelf of shelves) {
      for (const [available, servers] of shelf.orders.get(nameOf(first)) ?? []) {
        if (available >= least) buckets.set(available, [...(buckets.get(available) ?? []), servers]);
      }
    }
    const steps = [...buckets.keys()].sort((a, b) => (descending ? b - a : a - b));
    const rest = priorities.slice(1);
    for (const step of steps) {
      const lists = buckets.get(step) ?? [];
      if (rest.length === 0) for (const list of lists) for (const { server } of list) yield server;
      else {
        const servers = lists.flatMap((list) => Array.from(list, ({ server }) => server));
        yield* servers.sort((a, b) => compare(a, b, rest));
      }
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

/** A server where it stands: `before` and `after` it, those of its shelf and node. */
interface Placed {
  server: GameServer;
  shelf: Shelf | undefined;
  before: Placed | undefined;
  after: Placed | undefined;
}

/** Servers in the order in which they came, the first and any other to be had without a look at the rest. */
class Row {
  first: Placed | undefined;
  #last: Placed | undefined;

  add(placed: Placed): void {
    placed.before = this.#last;
    placed.after = undefined;
    if (this.#last) this.#last.after = placed;
    else this.first = placed;
    this.#last = placed;
  }

  remove(placed: Placed): void {
    const { before, after } = placed;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.#last = before;
  }
}

class Shelf {
  readonly state: Exclude<GameServer['state'], 'Other'>;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodes = new Map<string, Row>();
  readonly orders = new Map<string, Map<number, Set<Placed>>>();

  constructor(state: Shelf['state'], labels: Readonly<Record<string, string>>) {
    this.state = state;
    this.labels = labels;
  }

  put(placed: Placed, orders: readonly Pick<Priority, 'type' | 'key'>[]): void {
    const { server } = placed;
    let row = this.nodes.get(server.node);
    if (!row) {
      row = new Row();
      this.nodes.set(server.node, row);
    }
    row.add(placed);
    for (const order of orders) {
      const available = availableOf(server, order);
      if (available === undefined) continue;
      const name = nameOf(order);
      const buckets = this.orders.get(name) ?? new Map<number, Set<Placed>>();
      this.orders.set(name, buckets);
      into(buckets, available, placed);
    }
  }

  remove(placed: Placed, orders: readonly Pick<Priority, 'type' | 'key'>[]): void {
    const { server } = placed;
    const row = this.nodes.get(server.node);
    row?.remove(placed);
    if (row && !row.first) this.nodes.delete(server.node);
    for (const order of orders) {
      const available = availableOf(server, order);
      const buckets = this.orders.get(nameOf(order));
      if (available !== undefined && buckets) outOf(buckets, available, placed);
    }
  }
}

function into<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function outOf<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}

const byNothing: readonly never[] = [];

function countedBy({ counters, lists }: Selector): readonly Pick<Priority, 'type' | 'key'>[] {
  if (isEmpty(counters) && isEmpty(lists)) return byNothing;
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
