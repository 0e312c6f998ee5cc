/**
 * The coordinator at work: the core between the Store, the links that the composition root holds, and a timer.
 *
 * It leads under the lease `regions`. The lease only decides who tries: what keeps a former leader from writing is the term in the core.
 */
import type { Clock, Probe, Store, StoreRecord, Tracer } from '@horizon-atlas/ports';
import {
  type ControlToGateway,
  type ControlToServer,
  decodeRecord,
  type GatewayToControl,
  ServerRecord,
  type ServerToControl,
} from '@horizon-atlas/protocol';
import { type Driver, drive, type Lease, type LeasePolicy, makeLease } from '@horizon-atlas/runtime';
import type { WorldSpec } from './core/book.ts';
import { Coordinator } from './core/coordinator.ts';
import type { CoordinatorOut, CrossingNote } from './core/desk.ts';
import type { RegionsPolicy } from './core/policy.ts';
import { type PlayerPlace, placeOf, placesOf, type RegionsStatus, statusOf } from './status.ts';

export interface RegionsNeeds {
  readonly clock: Clock;
  readonly store: Store;
  readonly probe: Probe;
  /** None by default. */
  readonly tracer?: Tracer;
  /** To a server whose link is up; to nobody if it is not. */
  toServer(server: string, message: ControlToServer): void;
  /** `*`: to all gateways. */
  toGateway(gateway: string, message: ControlToGateway): void;
  /** Each step of each crossing, `atMs` of the clock. */
  crossing?(note: CrossingNote): void;
  /** A coordinator begins with nothing heard: links that are up must end, so that their peers dial and say `hello` again. */
  relink(): void;
}

export interface RegionsOptions {
  readonly world: WorldSpec;
  readonly policy?: Partial<RegionsPolicy>;
  /** Who asks for the lease: the same after a restart. */
  readonly holder: string;
  readonly lease?: LeasePolicy;
}

export interface Regions {
  /** Resolves when the lease is asked for; `running` tells when it leads and has read its records. */
  start(): Promise<void>;
  /** Resolves when nothing is written any more and the lease is given back. */
  stop(): Promise<void>;
  readonly running: boolean;
  /** How long before a border servers should speak of an approach, ms. */
  readonly leadMs: number;
  /** Every message of a linked server, its `hello` included. */
  fromServer(server: string, message: ServerToControl): void;
  serverDown(server: string): void;
  /** Every message of a linked gateway, its `hello` included. Others than a coordinator's business are ignored. */
  fromGateway(gateway: string, message: GatewayToControl): void;
  gatewayDown(gateway: string): void;
  /** Its regions go to other servers, as soon as there are any; the event `server.emptied` tells when it has none any more. */
  emptyServer(server: string): void;
  status(): RegionsStatus;
  /** Everybody who is on record; nobody while this does not lead. */
  players(): Iterable<PlayerPlace>;
  player(id: string): PlayerPlace | undefined;
  /** The server that plays a region now, or empty. */
  ownerOf(region: string): string;
  /** Who plays this group, if it is on record and anybody does. */
  playerOfGroup(group: number): PlayerPlace | undefined;
}

const SERVERS = 'server/';

export function makeRegions(needs: RegionsNeeds, options: RegionsOptions): Regions {
  return new Service(needs, options);
}

/** A deposed leader lets the other one go first. */
const STAND_AGAIN_MS = 500;

class Service implements Regions {
  readonly #needs: RegionsNeeds;
  readonly #options: RegionsOptions;
  #lease: Lease | undefined;
  #leading: { readonly coordinator: Coordinator; readonly driver: Driver } | undefined;
  #cancelWatch = () => {};
  #stopped = false;

  constructor(needs: RegionsNeeds, options: RegionsOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#stand();
  }

