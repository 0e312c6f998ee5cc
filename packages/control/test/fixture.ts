/** A small world in memory behind the API, that a test changes as it likes. */
import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { Store } from '@horizon-atlas/ports';
import { encodeScene } from '@horizon-atlas/protocol';
import { manualClock } from '@horizon-atlas/runtime';
import type {
  ActionResult,
  AuditEntry,
  AuditNote,
  Control,
  ControlDeps,
  ControlPolicy,
  Edge,
  EdgeWay,
  Event,
  Gateway,
  Handoff,
  LogLine,
  Outcome,
  Player,
  Region,
  Server,
  Sources,
  Status,
} from '../src/index.ts';
import { makeControl } from '../src/index.ts';

export const emptyStatus: Status = {
  version: '0.1.0',
  uptimeS: 1.5,
  regions: [],
  servers: [],
  gateways: [],
  players: { online: 0 },
  handoffs: { total: 0, failed: 0, rolledBack: 0, lost: 0, gapMs: { p50: null, p99: null, max: null } },
  warnings: [],
};

const bounds = { minX: 0, maxX: 1000, minY: 0, maxY: 1000, minZ: -1e6, maxZ: 1e6 };

export const region = (id: string): Region => ({
  id,
  name: `Region ${id}`,
  state: 'active',
  bounds,
  server: `srv-${id}`,
  epoch: 3,
  players: 1,
  entities: 2,
  shadows: 0,
  tickHz: 30,
  workMs: { p50: 1, p90: 2, max: 3 },
  load: 0.06,
});

export const edge: Edge = {
  id: 'edge_0_1',
  pid: 4712,
  ports: [{ name: 'arena/game', port: 27960, code: '', message: '' }],
  sessions: 2,
  held: 1,
  unproven: 0,
  datagramsIn: 10,
  datagramsOut: 20,
  bytesIn: 100,
  bytesOut: 200,
  dropped: { NO_TOKEN: 3 },
  cpuS: 0.5,
  memoryBytes: 1000,
};

export const edgeWay = (id: string, server: string): EdgeWay => ({
  id,
  edge: 'edge_0_1',
  port: 'arena/game',
  protocol: 'udp',
  server,
  player: 'ann',
  peer: '198.51.100.7:5000',
  seenAs: '127.70.1.2:40000',
  state: 'open',
  sinceMs: 1,
  movable: true,
});

export const server = (id: string): Server => ({
  id,
  region: 'alpha',
  state: 'ready',
  pid: 4711,
  restarts: 0,
  startedAtMs: 1,
  players: 1,
  entities: 2,
  shadows: 0,
  tickHz: 30,
  workMs: null,
  cpuS: 1.5,
  cpu: 0.1,
  memoryBytes: 1e8,
  code: '',
  message: '',
});

export const gateway = (id: string): Gateway => ({
  id,
  url: 'wss://127.0.0.1:7777',
  plainUrl: '',
  state: 'ready',
  pid: 4712,
  restarts: 0,
  startedAtMs: 1,
  connections: 1,
  sessions: 1,
  messagesIn: 10,
  messagesOut: 20,
  messagesInPerS: 1,
  messagesOutPerS: 2,
  bytesIn: 100,
  bytesOut: 200,
  fenced: 0,
  refused: [{ code: 'TOKEN_INVALID', count: 2 }],
  cpuS: 1,
  cpu: 0.1,
  memoryBytes: 1e7,
  code: '',
  message: '',
});

export const player = (id: string, changes: Partial<Player> = {}): Player => ({
  id,
  name: `Name of ${id}`,
  session: `session-${id}`,
  entity: 7,
  state: 'online',
  gateway: 'gw-0',
  region: 'alpha',
  server: 'srv-alpha',
  epoch: 3,
  position: { x: 1, y: 2, z: 0 },
  address: '127.0.0.1',
  format: 'atlas',
  pingMs: 4,
  handoffs: 0,
  lastGapMs: null,
  joinedAtMs: 1,
  closeCode: 0,
  closeReason: '',
  ...changes,
});

export const handoff = (id: string, changes: Partial<Handoff> = {}): Handoff => ({
  id,
  group: 7,
  player: 'p1',
  name: 'Name of p1',
  source: 'alpha',
  target: 'beta',
  epoch: 3,
  newEpoch: null,
  phase: 'warming',
  outcome: 'under-way',
  why: '',
  warm: null,
  phases: [{ phase: 'warming', atMs: 1 }],
  frozenMs: null,
  gapMs: null,
  startedAtMs: 1,
  endedAtMs: null,
  ...changes,
});

