/** The shapes of the API's answers. Generated from packages/control by `npm run docs`; don't edit. */

export interface ActionResult {
  readonly action: 'kill' | 'drain' | 'restart' | 'move' | 'kick';
  readonly subject: string;
  readonly done: boolean;
  readonly effects: readonly string[];
  readonly playersAffected: number;
}

export interface AllocatedServer {
  readonly gameServerName: string;
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
  }[];
  readonly address: string;
  readonly addresses: readonly {
    readonly type: string;
    readonly address: string;
  }[];
  readonly nodeName: string;
  /** `local` */
  readonly source: string;
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Whole numbers as text. */
  readonly counters: {
    readonly [name: string]: {
      readonly count: string;
      readonly capacity: string;
    };
  };
  readonly lists: {
    readonly [name: string]: {
      readonly values: readonly string[];
      readonly capacity: string;
    };
  };
  readonly requestId: string;
}

export interface Allocation {
  readonly requestId: string;
  readonly server: string;
  readonly fleet: string;
  readonly state: 'granted' | 'active' | 'ended';
  readonly grantedAtMs: number;
  readonly leaseUntilMs: number | null;
  readonly players: readonly string[];
  readonly end: 'ended' | 'released' | 'expired' | 'died' | null;
  readonly endedAtMs: number | null;
  readonly result: unknown;
}

export interface AllocationRefusal {
  /** gRPC’s: 8 where nothing is ready. */
  readonly code: number;
  readonly message: string;
  readonly details: readonly unknown[];
  /** Of docs/reference/errors.md. */
  readonly reason: string;
  /** When one may be ready, if that is known. */
  readonly etaMs: number | null;
}

export interface AllocationRequest {
  /** The first that something matches; without any, whatever is ready. */
  readonly gameServerSelectors?: readonly {
    /** `agones.dev/fleet` is the fleet’s name. */
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly {
      readonly key: string;
      readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
      readonly values?: readonly string[];
    }[];
    /** READY unless said. */
    readonly gameServerState?: 'READY' | 'ALLOCATED';
    readonly counters?: {
      readonly [name: string]: {
        /** A number, or its digits as text. */
        readonly minCount?: number | string;
        /** A number, or its digits as text. */
        readonly maxCount?: number | string;
        /** A number, or its digits as text. */
        readonly minAvailable?: number | string;
        /** A number, or its digits as text. */
        readonly maxAvailable?: number | string;
      };
    };
    readonly lists?: {
      readonly [name: string]: {
        readonly containsValue?: string;
        /** A number, or its digits as text. */
        readonly minAvailable?: number | string;
        /** A number, or its digits as text. */
        readonly maxAvailable?: number | string;
      };
    };
  }[];
  readonly priorities?: readonly {
    readonly type: 'Counter' | 'List';
    readonly key: string;
    /** By what is available. */
    readonly order?: 'Ascending' | 'Descending';
  }[];
  /** Packed unless said. */
  readonly scheduling?: 'Packed' | 'Distributed';
  /** Laid on the game server. */
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly counters?: {
    readonly [name: string]: {
      readonly action?: 'Increment' | 'Decrement';
      /** Goes with `action`. */
      readonly amount?: number | string;
      /** A number, or its digits as text. */
      readonly capacity?: number | string;
    };
  };
  readonly lists?: {
    readonly [name: string]: {
      readonly addValues?: readonly string[];
      readonly deleteValues?: readonly string[];
      /** A number, or its digits as text. */
      readonly capacity?: number | string;
    };
  };
  /** Atlas’ own: the same id is the same request, however often it is sent. */
  readonly requestId?: string;
  /** Atlas’ own: how long it may wait for a server. */
  readonly waitMs?: number;
  /** Atlas’ own: by when the first player must have come; 0: whenever. */
  readonly leaseSeconds?: number;
  /** Atlas’ own: who waits with a higher one is served first. */
  readonly priority?: number;
  /** Atlas’ own: who is to play. */
  readonly players?: readonly string[];
  /** Atlas’ own: JSON for the game server. */
  readonly session?: unknown;
}

export interface AuditEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  readonly actor: string;
  readonly address: string;
  readonly subject: string;
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

export interface Bounds {
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
  readonly minZ: number;
  readonly maxZ: number;
}

