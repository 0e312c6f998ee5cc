/**
 * The coordinator: who owns which region and which group of entities, and everything that changes it.
 *
 * Told everything, synchronous, with no clock of its own. It decides, has it written, and only then says so: a route or an `activate`
 * leaves after the transaction that makes it true. All of its memory can be rebuilt from the records and from what servers and
 * gateways tell in `hello`; a new coordinator first takes the term, after which its predecessor can write nothing any more.
 */
import type { StoreRecord, StoreResult, Tracer } from '@horizon-atlas/ports';
import {
  AuthorityRecord,
  decodeMovers,
  decodeRecord,
  EpochsRecord,
  encodeRecord,
  type GatewayToControl,
  keys,
  RegionRecord,
  ServerRecord,
  type ServerToControl,
  TermRecord,
} from '@horizon-atlas/protocol';
import type { Book, ServerEntry, WorldSpec } from './book.ts';
import { Checkpoints } from './checkpoints.ts';
import { Crossings } from './crossings.ts';
import { type CoordinatorOut, Desk, type Figures } from './desk.ts';
import { Endings } from './endings.ts';
import { GatewayLinks, ServerLinks } from './links.ts';
import { Lives } from './lives.ts';
import { Players } from './players.ts';
import { defaultPolicy, type RegionsPolicy, regionsLimits } from './policy.ts';
import type { Records } from './writes.ts';

export interface CoordinatorOptions {
  readonly world: WorldSpec;
  readonly policy?: Partial<RegionsPolicy>;
  /** What to add to `nowMs` to get milliseconds since 1970: for `lastSeenMs` of player records only. */
  readonly wallOffsetMs?: number;
  /** Of joins and crossings; none by default. */
  readonly tracer?: Tracer;
}

/** Prefixes that hold what a coordinator has to know. */
const PREFIXES = ['region/', 'authority/', 'server/'];

export class Coordinator {
  readonly #desk: Desk;
  readonly #checkpoints: Checkpoints;
  readonly #endings: Endings;
  readonly #servers: ServerLinks;
  readonly #gateways: GatewayLinks;
  #phase: 'new' | 'starting' | 'running' = 'new';
  /** What came before the records were read. */
  #early: (() => void)[] = [];

  constructor(options: CoordinatorOptions, out: CoordinatorOut) {
    const desk = new Desk(options.world, out, { ...defaultPolicy, ...options.policy }, options.tracer);
    this.#desk = desk;
    this.#checkpoints = new Checkpoints(desk);
    desk.crossings = new Crossings(desk);
    desk.lives = new Lives(desk, this.#checkpoints);
    desk.players = new Players(desk);
    this.#endings = new Endings(desk, options.wallOffsetMs ?? 0);
    this.#servers = new ServerLinks(desk);
    this.#gateways = new GatewayLinks(desk);
  }

  /** Whether the records are read, and messages have an effect at once. */
  get running(): boolean {
    return this.#phase === 'running' && !this.#desk.writes.deposed;
  }

  /** Another coordinator has taken over: this one is to be thrown away. */
  get deposed(): boolean {
    return this.#desk.writes.deposed;
  }

  get figures(): Figures {
    return this.#desk.figures;
  }

  /** For reading only. */
  get book(): Book {
    return this.#desk.book;
  }

  get joining(): number {
    return this.#desk.players.joining;
  }

  get crossing(): number {
    return this.#desk.crossings.count;
  }

  /** How long before a border a server should speak of an approach, ms: the measured time to wake a region and to copy a group. */
  get leadMs(): number {
    const { spawnMs } = this.#desk.figures;
    const { spawnMsDefault, preSyncMs } = this.#desk.policy;
    return (spawnMs.count > 0 ? spawnMs.percentile(0.99) : spawnMsDefault) + preSyncMs;
  }

  get dueMs(): number {
    // A deposed one does nothing any more; a due time in the past would keep its driver spinning.
    return this.deposed ? Number.POSITIVE_INFINITY : this.#desk.timers.dueMs;
  }

  start(nowMs: number): void {
    if (this.#phase !== 'new') return;
    this.#desk.nowMs = nowMs;
    this.#phase = 'starting';
    this.#takeTerm();
  }

  tick(nowMs: number): void {
    this.#at(nowMs);
    if (this.deposed) return;
    this.#desk.timers.run(nowMs);
  }

  /** The answer to `transact`. */
  stored(token: number, result: StoreResult, nowMs: number): void {
    this.#at(nowMs);
    this.#desk.writes.stored(token, result, nowMs);
  }

  /** The answer to `read` and `list`; undefined: the store could not. */
  recordRead(token: number, records: readonly StoreRecord[] | undefined, nowMs: number): void {
    this.#at(nowMs);
    this.#desk.writes.recordRead(token, records, nowMs);
  }

  /** A server's link is there and it has said `hello`. */
  serverUp(server: string, hello: ServerToControl & { kind: 'hello' }, nowMs: number): void {
    this.#when(nowMs, () => this.#servers.up(server, hello));
  }

  /** Its link has ended, however. */
  serverDown(server: string, nowMs: number): void {
    this.#when(nowMs, () => this.#servers.down(server));
  }

  /** A `server/` record has changed; undefined: deleted or unreadable. */
  serverRecord(server: string, record: ServerRecord | undefined, nowMs: number): void {
    this.#when(nowMs, () => this.#servers.record(server, record));
  }

  /**
   * An operator wants the server empty: its regions go to others after a last checkpoint, and `server.emptied` tells when that is so. It waits
   * for others to be there. Doing it again is the same act.
   */
  emptyServer(server: string, nowMs: number): void {
    this.#when(nowMs, () => {
      const entry = this.#desk.book.servers.get(server);
      if (entry?.linked) this.#desk.lives.empty(entry);
    });
  }

