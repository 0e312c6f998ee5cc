/**
 * A whole small world on one thread from one seed: two gateways, a coordinator, three regions with a server each and a spare, four
 * players, and the misfortunes that the seed drew. The last stretch is calm: by its end everything must have come right.
 */
import { ByteBlocks, Prng, Writer } from '@horizon-atlas/base';
import type { Codec, ControlToServer, ServerToControl, Union } from '@horizon-atlas/protocol';
import { AuthorityRecord, decodeRecord, encodeRecord, keys, PlayerRecord, ServerRecord } from '@horizon-atlas/protocol';
import type { RegionsPolicy, WorldSpec } from '@horizon-atlas/regions';
import type { GameHooks, ServerPolicy } from '@horizon-atlas/sdk-server';
import { allCheckers } from './checkers/all.ts';
import type { Checker, Ending } from './checkers/checker.ts';
import type { ClientNode } from './client-node.ts';
import { CoordinatorNode, SimFleet } from './coordinator-node.ts';
import { Disk } from './disk.ts';
import { drawFaults, type Faults } from './faults.ts';
import type { Count } from './game.ts';
import { GatewayNode } from './gateway-node.ts';
import { drawHabits, type Habits } from './habits.ts';
import { Kernel } from './kernel.ts';
import { Network } from './network.ts';
import { Notes } from './notes.ts';
import { Player } from './players.ts';
import { ServerNode } from './server-node.ts';
import { Storm } from './storm.ts';
import type { Taps } from './taps.ts';

export interface WorldOptions {
  readonly seed: number;
  /** Default: drawn from the seed. */
  readonly faults?: Faults;
  readonly habits?: Habits;
  /** Virtual seconds in all, the calm stretch included. */
  readonly seconds?: number;
  readonly checkers?: Checker[];
  readonly trace?: (atMs: number, who: string, what: string, fields: Readonly<Record<string, unknown>>) => void;
  /** How mutations get in. */
  readonly taps?: Taps;
  /** In place of the counting game and its three regions. Such a world is booted and driven by whoever made it; see packages/testing. */
  readonly played?: {
    readonly game: GameHooks;
    readonly places: WorldSpec;
    readonly serverPolicy: Partial<ServerPolicy>;
    readonly regionsPolicy: Partial<RegionsPolicy>;
    /** Items and money, which the counting game knows nothing of. */
    readonly bank: (question: BankQuestion) => ControlToServer;
  };
  /** Changes the finished world before it runs. */
  readonly alter?: (world: World) => void;
}

/** Long enough for every time-out in the system to have passed once. */
const calmMs = 20_000;
const threeInARow: WorldSpec = {
  spawn: 'middle',
  regions: ['west', 'middle', 'east'].map((region, i) => ({
    region,
    name: region,
    minX: -300 + 200 * i,
    maxX: -100 + 200 * i,
    minY: -100,
    maxY: 100,
    minZ: -100,
    maxZ: 100,
  })),
};
const countingPolicy: Partial<ServerPolicy> = {
  tickHz: 6,
  viewRadius: 150,
  shadowRadius: 60,
  resumeMs: 15_000,
  heartbeatMs: 500,
};

export type BankQuestion = Extract<ServerToControl, { kind: 'transfer' | 'balances' }>;