  #stand(): void {
    const { clock, store } = this.#needs;
    const { holder, lease } = this.#options;
    this.#lease = makeLease(
      { clock, store },
      {
        what: 'regions',
        holder,
        ...(lease ? { policy: lease } : {}),
        gained: () => this.#lead(),
        lost: () => this.#stepDown(),
      },
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stepDown();
    await this.#lease?.close();
  }

  get running(): boolean {
    return this.#leading?.coordinator.running === true;
  }

  get leadMs(): number {
    return this.#leading?.coordinator.leadMs ?? 0;
  }

  fromServer(server: string, message: ServerToControl): void {
    this.#feed((coordinator, nowMs) => coordinator.fromServer(server, message, nowMs));
  }

  serverDown(server: string): void {
    this.#feed((coordinator, nowMs) => coordinator.serverDown(server, nowMs));
  }

  fromGateway(gateway: string, message: GatewayToControl): void {
    this.#feed((coordinator, nowMs) => coordinator.fromGateway(gateway, message, nowMs));
  }

  gatewayDown(gateway: string): void {
    this.#feed((coordinator, nowMs) => coordinator.gatewayDown(gateway, nowMs));
  }

  status(): RegionsStatus {
    return statusOf(this.#leading?.coordinator);
  }

  emptyServer(server: string): void {
    this.#feed((coordinator, nowMs) => coordinator.emptyServer(server, nowMs));
  }

  players(): Iterable<PlayerPlace> {
    return placesOf(this.#leading?.coordinator);
  }

  player(id: string): PlayerPlace | undefined {
    const coordinator = this.#leading?.coordinator;
    const entry = coordinator?.running ? coordinator.book.players.get(id) : undefined;
    return coordinator && entry && placeOf(coordinator, entry);
  }

  ownerOf(id: string): string {
    const book = this.#leading?.coordinator.book;
    const region = book?.regions.get(id);
    return (book && region && book.playing(region)?.server) ?? '';
  }

  playerOfGroup(group: number): PlayerPlace | undefined {
    const coordinator = this.#leading?.coordinator;
    const entry = coordinator?.book.groups.get(group);
    return coordinator && entry && entry.player !== '' ? placeOf(coordinator, entry) : undefined;
  }

  #feed(run: (coordinator: Coordinator, nowMs: number) => void): void {
    const leading = this.#leading;
    if (!leading) return;
    leading.driver.feed((nowMs) => run(leading.coordinator, nowMs));
    // Another one has the term: this one knows nothing any more that is worth saying.
    if (leading.coordinator.deposed && this.#leading === leading) {
      this.#stepDown();
      this.#standAgain();
    }
  }

  /** The lease is given back first: whoever took the term may be leading under it, or else anybody may. */
  #standAgain(): void {
    const { clock, probe } = this.#needs;
    const lease = this.#lease;
    probe.event('regions.deposed', {});
    void lease?.close().then(() => {
      clock.at(clock.now() + STAND_AGAIN_MS, () => {
        if (!this.#stopped && this.#lease === lease) this.#stand();
      });
    });
  }

  #lead(): void {
    if (this.#stopped || this.#leading) return;
    const { clock, relink, probe, tracer } = this.#needs;
    const { world, policy } = this.#options;
    const wallOffsetMs = clock.wall() - clock.now();
    const coordinator: Coordinator = new Coordinator(
      { world, ...(policy ? { policy } : {}), wallOffsetMs, ...(tracer ? { tracer } : {}) },
      this.#outOf(() => coordinator),
    );
    this.#leading = { coordinator, driver: drive(clock, coordinator) };
    probe.event('regions.leading', {});
    relink();
    this.#feed((each, nowMs) => each.start(nowMs));
    void this.#watchServers(coordinator);
  }

  #stepDown(): void {
    this.#cancelWatch();
    this.#cancelWatch = () => {};
    this.#leading?.driver.stop();
    this.#leading = undefined;
  }

  /** What a coordinator says, as long as it leads. */
  #outOf(self: () => Coordinator): CoordinatorOut {
    const { store, probe, toServer, toGateway } = this.#needs;
    const leads = () => this.#leading?.coordinator === self();
    const answer = (run: (nowMs: number) => void) => {
      if (leads()) this.#feed((_, nowMs) => run(nowMs));
    };
    const answerRead = (token: number, reading: Promise<readonly StoreRecord[]>) => {
      reading.then(
        (records) => answer((nowMs) => self().recordRead(token, records, nowMs)),
        () => answer((nowMs) => self().recordRead(token, undefined, nowMs)),
      );
    };
    return {
      toServer: (server, message) => toServer(server, message),
      toGateway: (gateway, message) => toGateway(gateway, message),
      crossing: (note) => this.#needs.crossing?.(note),
      transact: (token, ops, conditions) => {
        const unknown = (error: unknown) => ({ ok: false, code: 'STORE_UNAVAILABLE', message: String(error) }) as const;
        store
          .transact(ops, conditions)
          .catch(unknown)
          .then((result) => answer((nowMs) => self().stored(token, result, nowMs)));
      },
      read: (token, keys) => answerRead(token, readAll(store, keys)),
      list: (token, prefixes) => answerRead(token, listAll(store, prefixes)),
      event: (name, fields) => {
        if (name === 'handoff.done') probe.observe('atlas_handoff_frozen_ms', Number(fields.frozenMs));
        probe.event(name, fields);
      },
    };
  }

  /** Every change of a `server/` record, from before the coordinator reads them. */
  async #watchServers(coordinator: Coordinator): Promise<void> {
    const { store, clock } = this.#needs;
    const current = () => this.#leading?.coordinator === coordinator;
    const tell = (key: string, value: Uint8Array | undefined) => {
      const record = value && decodeRecord(ServerRecord, value);
      if (current()) this.#feed((each, nowMs) => each.serverRecord(key.slice(SERVERS.length), record, nowMs));
    };
    try {
      const { records, revision } = await store.list(SERVERS);
      if (!current()) return;
      const listed = new Set(records.map((each) => each.key));
      for (const { key, value } of records) tell(key, value);
      // A record that went while nobody watched leaves no change behind.
      for (const server of coordinator.book.servers.keys()) if (!listed.has(SERVERS + server)) tell(SERVERS + server, undefined);
      this.#cancelWatch = store.watch(SERVERS, revision, (event) => {
        if (event.kind === 'too-old') void this.#watchServers(coordinator);
        else for (const { key, value } of event.changes) tell(key, value);
      });
    } catch {
      const cancel = clock.at(clock.now() + 200, () => void this.#watchServers(coordinator));
      this.#cancelWatch = cancel;
    }
  }
}

async function readAll(store: Store, keys: readonly string[]): Promise<StoreRecord[]> {
  const records = await Promise.all(keys.map((key) => store.get(key)));
  return records.filter((each) => each !== undefined);
}

async function listAll(store: Store, prefixes: readonly string[]): Promise<StoreRecord[]> {
  const lists = await Promise.all(prefixes.map((prefix) => store.list(prefix)));
  return lists.flatMap((each) => [...each.records]);
}