export interface Edge {
  readonly id: string;
  readonly pid: number;
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly code: string;
    readonly message: string;
  }[];
  readonly sessions: number;
  readonly held: number;
  readonly unproven: number;
  readonly datagramsIn: number;
  readonly datagramsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly cpuS: number | null;
  readonly memoryBytes: number | null;
}

export interface EdgeWay {
  readonly id: string;
  readonly edge: string;
  readonly port: string;
  readonly protocol: 'udp' | 'tcp' | 'ws';
  readonly server: string;
  readonly player: string;
  readonly peer: string;
  readonly seenAs: string;
  readonly state: 'held' | 'open' | 'unproven';
  readonly sinceMs: number;
  readonly movable: boolean;
}

export interface Event {
  readonly id: number;
  readonly atMs: number;
  readonly type: string;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly text: string;
  readonly region: string;
  readonly server: string;
  readonly player: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Fleet {
  readonly name: string;
  readonly version: string;
  readonly replicas: number;
  readonly held: number | null;
  readonly warm: number | null;
  readonly min: number;
  readonly max: number;
  readonly states: Readonly<Record<string, number>>;
  readonly inUse: number;
  readonly waiting: number;
  readonly startMs: {
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
    readonly count: number;
  } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly sites: readonly string[];
  readonly policy: string | null;
  readonly mode: {
    readonly expectedPlayers: number;
    readonly min: number;
    readonly max: number;
    readonly up: number;
    readonly down: number;
    readonly sites: readonly string[];
  } | null;
  readonly trouble: {
    readonly code: string;
    readonly message: string;
    readonly againAtMs: number;
  } | null;
}

export interface FleetChange {
  /** A new one, or a known one to go to. */
  readonly version: string;
  /** The program and its arguments; as before if absent. */
  readonly command?: readonly string[];
  /** Laid over the environment as before. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Game {
  /** What a fleet calls it. */
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** It comes with Atlas. */
  readonly shipped: boolean;
  /** Of one’s own: relative to the configuration. */
  readonly file: string;
  /** That run it. */
  readonly fleets: readonly string[];
  /** How its program is installed, by system. */
  readonly install: Readonly<Record<string, string>>;
  /** Program and arguments with placeholders; those that stand there at times only are in brackets. */
  readonly command: readonly string[];
  /** As whom it runs; empty: Atlas’s own user. */
  readonly user: string;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: 'udp' | 'tcp' | 'tcp+udp' | 'ws';
    readonly role: 'game' | 'query' | 'admin' | 'voice';
    /** What the game’s own clients assume; null: any. */
    readonly port: number | null;
    /** Always that far from another port. */
    readonly offset: {
      readonly of: string;
      readonly add: number;
    } | null;
  }[];
  readonly ready: {
    /** With `any`, its game ports are to be bound besides, where that can be looked at. */
    readonly of: 'any' | 'all';
    readonly conditions: readonly {
      readonly kind: 'log' | 'bound' | 'query';
      readonly what: string;
    }[];
    /** A server that is not ready by then is ended. */
    readonly withinMs: number;
  };
  readonly query: {
    readonly type: string;
    readonly port: string;
    /** Milliseconds. */
    readonly everyMs: number;
    /** Milliseconds. */
    readonly timeoutMs: number;
  } | null;
  readonly players: {
    /** Empty: by the edge alone, or nobody. */
    readonly countedBy: readonly ('log' | 'query')[];
    /** A number, or the variable that says it. */
    readonly capacity: number | string | null;
  };
  readonly health: {
    /** So many unanswered queries in a row are a hang; 0: queries tell nothing of its health. */
    readonly failures: number;
    readonly silenceMs: number | null;
    /** A line by which it says that it is lost; empty: none. */
    readonly log: string;
    /** Milliseconds. */
    readonly graceMs: number;
  };
  /** It reads what is typed. */
  readonly console: boolean;
  /** In this order; then it is killed. */
  readonly stop: readonly {
    readonly kind: 'write' | 'signal';
    readonly what: string;
    /** Milliseconds. */
    readonly waitMs: number;
  }[];
  /** null: it never does. */
  readonly sleep: {
    readonly how: 'stop' | 'freeze' | 'never';
    /** Milliseconds. */
    readonly afterMs: number;
  } | null;
  /** How it learns where players are. */
  readonly realIp: 'loopback' | 'proxy-v2' | 'velocity' | 'bungee' | 'none';
  /** How players are moved to another server. */
  readonly switch: 'in-place' | 'reconnect' | 'none';
  readonly saves: {
    readonly paths: readonly string[];
    readonly write: string;
    readonly keep: number;
  } | null;
  readonly limits: {
    readonly cpus: number | null;
    readonly memoryMb: number | null;
    readonly processes: number | null;
    readonly logMb: number;
  };
  readonly variables: readonly {
    readonly name: string;
    readonly type: 'string' | 'integer' | 'number' | 'boolean';
    readonly description: string;
    /** null: none, or a secret’s. */
    readonly default: string | number | boolean | null;
    readonly enum: readonly (string | number)[];
    readonly minimum: number | null;
    readonly maximum: number | null;
    readonly secret: boolean;
  }[];
  readonly files: readonly {
    readonly path: string;
    readonly when: 'always' | 'missing';
  }[];
}

