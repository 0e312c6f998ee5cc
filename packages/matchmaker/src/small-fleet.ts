/**
 * Servers in memory, for tests, benches and the simulator: so many are there, and what is asked of them is answered at once, or not at all.
 */
import type {
  GameServers,
  GameServerView,
  SessionAnswer,
  SessionRequest,
  SessionResult,
  Sessions,
  SessionWish,
} from '@horizon-atlas/protocol';

export class SmallFleet implements Sessions, GameServers {
  /** Servers that are free. */
  free: number;
  readonly requests = new Map<string, SessionRequest>();
  readonly given = new Map<string, GameServerView>();
  readonly released: string[] = [];
  refusal: { code: string; message: string } | undefined;
  readonly #watchers = new Set<(view: GameServerView, gone: boolean) => void>();
  readonly #results = new Set<(result: SessionResult) => void | Promise<void>>();
  readonly #wishers = new Set<(requestId: string, wish: SessionWish) => void>();
  #count = 0;

  constructor(free = 100) {
    this.free = free;
  }

  async request(request: SessionRequest): Promise<SessionAnswer> {
    this.requests.set(request.requestId, request);
    const before = this.given.get(request.requestId);
    if (before) return { ok: true, server: before.id, fleet: before.fleet, ports: before.ports };
    if (this.refusal) return { ok: false, ...this.refusal, etaMs: undefined };
    if (this.free <= 0) return { ok: false, code: 'ALLOCATION_NONE_READY', message: 'no server is ready', etaMs: undefined };
    this.free--;
    const view = viewOf(`gs-${++this.#count}`, request);
    this.given.set(request.requestId, view);
    return { ok: true, server: view.id, fleet: view.fleet, ports: view.ports };
  }

  cancel(): boolean {
    return false;
  }

  release(requestId: string): void {
    if (!this.given.delete(requestId)) return;
    this.released.push(requestId);
    this.free++;
  }

  update(requestId: string, change: Pick<SessionRequest, 'players' | 'session'>): boolean {
    const request = this.requests.get(requestId);
    if (!request || !this.given.has(requestId)) return false;
    this.requests.set(requestId, { ...request, ...change });
    return true;
  }

  wishes(fn: (requestId: string, wish: SessionWish) => void): () => void {
    this.#wishers.add(fn);
    return () => void this.#wishers.delete(fn);
  }

  /** As a game server says it of its session. */
  wish(requestId: string, wish: SessionWish): void {
    for (const fn of this.#wishers) fn(requestId, wish);
  }

  results(fn: (result: SessionResult) => void | Promise<void>): () => void {
    this.#results.add(fn);
    return () => void this.#results.delete(fn);
  }

  /** The session of a match ends, as its server says. */
  async end(requestId: string, end: SessionResult['end'], result?: unknown): Promise<void> {
    const { id = '', fleet = '' } = this.given.get(requestId) ?? {};
    for (const fn of this.#results) await fn({ requestId, server: id, fleet, end, result, atMs: 0 });
  }

  die(requestId: string): void {
    const view = this.given.get(requestId);
    this.given.delete(requestId);
    if (view) for (const fn of this.#watchers) fn({ ...view, state: 'Shutdown' }, true);
  }

  get(id: string): GameServerView | undefined {
    return this.list().find((view) => view.id === id);
  }
  list(fleet?: string): readonly GameServerView[] {
    return [...this.given.values()].filter((view) => fleet === undefined || view.fleet === fleet);
  }
  watch(fn: (view: GameServerView, gone: boolean) => void): () => void {
    this.#watchers.add(fn);
    return () => void this.#watchers.delete(fn);
  }
  heard(): boolean {
    return false;
  }
  order(): undefined {
    return undefined;
  }
  sleep(): undefined {
    return undefined;
  }
  wake(): undefined {
    return undefined;
  }
}

function viewOf(id: string, { fleet, requestId }: SessionRequest): GameServerView {
  return {
    id,
    fleet,
    version: '1',
    state: 'Allocated',
    sinceMs: 0,
    startedAtMs: 0,
    pid: 1,
    ports: [{ name: 'game', protocol: 'udp', host: '127.0.0.1', port: 7000 }],
    labels: {},
    annotations: {},
    counters: {},
    lists: {},
    players: { count: 0, capacity: 0 },
    allocations: [requestId],
    why: '',
  };
}