export class World {
  readonly seed: number;
  readonly kernel = new Kernel();
  readonly prng: Prng;
  readonly faults: Faults;
  readonly habits: Habits;
  readonly network: Network;
  readonly disk: Disk;
  /** Frames that are under way are cut from them. */
  readonly frames = new ByteBlocks();
  readonly note: Notes;
  readonly coordinator: CoordinatorNode;
  readonly fleet: SimFleet;
  readonly gateways: GatewayNode[] = [];
  readonly servers = new Map<string, ServerNode>();
  readonly players: Player[] = [];
  /** Of all players, in the order of their start. */
  readonly clients: ClientNode[] = [];
  readonly storm: Storm;
  readonly taps: Taps;
  readonly places: WorldSpec;
  /** undefined: the counting game. */
  readonly game: GameHooks | undefined;
  readonly bank: ((question: BankQuestion) => ControlToServer) | undefined;
  readonly regionsPolicy: Partial<RegionsPolicy>;
  readonly serverPolicy: Partial<ServerPolicy>;
  readonly #seconds: number;
  readonly #trace: WorldOptions['trace'];
  readonly #writer = new Writer(1024);
  #ids = 0;

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.prng = new Prng(options.seed);
    this.#seconds = options.seconds ?? 60;
    this.#trace = options.trace;
    this.taps = options.taps ?? {};
    this.faults = options.faults ?? drawFaults(this.prng.fork());
    this.habits = options.habits ?? drawHabits(this.prng.fork());
    const { sleepAfterMs, warmNeighbours } = this.habits;
    const { played } = options;
    this.game = played?.game;
    this.bank = played?.bank;
    this.regionsPolicy = played?.regionsPolicy ?? { sleepAfterMs, warmNeighbours };
    this.serverPolicy = played?.serverPolicy ?? countingPolicy;
    this.network = new Network(this.kernel, this.prng.fork(), this.faults);
    this.disk = new Disk(this.kernel, this.prng.fork());
    this.disk.slowMsMax = this.faults.storeMsMax;
    this.note = new Notes(this.kernel, options.checkers ?? allCheckers());
    this.places = played?.places ?? threeInARow;
    this.coordinator = new CoordinatorNode(this);
    this.fleet = new SimFleet(this);
    this.disk.onCommit = (changes) => {
      this.note.committed(changes);
      for (const { key, value } of changes) if (key.startsWith('want/')) this.fleet.want(key, value);
    };
    for (const id of ['gw-1', 'gw-2']) this.gateways.push(new GatewayNode(this, id));
    this.storm = new Storm(this);
    options.alter?.(this);
  }

  /** Everything but the players is started. */
  boot(): void {
    this.fleet.reconcile();
    this.coordinator.start();
    for (const gateway of this.gateways) gateway.start();
  }

  /** Throws a Violation, or tells how the world ended. */
  run(): Ending {
    this.boot();
    for (let i = 0; i < this.habits.players; i++) {
      const player = new Player(this, i);
      this.players.push(player);
      this.kernel.at(this.prng.between(0, 2_000), () => player.start());
    }
    const calmFromMs = this.#seconds * 1_000 - calmMs;
    this.#liveUntil(calmFromMs);
    this.storm.begin(calmFromMs);
    this.kernel.runUntil(calmFromMs);
    // Whoever is away comes home.
    for (const player of this.players) if (player.current?.over) player.start();
    this.kernel.runUntil(this.#seconds * 1_000 - 5_000);
    for (const client of this.clients) client.quiet = true;
    this.kernel.runUntil(this.#seconds * 1_000);
    let ending = this.#ending();
    // Whoever is just crossing gets there first.
    for (let i = 0; i < 20 && [...ending.recorded.keys()].some((group) => !ending.live.has(group)); i++) {
      this.kernel.runUntil(this.kernel.nowMs + 100);
      ending = this.#ending();
    }
    this.note.ended(ending);
    if (this.kernel.failed) throw this.kernel.failed;
    return ending;
  }

  /** Players leave, and log in where they are logged in already. */
  #liveUntil(endMs: number): void {
    const { leaveS, takeoverS, awayMsMax } = this.habits;
    const { kernel, prng } = this;
    const every = (meanS: number, happen: (player: Player) => void): void => {
      if (meanS === Number.POSITIVE_INFINITY) return;
      const waitMs = -Math.log(1 - prng.unit()) * meanS * 1_000;
      if (kernel.nowMs + waitMs >= endMs) return;
      kernel.after(waitMs, () => {
        happen(prng.pick(this.players));
        every(meanS, happen);
      });
    };
    every(leaveS, (player) => player.leave(Math.min(prng.between(100, awayMsMax), endMs - kernel.nowMs)));
    every(takeoverS, (player) => player.loginAgain());
  }

  nextId(): number {
    return ++this.#ids;
  }

  trace(who: string, what: string, fields: Readonly<Record<string, unknown>>): void {
    this.#trace?.(this.kernel.nowMs, who, what, fields);
  }

  /** What the real links do to a message: its bytes are copied and read anew. */
  throughWire<T extends { kind: string }>(codec: Union<T>, message: T): T {
    if (this.#trace)
      this.#trace(this.kernel.nowMs, 'wire', message.kind, message as unknown as Readonly<Record<string, unknown>>);
    this.#writer.reset();
    codec.write(this.#writer, message);
    const r = this.#writer.reader();
    const copy = codec.read(r);
    if (r.bad || r.left > 0) throw new Error(`invariant broken: ${message.kind} does not survive its own codec`);
    return copy;
  }

  /** A control frame of a game link, for the trace. */
  traceFrame<T extends { kind: string }>(from: string, to: string, codec: Union<T>, frame: Uint8Array): void {
    if (!this.#trace) return;
    const message = codec.decode(frame, 1);
    this.trace(from, `${message?.kind}>${to}`, (message ?? {}) as unknown as Readonly<Record<string, unknown>>);
  }

  encode<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
    this.#writer.reset();
    codec.write(this.#writer, value);
    return this.#writer.copy();
  }

  /** A step of the conversation was reached: the storm may have waited for it. */
  reached(step: string, server: string): void {
    this.storm.reached(step, server);
  }

  // ---- what the fleet does ----------------------------------------------------------------------------------------

  startServer(): void {
    const server = new ServerNode(this, `sv-${this.nextId()}`);
    this.servers.set(server.id, server);
    this.kernel.after(this.prng.between(50, 400), () => {
      // Its process may have been ended before it was up.
      if (this.servers.get(server.id) !== server) return;
      server.start();
      this.tellServer(server);
    });
  }

  /** Writes the server's record, and lets the coordinator see it. */
  tellServer(server: ServerNode): void {
    const record = server.process.alive ? server.record : undefined;
    const key = keys.server(server.id);
    this.disk.plain(key, record && encodeRecord(ServerRecord, record));
    const { coordinator, kernel } = this;
    kernel.after(1, () => coordinator.process.input(() => coordinator.engine?.serverRecord(server.id, record, kernel.nowMs)));
  }

  crashServer(server: ServerNode): void {
    if (!server.process.alive) return;
    this.trace(server.id, 'killed', { region: server.region });
    server.crash();
    this.servers.delete(server.id);
    this.kernel.after(20, () => {
      this.tellServer(server);
      this.fleet.reconcile();
    });
  }

  #ending(): Ending {
    const live = new Map<number, string[]>();
    const counts = new Map<string, { epoch: number; count: Count }>();
    for (const server of this.servers.values()) {
      if (!server.process.alive || server.process.paused) continue;
      for (const region of server.engine?.regions.values() ?? []) {
        if (region.phase !== 'active') continue;
        for (const group of region.groups.values()) {
          if (!group.claimed || group.frozen) continue;
          live.set(group.id, [...(live.get(group.id) ?? []), server.id]);
          const player = group.mainSession?.player ?? '';
          if ((counts.get(player)?.epoch ?? 0) > group.epoch) continue;
          counts.set(player, { epoch: group.epoch, count: group.anchor.data as Count });
        }
      }
    }
    const recorded = new Map<number, string>();
    for (const { value } of this.disk.below('authority/')) {
      const record = decodeRecord(AuthorityRecord, value);
      if (record) recorded.set(record.group.group, record.group.player);
    }
    const away = new Set(this.disk.below('player/').flatMap(({ value }) => decodeRecord(PlayerRecord, value)?.player ?? []));
    const players = this.players.map(({ name, current, covered, sent }) => ({
      player: name,
      status: current?.engine.status ?? 'nowhere',
      viewedMs: current?.viewedMs ?? 0,
      login: current?.login ?? 0,
      sent: current?.sent ?? 0,
      uncovered: current?.engine.uncovered ?? 0,
      sentInAll: sent,
      coveredInAll: covered,
      count: counts.get(name)?.count,
    }));
    return { nowMs: this.kernel.nowMs, players, live, recorded, away };
  }
}