export interface GameBackup {
  /** Where what is worth keeping was copied to. */
  readonly folder: string;
}

export interface GameConsole {
  /** The game server’s id. */
  readonly server: string;
  readonly fleet: string;
  /** What its game definition calls it; empty where it has none. */
  readonly game: string;
  readonly state: string;
  /** null: nobody counts them. */
  readonly players: number | null;
  readonly capacity: number | null;
  /** Where its game port is, for players on this machine: `127.0.0.1:5154`; empty while it has none. */
  readonly address: string;
  /** It reads what is typed. */
  readonly accepts: boolean;
}

export interface GameServer {
  readonly id: string;
  readonly fleet: string;
  readonly version: string;
  readonly state:
    | 'Scheduled'
    | 'Starting'
    | 'Warming'
    | 'Ready'
    | 'Reserved'
    | 'Allocated'
    | 'Activating'
    | 'Active'
    | 'Draining'
    | 'Maintaining'
    | 'Sleeping'
    | 'Unhealthy'
    | 'Error'
    | 'Shutdown';
  readonly sinceMs: number;
  readonly startedAtMs: number;
  readonly pid: number;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: 'udp' | 'tcp' | 'tcp+udp' | 'ws';
    readonly host: string;
    readonly port: number;
  }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly counters: {
    readonly [name: string]: {
      readonly count: number;
      readonly capacity: number;
    };
  };
  readonly lists: {
    readonly [name: string]: {
      readonly values: readonly string[];
      readonly capacity: number;
    };
  };
  readonly players: {
    readonly count: number;
    readonly capacity: number;
    readonly names?: readonly string[];
  } | null;
  readonly cpuS: number | null;
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly limits: readonly {
    readonly resource: 'cpus' | 'memoryBytes' | 'processes';
    readonly max: number;
    readonly by: 'kernel' | 'nobody';
    readonly why: string;
  }[];
  readonly allocations: readonly string[];
  readonly why: string;
}

export interface Gateway {
  readonly id: string;
  readonly url: string;
  readonly plainUrl: string;
  readonly state: 'starting' | 'ready' | 'unhealthy' | 'backoff' | 'stopping' | 'stopped' | 'error';
  readonly pid: number;
  readonly restarts: number;
  readonly startedAtMs: number;
  readonly connections: number;
  readonly sessions: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly messagesInPerS: number | null;
  readonly messagesOutPerS: number | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly fenced: number;
  readonly refused: readonly {
    readonly code: string;
    readonly count: number;
  }[];
  readonly cpuS: number | null;
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly code: string;
  readonly message: string;
}