/** Everything that `Sources` ask for, bounded where Atlas is. */
export class SmallWorld {
  regions = [region('alpha'), region('beta')];
  servers = [server('srv-alpha'), server('srv-beta')];
  gateways = [gateway('gw-0')];
  edgeWays = [edgeWay('11', 'arena_1'), { ...edgeWay('12', 'arena_2'), movable: false }];
  players = [player('p1'), player('p2', { region: 'beta' })];
  handoffs: Handoff[] = [];
  events: Event[] = [];
  eventsKept = 1000;
  audit: AuditEntry[] = [];
  refusals: string[] = [];
  acts: string[] = [];
  logLines: LogLine[] = [];
  sceneListeners = new Set<(scene: Uint8Array) => void>();
  logListeners = new Set<{ onLine: (line: LogLine) => void; ended: () => void }>();
  readonly #eventListeners = new Set<(event: Event) => void>();
  #lastId = 0;

  happen(type: string, changes: Partial<Event> = {}): Event {
    const about = { tone: 'plain' as const, text: `It was ${type}`, region: '', server: '', player: '', fields: {} };
    const event: Event = { id: ++this.#lastId, atMs: 1, type, ...about, ...changes };
    this.events.push(event);
    if (this.events.length > this.eventsKept) this.events.shift();
    for (const fn of this.#eventListeners) fn(event);
    return event;
  }

  get watchersOfEvents(): number {
    return this.#eventListeners.size;
  }

  scene(full: boolean, x = 1): Uint8Array {
    const n = this.players.length;
    return encodeScene({
      atMs: 1000,
      full,
      entity: Float64Array.from({ length: n }, (_, i) => i + 1),
      x: new Float32Array(n).fill(x),
      y: new Float32Array(n),
      region: new Uint16Array(n),
      kind: new Uint8Array(n),
      gone: new Float64Array(0),
    });
  }

  showScene(scene: Uint8Array): void {
    for (const fn of this.sceneListeners) fn(scene);
  }

  sources(): Required<Omit<Sources, 'play' | 'matchmaking' | 'fleets' | 'versions' | 'games'>> {
    const act = async (
      action: ActionResult['action'],
      subject: string,
      dryRun: boolean,
    ): Promise<Outcome<{ result: ActionResult }>> => {
      this.acts.push(`${action} ${subject}${dryRun ? ' dry' : ''}`);
      const known = [...this.servers, ...this.gateways, ...this.players].some(({ id }) => id === subject);
      if (!known) return { ok: false, code: 'NOT_FOUND', message: `there is no ${subject}` };
      return { ok: true, result: { action, subject, done: !dryRun, effects: ['1 player waits'], playersAffected: 1 } };
    };
    const { sceneListeners } = this;
    const world = this;
    return {
      world: {
        regions: () => this.regions,
        servers: () => this.servers,
        gateways: () => this.gateways,
        players: () => this.players,
        handoffs: () => this.handoffs,
        history: () => ({ stepMs: 10_000, atMs: [1, 2], series: { players: [null, 2] } }),
      },
      consoles: {
        find: (server) =>
          server === 'tanks' ? { ok: true, console: tanks } : { ok: false, code: 'PROCESS_UNKNOWN', message: `no ${server}` },
        type: (server, line) => {
          if (server !== 'tanks') return { ok: false, code: 'PROCESS_UNKNOWN', message: `no ${server}` };
          this.acts.push(`type ${line}`);
          return { ok: true, shown: line.replace('hunter2', '•••') };
        },
        backup: async (server) =>
          server === 'tanks'
            ? { ok: true, folder: '/backups/1' }
            : { ok: false, code: 'PROCESS_UNKNOWN', message: `no ${server}` },
      },
      edges: {
        edges: () => [edge],
        sessions: () => this.edgeWays,
        end: (session) => {
          const before = this.edgeWays.length;
          this.edgeWays = this.edgeWays.filter(({ id }) => id !== session);
          return this.edgeWays.length < before
            ? { ok: true }
            : { ok: false, code: 'NOT_FOUND', message: `there is no ${session}` };
        },
        move: async (session, { server = 'arena_3', fleet = 'arena' }) => {
          const way = this.edgeWays.find(({ id }) => id === session);
          if (!way) return { ok: false, code: 'NOT_FOUND', message: `there is no ${session}` };
          if (!way.movable) return { ok: false, code: 'MOVE_IMPOSSIBLE', message: 'it is plain TCP' };
          if (fleet !== 'arena') return { ok: false, code: 'FLEET_UNKNOWN', message: `there is no fleet ${fleet}` };
          this.edgeWays = this.edgeWays.map((each) => (each === way ? { ...way, server } : each));
          return { ok: true, server };
        },
        waysTo: (id, player) =>
          id === 'arena_1'
            ? {
                ok: true,
                ways: [{ name: 'game', protocol: 'udp', host: '127.0.0.1', port: 27960, tls: false, token: `for-${player}` }],
              }
            : { ok: false, code: 'NOT_FOUND', message: `there is no ${id}` },
      },
      events: {
        since(afterId) {
          const events = world.events.filter(({ id }) => id > afterId);
          return { events, tooOld: afterId < world.#lastId - world.events.length };
        },
        get lastId() {
          return world.#lastId;
        },
        onEvent: (fn) => {
          this.#eventListeners.add(fn);
          return () => void this.#eventListeners.delete(fn);
        },
      },
      scenes: {
        now: () => this.scene(true),
        onScene(fn) {
          sceneListeners.add(fn);
          return () => void sceneListeners.delete(fn);
        },
        recorded: (_fromMs, _toMs, max) => [this.scene(true, 1), this.scene(true, 2), this.scene(true, 3)].slice(0, max),
        sinceMs: 0,
      },
      logs: {
        tail: async (process, lines) =>
          this.servers.some(({ id }) => id === process)
            ? { ok: true, lines: this.logLines.slice(-lines) }
            : { ok: false, code: 'NOT_FOUND', message: `there is no ${process}` },
        follow: (_process, onLine, ended) => {
          const listener = { onLine, ended };
          this.logListeners.add(listener);
          return () => void this.logListeners.delete(listener);
        },
      },
      actions: {
        kill: (process, dryRun) => act('kill', process, dryRun),
        drain: (process, dryRun) => act('drain', process, dryRun),
        restart: (process, dryRun) => act('restart', process, dryRun),
        move: (id, _to, dryRun) => act('move', id, dryRun),
        kick: (id, _message, dryRun) => act('kick', id, dryRun),
      },
      audit: {
        append: (note: AuditNote) => void this.audit.push({ ...note, seq: this.audit.length + 1, atMs: 1, hash: '00' }),
        refuse: (kind, code, address) => void this.refusals.push(`${kind} ${code} ${address}`),
        page: async ({ after, limit, latest, from }) => {
          const all = this.audit.filter(({ seq }) => seq > after);
          if (latest) all.reverse();
          const start = from === undefined ? 0 : all.findIndex(({ seq }) => seq === from);
          return { entries: all.slice(start, start + limit), next: all[start + limit]?.seq ?? null, total: all.length };
        },
      },
    };
  }
}

export interface FixtureOptions {
  readonly policy?: Partial<ControlPolicy>;
  readonly deps?: Partial<ControlDeps>;
  /** Beside those of the small world. */
  readonly sources?: Partial<Sources>;
  readonly store?: Store;
}

export interface Fixture {
  readonly control: Control;
  readonly world: SmallWorld;
  readonly clock: ReturnType<typeof manualClock>;
  readonly store: Store;
  readonly faults: unknown[];
}

export function fixture({ policy = {}, deps = {}, sources = {}, store }: FixtureOptions = {}): Fixture {
  const world = new SmallWorld();
  const clock = manualClock();
  const faults: unknown[] = [];
  const kept = store ?? memoryStore();
  const control = makeControl(
    {
      status: () => emptyStatus,
      metrics: { snapshot: () => [{ kind: 'gauge', name: 'atlas_players_online', labels: {}, value: 3 }] },
      missing: () => [],
      onFault: (fault) => faults.push(fault),
      clock,
      store: kept,
      sources: { ...world.sources(), ...sources },
      ...deps,
    },
    { host: '127.0.0.1', port: 0, world: { name: 'Sol', bounds, regions: 2 }, ...policy },
  );
  return { control, world, clock, store: kept, faults };
}

const tanks = {
  server: 'tanks_1',
  fleet: 'tanks',
  game: 'BZFlag',
  state: 'Ready',
  players: 2,
  capacity: 16,
  address: '127.0.0.1:5154',
  accepts: true,
};