  gatewayUp(gateway: string, hello: GatewayToControl & { kind: 'hello' }, nowMs: number): void {
    this.#when(nowMs, () => this.#gateways.up(gateway, hello));
  }

  gatewayDown(gateway: string, nowMs: number): void {
    this.#when(nowMs, () => this.#gateways.down(gateway));
  }

  fromGateway(gateway: string, message: GatewayToControl, nowMs: number): void {
    this.#when(nowMs, () => {
      if (message.kind === 'hello') this.#gateways.up(gateway, message);
      else if (message.kind === 'join') this.#desk.players.join(gateway, message);
      else if (message.kind === 'confirmed') this.#desk.players.confirmed(message.session, message.nonce);
      else if (message.kind === 'locate') this.#desk.players.locate(gateway, message);
    });
  }

  fromServer(server: string, message: ServerToControl, nowMs: number): void {
    this.#when(nowMs, () => {
      if (message.kind === 'hello') this.#servers.up(server, message);
      else if (this.#desk.book.servers.get(server)?.linked) this.#hear(server, message);
    });
  }

  #hear(server: string, message: ServerToControl): void {
    const { crossings, lives, players } = this.#desk;
    switch (message.kind) {
      case 'heartbeat':
        this.#heartbeat(this.#desk.book.server(server), message);
        return;
      case 'regionUp':
        lives.regionUp(server, message.region, message.epoch);
        return;
      case 'regionRefused':
        lives.refused(server, message.region, message.epoch, message.code);
        return;
      case 'slept':
        lives.slept(server, message.region, message.epoch);
        return;
      case 'checkpoint':
        this.#checkpoints.heard(server, message);
        return;
      case 'admitted':
        players.admitted(server, message);
        return;
      case 'ended':
        this.#endings.heard(server, message);
        return;
      case 'approach':
      case 'crossed':
        crossings.intent(server, message);
        return;
      case 'frozen':
        crossings.frozen(server, message);
        return;
      case 'positions':
        this.#positions(server, message);
        return;
      default:
        this.#hearOfCrossing(server, message);
        return;
    }
  }

  #heartbeat(server: ServerEntry, message: ServerToControl & { kind: 'heartbeat' }): void {
    server.heartbeat = message;
    if (server.condemned) this.#servers.sendStop(server);
  }

  #hearOfCrossing(server: string, message: ServerToControl): void {
    const { crossings } = this.#desk;
    switch (message.kind) {
      case 'retreat':
        crossings.word(server, message.group, message.epoch, 'source', { kind: 'retreat' }, message.target);
        return;
      case 'synced':
        crossings.word(server, message.group, message.epoch, 'source', { kind: 'synced', version: message.version });
        return;
      case 'defer':
        crossings.word(server, message.group, message.epoch, 'source', { kind: 'defer', ms: message.ms });
        return;
      case 'thawed':
        crossings.word(server, message.group, message.epoch, 'source', { kind: 'thawed' });
        return;
      case 'released':
        crossings.word(server, message.group, message.epoch, 'source', { kind: 'released' });
        return;
      case 'reserved': {
        const input = { kind: 'reserved', ok: message.ok } as const;
        crossings.word(server, message.group, message.epoch, 'target', input, message.region);
        return;
      }
      case 'activated':
        crossings.word(server, message.group, message.epoch, 'target', { kind: 'activated' });
        crossings.resync(server, message.group, message.epoch);
        return;
      case 'needState':
        crossings.word(server, message.group, message.epoch, 'target', { kind: 'needState' });
        return;
      default:
        // Others' business: the ledger's, the fleet's.
        return;
    }
  }

  #positions(server: string, message: ServerToControl & { kind: 'positions' }): void {
    const { book } = this.#desk;
    const region = book.regions.get(message.region);
    if (!region || book.playing(region)?.server !== server) {
      this.#desk.ignore(server, 'NOT_OWNER', { message: 'positions', region: message.region });
      return;
    }
    const movers = decodeMovers(message.movers);
    if (!movers) return;
    const { entity, x, y, z, kind } = movers;
    for (let i = 0; i < entity.length; i++) {
      // What a neighbour shows, or stands still on its way, is told by its owner.
      if ((kind[i] as number) > 1) continue;
      // A group is known by its anchor.
      const entry = book.groups.get(entity[i] as number);
      if (entry?.region !== region || !Number.isFinite((x[i] as number) + (y[i] as number) + (z[i] as number))) continue;
      entry.x = x[i] as number;
      entry.y = y[i] as number;
      entry.z = z[i] as number;
    }
  }

  // ---- start ------------------------------------------------------------------------------------------------------

  /** From here on no other coordinator's write can succeed; only then is it worth reading what they wrote. */
  #takeTerm(): void {
    const { writes, epochs } = this.#desk;
    writes.read([keys.term, keys.epochs], (records) => {
      const term = records.get(keys.term);
      const reserved = records.get(keys.epochs);
      const from = (reserved && decodeRecord(EpochsRecord, reserved.value)?.reservedTo) ?? 1;
      const to = from + regionsLimits.epochBlock;
      const ops = [
        { op: 'put', key: keys.epochs, value: encodeRecord(EpochsRecord, { reservedTo: to }) },
        { op: 'put', key: keys.term, value: encodeRecord(TermRecord, { term: from }) },
      ] as const;
      const conditions = [
        { key: keys.epochs, version: reserved?.version ?? 0 },
        { key: keys.term, version: term?.version ?? 0 },
      ];
      writes.write({ ops, conditions }, (outcome) => {
        if (outcome.kind !== 'written') return this.#again();
        writes.termVersion = outcome.version;
        epochs.begin(from, to, outcome.version);
        writes.list(PREFIXES, (all) => this.#loaded(all));
      });
    });
  }

  #again(): void {
    const { timers, nowMs, policy } = this.#desk;
    const { POSITIVE_INFINITY: never } = Number;
    timers.set({ dueMs: never, queuedMs: never, due: () => this.#takeTerm() }, nowMs + policy.storeRetryMs);
  }

  #loaded(records: Records): void {
    const { book, lives, nowMs, policy, out } = this.#desk;
    const regions = new Map<string, { record: RegionRecord; version: number }>();
    for (const { key, value, version } of records.values()) {
      if (!key.startsWith('region/')) continue;
      const record = decodeRecord(RegionRecord, value);
      if (record) regions.set(record.region, { record, version });
      else out.event('record.unreadable', { key });
    }
    // Epochs of regions first: they count for their groups.
    for (const region of book.regions.values()) region.epoch = regions.get(region.id)?.record.epoch ?? 0;
    for (const { key, value, version } of records.values()) {
      if (key.startsWith('authority/')) {
        const record = decodeRecord(AuthorityRecord, value);
        if (!record || !book.take(record, version)) out.event('record.unreadable', { key });
      } else if (key.startsWith('server/')) {
        const record = decodeRecord(ServerRecord, value);
        if (record) book.server(record.server).record = record;
      }
    }
    this.#desk.graceUntilMs = nowMs + policy.adoptMs;
    this.#phase = 'running';
    for (const region of book.regions.values()) {
      const known = regions.get(region.id);
      lives.begin(region, known?.record, known?.version ?? 0);
    }
    lives.populationChanged(...book.regions.values());
    out.event('coordinator.running', { regions: book.regions.size, groups: book.groups.size });
    const early = this.#early;
    this.#early = [];
    for (const run of early) run();
  }

  #when(nowMs: number, run: () => void): void {
    this.#at(nowMs);
    if (this.deposed) return;
    if (this.#phase === 'running') run();
    // Nothing is lost by forgetting the rest: whoever spoke repeats it.
    else if (this.#early.length < regionsLimits.joins) this.#early.push(run);
  }

  /** A long silence means that the coordinator itself was away: servers that it lost meanwhile may only have given up waiting. */
  #at(nowMs: number): void {
    const { policy } = this.#desk;
    if (nowMs - this.#desk.nowMs > policy.pauseMs) this.#desk.graceUntilMs = nowMs + policy.adoptMs;
    this.#desk.nowMs = Math.max(this.#desk.nowMs, nowMs);
  }
}
