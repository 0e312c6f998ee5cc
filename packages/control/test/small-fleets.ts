/** A fleet with one server behind the API, given to whoever asks once; a test says what is refused instead. */
import type {
  Allocation,
  AllocationAnswered,
  AllocationAsk,
  Fleet,
  FleetSource,
  Game,
  GameServer,
  GameSource,
  Outcome,
  Rollout,
  Scaling,
  VersionSource,
} from '../src/index.ts';

export const fleet: Fleet = {
  name: 'arena',
  version: 'v1',
  replicas: 1,
  held: null,
  warm: 1,
  min: 0,
  max: 4,
  states: { Ready: 1 },
  inUse: 0,
  waiting: 0,
  startMs: { p50: 90, p99: 100, max: 101, count: 3 },
  labels: { map: 'dust' },
  sites: ['home'],
  policy: 'Buffer',
  mode: null,
  trouble: { code: 'PORT_IN_USE', message: 'port 7000 is used', againAtMs: 5 },
};

export const gameServer: GameServer = {
  id: 'arena_1',
  fleet: 'arena',
  version: 'v1',
  state: 'Ready',
  sinceMs: 2,
  startedAtMs: 1,
  pid: 4713,
  ports: [{ name: 'game', protocol: 'tcp+udp', host: '127.0.0.1', port: 7000 }],
  labels: { 'agones.dev/fleet': 'arena' },
  annotations: { note: 'one' },
  counters: { sessions: { count: 1, capacity: 4 } },
  lists: { players: { values: ['ann'], capacity: 2 } },
  players: { count: 1, capacity: 16, names: ['ann'] },
  cpuS: 1.5,
  cpu: 0.02,
  memoryBytes: 40e6,
  limits: [{ resource: 'cpus', max: 2, by: 'kernel', why: '' }],
  allocations: ['al-1'],
  why: '',
};

export const allocation: Allocation = {
  requestId: 'al-1',
  server: 'arena_1',
  fleet: 'arena',
  state: 'ended',
  grantedAtMs: 1,
  leaseUntilMs: null,
  players: ['ann'],
  end: 'ended',
  endedAtMs: 2,
  result: { winner: 'red' },
};

export const rollout: Rollout = {
  fleet: 'arena',
  version: 'v2',
  previous: 'v1',
  phase: 'canary',
  paused: false,
  sinceMs: 1,
  trialUntilMs: 2,
  next: { ready: 1, coming: 0, inUse: 0 },
  former: { ready: 3, coming: 0, inUse: 1 },
  started: 1,
  failed: 0,
  why: '',
  refused: '',
  revisions: [{ version: 'v2', atMs: 1 }],
};

const decision = {
  atMs: 1,
  from: 1,
  to: 2,
  wished: 2,
  why: 'two were taken',
  downAtMs: 0,
  seen: { ready: 1, coming: 0, inUse: 2, waiting: 0, takenPerS: 0.5, startMs: 100 },
};

export const scaling: Scaling = {
  fleet: 'arena',
  policy: { type: 'Buffer', bufferSize: 2 },
  downAfterMs: 60_000,
  downKeep: 0.2,
  now: decision,
  decisions: [decision],
  webhooks: [{ url: 'http://127.0.0.1:1/scale', replicas: null, answeredAtMs: 0, trouble: 'it does not answer' }],
};

export class SmallFleets implements FleetSource {
  readonly asked: AllocationAsk[] = [];
  /** What the next requests are refused with. */
  refusal: Extract<AllocationAnswered, { ok: false }> | undefined;

  fleets(): readonly Fleet[] {
    return [fleet];
  }

  fleet(name: string): Fleet | undefined {
    return name === fleet.name ? fleet : undefined;
  }

  scale(name: string): boolean {
    return name === fleet.name;
  }

  async deployMode(): Promise<Outcome<never>> {
    return { ok: false, code: 'FLEET_UNKNOWN', message: 'there is no such fleet' };
  }

  servers(name?: string): readonly GameServer[] {
    return name === undefined || name === fleet.name ? [gameServer] : [];
  }

  server(id: string): GameServer | undefined {
    return id === gameServer.id ? gameServer : undefined;
  }

  onServer(_fn: (server: GameServer, gone: boolean) => void): () => void {
    return () => {};
  }

  order(id: string): 'PROCESS_UNKNOWN' | undefined {
    return id === gameServer.id ? undefined : 'PROCESS_UNKNOWN';
  }

  newRequestId(): string {
    return `al-${this.asked.length + 1}`;
  }

  async allocate(ask: AllocationAsk): Promise<AllocationAnswered> {
    this.asked.push(ask);
    if (this.refusal) return this.refusal;
    const { id: server, ports, labels, annotations, counters, lists } = gameServer;
    const { requestId } = ask;
    return {
      ok: true,
      given: { requestId, server, ports, address: '127.0.0.1', node: 'home', labels, annotations, counters, lists },
    };
  }

  cancel(): boolean {
    return false;
  }

  allocations(): readonly Allocation[] {
    return [allocation];
  }

  allocation(requestId: string): Allocation | undefined {
    return requestId === allocation.requestId ? allocation : undefined;
  }

  activate(): boolean {
    return false;
  }

  joinKeys() {
    return [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', kid: 'jk-1', x: 'eA' }] as const;
  }

  release(): boolean {
    return false;
  }
}

export const game: Game = {
  id: 'bzflag',
  name: 'BZFlag',
  about: '',
  shipped: true,
  file: '',
  fleets: ['arena'],
  install: {},
  command: ['bzfs', '-p', '{{port.game}}'],
  user: '',
  ports: [{ name: 'game', protocol: 'tcp+udp', role: 'game', port: 5154, offset: null }],
  ready: { of: 'all', conditions: [{ kind: 'bound', what: 'game' }], withinMs: 20_000 },
  query: null,
  players: { countedBy: ['log'], capacity: 'maxPlayers' },
  health: { failures: 3, silenceMs: null, log: '', graceMs: 2000 },
  console: false,
  stop: [{ kind: 'signal', what: 'SIGINT', waitMs: 5000 }],
  sleep: null,
  realIp: 'none',
  switch: 'none',
  saves: null,
  limits: { cpus: 1.5, memoryMb: null, processes: null, logMb: 8 },
  variables: [
    { name: 'teams', type: 'boolean', description: '', default: false, enum: [], minimum: null, maximum: null, secret: false },
  ],
  files: [],
};

export const smallGames: GameSource = { games: async () => [game] };

export const smallVersions: VersionSource = {
  rollout: (name) => (name === fleet.name ? rollout : undefined),
  change: () => ({ ok: true, rollout }),
  rollback: () => ({ ok: true, rollout }),
  hold: () => ({ ok: true, rollout }),
  scaling: (name) => (name === fleet.name ? scaling : undefined),
};