export interface Handoff {
  readonly id: string;
  readonly group: number;
  readonly player: string;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly epoch: number;
  readonly newEpoch: number | null;
  readonly phase: string;
  readonly outcome: 'under-way' | 'done' | 'rolled-back' | 'failed';
  readonly why: string;
  readonly warm: boolean | null;
  readonly phases: readonly {
    readonly phase: string;
    readonly atMs: number;
  }[];
  readonly frozenMs: number | null;
  readonly gapMs: number | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

export interface History {
  readonly stepMs: number;
  readonly atMs: readonly number[];
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface Key {
  /** 1 to 64 letters, digits, - and _ */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly lastUsedAtMs: number | null;
}

export interface Lobby {
  readonly name: string;
  readonly fleet: string;
  readonly capacity: number;
  readonly queues: readonly string[];
  readonly servers: readonly {
    readonly id: string;
    readonly state: string;
    readonly players: number;
  }[];
  readonly players: number;
}

export interface LogLine {
  readonly atMs: number | null;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface Match {
  readonly id: string;
  readonly queue: string;
  readonly stage: 'accepting' | 'placing' | 'active' | 'ended';
  readonly outcome: '' | 'finished' | 'over' | 'lost';
  readonly place: string;
  readonly level: number;
  readonly server: string;
  readonly fleet: string;
  readonly players: number;
  readonly teams: readonly {
    readonly name: string;
    readonly players: readonly {
      readonly id: string;
      readonly ticket: string;
      readonly party: string;
      readonly left: boolean;
    }[];
  }[];
  readonly backfill: boolean;
  readonly createdAtMs: number;
  readonly placedAtMs: number;
  readonly endedAtMs: number;
  readonly result: {
    readonly teams: readonly {
      readonly name: string;
      readonly rank: number;
      readonly score?: number;
    }[];
    readonly data?: unknown;
  } | null;
  readonly ratings: readonly {
    readonly player: string;
    readonly before: number;
    readonly after: number;
  }[];
  readonly timeline: readonly {
    readonly what: string;
    readonly atMs: number;
    readonly text: string;
  }[];
}

export interface ModeDeployment {
  readonly mode: string;
  readonly fleet: Fleet;
  readonly endpoints: {
    readonly allocate: string;
    readonly fleet: string;
    readonly servers: readonly {
      readonly server: string;
      readonly port: string;
      readonly address: string;
    }[];
  };
  readonly dashboardUrl: string;
  readonly estimatedCost: {
    readonly currency: string;
    readonly perHourMin: number | null;
    readonly perHourMax: number | null;
    readonly madeOf: string;
    readonly measured: {
      readonly servers: number;
      readonly coresEach: number;
      readonly gibEach: number;
    } | null;
  };
}

export interface NewKey {
  /** 1 to 64 letters, digits, - and _ */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly lastUsedAtMs: number | null;
  readonly secret: string;
}

export interface Party {
  readonly id: string;
  readonly leader: string;
  readonly members: readonly {
    readonly player: string;
    readonly ready: boolean;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly latencyMs: Readonly<Record<string, number>>;
  }[];
  readonly invited: readonly string[];
  readonly open: boolean;
  readonly ticket: string;
  readonly queue: string;
  readonly match: string;
  readonly createdMs: number;
}

export interface PlayTicket {
  readonly url: string;
  readonly token: string;
  readonly validS: number;
  readonly player: string;
  readonly name: string;
  readonly schemaUrl?: string;
}

export interface Player {
  readonly id: string;
  readonly name: string;
  readonly session: string;
  readonly entity: number;
  readonly state: 'joining' | 'online' | 'away' | 'gone';
  readonly gateway: string;
  readonly region: string;
  readonly server: string;
  readonly epoch: number;
  readonly position: Point | null;
  readonly address: string;
  readonly format: 'atlas' | 'horizon';
  readonly pingMs: number | null;
  readonly handoffs: number;
  readonly lastGapMs: number | null;
  readonly joinedAtMs: number;
  readonly closeCode: number;
  readonly closeReason: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** RFC 9457. */
export interface Problem {
  /** `urn:horizon-atlas:error:` and the code. */
  readonly type: string;
  /** What the code means. */
  readonly title: string;
  readonly status: number;
  /** What is wrong here, and what to do. */
  readonly detail: string;
  /** The path. */
  readonly instance: string;
  /** Of docs/reference/errors.md. */
  readonly code: string;
  /** Each thing that is wrong with a request. */
  readonly errors?: readonly {
    readonly in: 'path' | 'query' | 'body' | 'header';
    readonly field: string;
    readonly expected: string;
    readonly found: string;
  }[];
}

export interface PublicWay {
  readonly name: string;
  readonly protocol: 'udp' | 'tcp' | 'tcp+udp' | 'ws';
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly token?: string;
}

export interface Queue {
  readonly name: string;
  readonly fleet: string;
  readonly tickets: number;
  readonly players: number;
  readonly expanding: number;
  readonly oldestMs: number | null;
  readonly estimatedWaitMs: number | null;
  readonly matches: {
    readonly accepting: number;
    readonly placing: number;
    readonly active: number;
    readonly open: number;
  };
  readonly matchesFormed: number;
  readonly ticketsMatched: number;
  readonly why: string;
}

export interface Rating {
  readonly pool: string;
  readonly player: string;
  readonly rating: number;
  readonly uncertainty: number;
  readonly mu: number;
  readonly sigma: number;
  readonly games: number;
  readonly wins: number;
  readonly updatedAtMs: number;
}

export interface Region {
  readonly id: string;
  readonly name: string;
  readonly state: 'asleep' | 'starting' | 'active';
  readonly bounds: Bounds;
  readonly server: string;
  readonly epoch: number;
  readonly players: number;
  readonly entities: number;
  readonly shadows: number;
  readonly tickHz: number | null;
  readonly workMs: {
    readonly p50: number;
    readonly p90: number;
    readonly max: number;
  } | null;
  readonly load: number | null;
}

export interface Rollout {
  readonly fleet: string;
  /** What new servers run. */
  readonly version: string;
  /** What a rollback goes back to; empty: nothing is known. */
  readonly previous: string;
  /** `canary`: a few of the new version on trial; `rolling`: the former version’s go; `steady`: none of them is free any more. */
  readonly phase: 'steady' | 'canary' | 'rolling';
  /** By an operator: no more of the new version come, and the former version’s stay. */
  readonly paused: boolean;
  /** When it began; 0: never. */
  readonly sinceMs: number;
  /** When the trial will have lasted; 0: not yet known. */
  readonly trialUntilMs: number;
  /** Servers of the version. */
  readonly next: {
    /** Nobody has them. */
    readonly ready: number;
    /** On their way to Ready. */
    readonly coming: number;
    readonly inUse: number;
  };
  /** Servers of all others. */
  readonly former: {
    /** Nobody has them. */
    readonly ready: number;
    /** On their way to Ready. */
    readonly coming: number;
    readonly inUse: number;
  };
  /** Servers of the version, since it began. */
  readonly started: number;
  /** Of those: crashed, hung, or not ready in time. */
  readonly failed: number;
  /** Why it went back; empty otherwise. */
  readonly why: string;
  /** The version that was given up by itself; empty: none. */
  readonly refused: string;
  /** Versions whose program is known, newest first. */
  readonly revisions: readonly {
    readonly version: string;
    /** Milliseconds since 1970. */
    readonly atMs: number;
  }[];
}

export interface Scaling {
  readonly fleet: string;
  /** As it was read: amounts as number or share. */
  readonly policy: {
    readonly type: string;
  };
  readonly downAfterMs: number;
  readonly downKeep: number;
  readonly now: ScalingDecision | null;
  /** That changed the size, newest first; the last 200. */
  readonly decisions: readonly ScalingDecision[];
  readonly webhooks: readonly {
    readonly url: string;
    /** Its last good answer; null: none, or that the size may stay. */
    readonly replicas: number | null;
    /** 0: never. */
    readonly answeredAtMs: number;
    readonly trouble: string;
  }[];
}

export interface ScalingDecision {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Servers asked for before. */
  readonly from: number;
  /** Servers asked for from then on. */
  readonly to: number;
  /** What would be asked for, were there no waiting for lower ones. */
  readonly wished: number;
  /** The reason, in sentences. */
  readonly why: string;
  /** Fewer from then on if nothing changes; 0: no. */
  readonly downAtMs: number;
  readonly seen: {
    readonly ready: number;
    readonly coming: number;
    readonly inUse: number;
    /** Requests that wait for a server. */
    readonly waiting: number;
    /** Servers taken a second. */
    readonly takenPerS: number;
    /** What nearly every start took; 0: none was seen. */
    readonly startMs: number;
  };
}

export type Scope = 'read' | 'operate' | 'admin';

export interface Seat {
  readonly player: string;
  readonly team: string;
  readonly address: string;
  readonly token: string;
}

export interface Server {
  readonly id: string;
  readonly region: string;
  readonly state: 'starting' | 'ready' | 'unhealthy' | 'backoff' | 'stopping' | 'stopped' | 'error';
  readonly pid: number;
  readonly restarts: number;
  readonly startedAtMs: number;
  readonly players: number;
  readonly entities: number;
  readonly shadows: number;
  readonly tickHz: number | null;
  readonly workMs: {
    readonly p50: number;
    readonly p90: number;
    readonly max: number;
  } | null;
  readonly cpuS: number | null;
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly code: string;
  readonly message: string;
}

export interface Session {
  readonly actor: string;
  readonly scopes: readonly Scope[];
  readonly csrf: string;
  readonly login: 'none' | 'token' | 'oidc';
  readonly version: string;
  readonly name: string;
  readonly world: {
    readonly bounds: {
      readonly minX: number;
      readonly maxX: number;
      readonly minY: number;
      readonly maxY: number;
      readonly minZ: number;
      readonly maxZ: number;
    };
    readonly regions: number;
  };
  readonly play: readonly {
    readonly name: string;
    readonly path: string;
  }[];
}

export interface Status {
  readonly version: string;
  readonly uptimeS: number;
  readonly regions: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: 'asleep' | 'starting' | 'active';
    /** The owner’s id, or empty while nobody owns it. */
    readonly server: string;
    readonly epoch: number;
    readonly players: number;
  }[];
  readonly servers: readonly {
    readonly id: string;
    /** The region it was started for, or empty. */
    readonly region: string;
    readonly state: string;
    readonly pid: number;
    readonly restarts: number;
    readonly players: number;
    readonly entities: number;
    readonly tickHz: number | null;
    /** Work of a tick over the last second. */
    readonly workMs: {
      readonly p50: number;
      readonly p90: number;
      readonly max: number;
    } | null;
    /** CPU seconds since its start. */
    readonly cpuS: number | null;
    readonly memoryBytes: number | null;
    /** Why it is in this state, where that is bad news. */
    readonly code: string;
  }[];
  readonly gateways: readonly {
    readonly id: string;
    readonly url: string;
    /** `ws:` for pages of this machine, in development; empty: there is none. */
    readonly plainUrl: string;
    readonly state: string;
    readonly pid: number;
    readonly connections: number;
    readonly sessions: number;
    readonly messagesIn: number;
    readonly messagesOut: number;
    /** Frames of former owners that were dropped. */
    readonly fenced: number;
    readonly cpuS: number | null;
    readonly memoryBytes: number | null;
  }[];
  readonly players: {
    readonly online: number;
  };
  readonly handoffs: {
    readonly total: number;
    readonly failed: number;
    readonly rolledBack: number;
    /** Anything but 0 is a bug in Atlas. */
    readonly lost: number;
    readonly gapMs: {
      readonly p50: number | null;
      readonly p99: number | null;
      readonly max: number | null;
    };
  };
  /** What is wrong with the machine, and somebody has to mend, such as a disk that fills up (`DISK_LOW`, `DISK_FULL`). */
  readonly warnings: readonly {
    readonly code: string;
    readonly message: string;
  }[];
}

export interface Ticket {
  readonly id: string;
  readonly queue: string;
  readonly status:
    | 'QUEUED'
    | 'SEARCHING'
    | 'REQUIRES_ACCEPTANCE'
    | 'PLACING'
    | 'COMPLETED'
    | 'FAILED'
    | 'CANCELLED'
    | 'TIMED_OUT';
  readonly players: readonly string[];
  readonly party: string;
  readonly priority: number;
  readonly createdAtMs: number;
  readonly sinceMs: number;
  readonly estimatedWaitMs: number | null;
  readonly match: string;
  readonly code: string;
  readonly message: string;
  readonly acceptance: {
    readonly untilMs: number;
    readonly accepted: readonly string[];
  } | null;
  readonly placement: {
    readonly server: string;
    readonly fleet: string;
    readonly ports: readonly {
      readonly name: string;
      readonly protocol: 'udp' | 'tcp' | 'tcp+udp' | 'ws';
      readonly host: string;
      readonly port: number;
    }[];
    readonly seats: readonly Seat[];
  } | null;
}

export interface TicketEvent {
  readonly name:
    | 'MatchmakingSearching'
    | 'PotentialMatchCreated'
    | 'AcceptMatch'
    | 'AcceptMatchCompleted'
    | 'MatchmakingSucceeded'
    | 'MatchmakingTimedOut'
    | 'MatchmakingCancelled'
    | 'MatchmakingFailed';
  readonly atMs: number;
  readonly queue: string;
  readonly match: string;
  readonly code: string;
  readonly message: string;
  readonly tickets: readonly Ticket[];
}
