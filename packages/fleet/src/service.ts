/**
 * The fleet: brings what runs to what is wanted. All that happens (reports of the runner, links that come and go, wants, time) is
 * an input to the life of one post; after each, `reconcile` says what is left to do, and the records are written.
 */
import { assert } from '@horizon-atlas/base';
import type { Cancel, Clock, Entropy, Probe, Runner, RunnerReport, ServerProcess, ServerSpec, Store } from '@horizon-atlas/ports';
import { decodeRecord, keys, ServerRecord } from '@horizon-atlas/protocol';
import { Awake } from './awake.ts';
import { planAdoption } from './core/adoption.ts';
import { defaultPolicy, type FleetPolicy, fleetLimits } from './core/policy.ts';
import { isEmpty, type Post, type RoleWish, reconcile } from './core/reconcile.ts';
import { aliveOf, dueOf, type LifeInput, type Run, runOf, type ServerLife, step, unborn } from './core/server-life.ts';
import { HangWatch } from './hang-watch.ts';
import { ServerRecords } from './server-records.ts';
import { recordOf, stateOf } from './server-view.ts';
import { WantWatch } from './want-watch.ts';

export interface FleetDeps {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly store: Store;
  readonly runner: Runner;
  readonly probe: Probe;
}

export interface FleetRole {
  /** 'server', 'gateway', … */
  readonly role: string;
  /** Server ids begin with it and an underscore; other roles' may not. */
  readonly prefix: string;
  /** What to run. The spec's id has to be the given one. */
  readonly command: (server: string, post: Post) => ServerSpec;
  /** So many; or one for each want record and `spares` more, which are started and wait for a region (default 1). */
  readonly wanted: number | { readonly spares?: number };
  /** Two processes of one post cannot run side by side. Default: true for a fixed number, false otherwise. */
  readonly exclusive?: boolean;
}

export interface FleetOptions {
  readonly roles: readonly FleetRole[];
  readonly policy?: Partial<FleetPolicy>;
}

/** Of a hello: `address` is where others reach the process (a gateway's url). */
export interface FleetHello {
  readonly pid: number;
  readonly address: string;
}

export interface FleetStatus {
  readonly servers: readonly FleetServer[];
}

export interface FleetServer {
  /** Empty while the post waits for its first process. */
  readonly server: string;
  readonly role: string;
  /** Name of the post: `region/<id>`, `spare/<n>`, `gateway/<n>`. */
  readonly post: string;
  readonly region: string;
  readonly state: ServerRecord['state'];
  readonly pid: number;
  readonly address: string;
  readonly restarts: number;
  readonly startedAtMs: number;
  /** NaN where the host does not tell. */
  readonly cpuS: number;
  readonly memoryBytes: number;
  /** Why it is in this state, where that is bad news. */
  readonly code: string;
  readonly message: string;
}

export interface Fleet {
  /** Finds what a former Atlas left running, then starts what is wanted. Rejects if the store or the runner cannot be read. */
  start(): Promise<void>;
  /** Ends all processes, or those of a role, gently; resolves when they are gone. What was stopped is not started again. */
  stop(graceMs: number, role?: string): Promise<void>;
  /** Stops looking after the processes; they go on running for the next Atlas. */
  close(): Promise<void>;
  /** Asks a process to end, and fills its post anew, at once where two may run side by side. False: it is not one that goes on. */
  retire(server: string): boolean;
  /** A hello came on the process's newest link. Only for servers that it `knows`. */
  onServerUp(server: string, hello: FleetHello): void;
  onServerMessage(server: string, message: { readonly kind: string }): void;
  /** The process's newest link has ended; of older links nothing is said. */
  onServerDown(server: string): void;
  /** False for a process that was not started here, or was given up on: it is refused with SERVER_UNKNOWN. */
  knows(server: string): boolean;
  status(): FleetStatus;
}

export function makeFleet(deps: FleetDeps, options: FleetOptions): Fleet {
  return new FleetService(deps, options);
}

interface Place {
  readonly post: Post;
  life: ServerLife;
  /** The last process that filled it: its record tells why the post is empty. */
  last: Run | undefined;
}

/** On its way out. */
interface Leaver {
  /** The post it was in, or empty. */
  readonly post: string;
  /** Asked to end, so still spoken with; undefined: given up on. */
  readonly record: ServerRecord | undefined;
}

/** Between two looks at CPU time and memory, ms. */
const usageMs = 1000;

class FleetService implements Fleet {
  readonly #deps: FleetDeps;
  readonly #roles: readonly FleetRole[];
  readonly #policy: FleetPolicy;
  readonly #places = new Map<string, Place>();
  /** Which place a process fills. */
  readonly #byServer = new Map<string, Place>();
  readonly #leavers = new Map<string, Leaver>();
  readonly #running = new Set<string>();
  /** Roles that were told to stop, with their grace in ms. */
  readonly #stopped = new Map<string, number>();
  readonly #wants: WantWatch;
  readonly #records: ServerRecords;
  readonly #awake: Awake;
  readonly #hangs: HangWatch;
  #usage = new Map<string, ServerProcess>();
  #cancels: Cancel[] = [];
  #cancelUsage: Cancel = () => {};
  #started = Promise.resolve();
  #open = false;
  #closed = false;
  #turning = false;
  #inputs: (() => void)[] = [];

  constructor(deps: FleetDeps, { roles, policy }: FleetOptions) {
    assert(roles.filter(({ wanted }) => typeof wanted !== 'number').length <= 1, 'one role serves the wants');
    assert(new Set(roles.map(({ prefix }) => prefix)).size === roles.length, 'each role has a prefix of its own');
    this.#deps = deps;
    this.#roles = roles;
    this.#policy = { ...defaultPolicy, ...policy };
    this.#wants = new WantWatch(deps.store, deps.clock, () => this.#turn());
    this.#records = new ServerRecords(deps.store, deps.clock, deps.probe);
    this.#awake = new Awake(deps.clock, () => this.#tick());
    this.#hangs = new HangWatch(deps.clock, deps.runner);
  }

  start(): Promise<void> {
    this.#started = this.#start();
    return this.#started;
  }

  async stop(graceMs: number, role?: string): Promise<void> {
    await this.#started.catch(() => {});
    for (const each of this.#roles) if (role === undefined || each.role === role) this.#stopped.set(each.role, graceMs);
    const ids = [...this.#running, ...this.#byServer.keys()].filter((server) =>
      this.#stopped.has(this.#roleOf(server)?.role ?? ''),
    );
    this.#turn();
    await Promise.all([...new Set(ids)].map((server) => this.#deps.runner.stop(server, graceMs)));
    if (role === undefined) await this.close();
  }

  async close(): Promise<void> {
    this.#turn();
    this.#open = false;
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancelUsage();
    this.#awake.setAlarm(Number.POSITIVE_INFINITY);
    this.#hangs.close();
    this.#wants.close();
    await this.#records.close();
  }

  retire(server: string): boolean {
    const place = this.#byServer.get(server);
    if (!place || !aliveOf(place.life)) return false;
    this.#turn(() => this.#feed(server, { kind: 'retired' }));
    return true;
  }

  onServerUp(server: string, { pid, address }: FleetHello): void {
    this.#hangs.clear(server);
    this.#turn(() => this.#feed(server, { kind: 'up', pid, address }));
  }

  onServerMessage(server: string, { kind }: { readonly kind: string }): void {
    if (kind === 'drained') this.#turn(() => this.#feed(server, { kind: 'drained' }));
  }

  onServerDown(server: string): void {
    if (this.#byServer.has(server)) this.#hangs.suspect(server);
    this.#turn(() => this.#feed(server, { kind: 'down' }));
  }

  knows(server: string): boolean {
    return this.#byServer.has(server) || this.#leavers.get(server)?.record !== undefined;
  }

  status(): FleetStatus {
    const servers = [...this.#places.values()]
      .filter(({ life }) => life.phase !== 'stopping')
      .map((place) => this.#describe(place));
    for (const { record, post } of this.#leavers.values()) {
      if (!record) continue;
      const role = this.#roleOf(record.server)?.role ?? '';
      servers.push({ ...record, role, post, ...this.#usageOf(record.server) });
    }
    return { servers };
  }

  async #start(): Promise<void> {
    const { runner, store } = this.#deps;
    // Before the list, so that no end falls between the two.
    this.#cancels.push(runner.watch((report) => this.#turn(() => this.#reported(report))));
    await this.#wants.open();
    const { records } = await store.list(keys.server(''));
    const processes = await runner.list();
    if (this.#closed) return;
    this.#adopt(records, processes);
    this.#open = true;
    this.#turn();
    this.#readUsage();
  }

  #adopt(records: readonly { key: string; value: Uint8Array }[], processes: readonly ServerProcess[]): void {
    const read: ServerRecord[] = [];
    const pids = new Map(processes.map(({ id, pid }) => [id, pid]));
    for (const { key, value } of records) {
      this.#records.found(key, value);
      const record = decodeRecord(ServerRecord, value);
      // The record may be older than the start of its process.
      if (record) read.push({ ...record, pid: pids.get(record.server) ?? record.pid });
    }
    for (const id of pids.keys()) if (this.#roleOf(id)) this.#running.add(id);
    const roleOf = (server: string) => this.#roleOf(server);
    const { posts, leaving } = planAdoption(read, this.#running, roleOf, this.#awake.now(), this.#policy);
    for (const { post, life } of posts) this.#set({ post, life: unborn, last: undefined }, life);
    for (const record of leaving) this.#leave(record.server, { ...record, state: 'stopping' });
    this.#deps.probe.event('fleet_adopted', { running: processes.length, records: read.length, leaving: leaving.length });
  }

  /** Takes an input in, then does what has to be done; inputs that come meanwhile wait for their turn. */
  #turn(input: () => void = () => {}): void {
    this.#inputs.push(input);
    if (!this.#open || this.#turning) return;
    this.#turning = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) {
        next();
        this.#settle();
      }
    } finally {
      this.#turning = false;
    }
    this.#records.set([...this.#places.values()].flatMap((place) => this.#recordOf(place) ?? []).concat(this.#leaverRecords()));
    this.#awake.setAlarm(Math.min(...[...this.#places.values()].map(({ life }) => dueOf(life))));
  }

  #tick(): void {
    this.#turn(() => {
      for (const place of [...this.#places.values()]) {
        if (dueOf(place.life) <= this.#awake.now()) this.#dueNow(place);
      }
    });
  }

  /** Who says nothing is looked at first: on an overloaded machine it may have had no chance to. */
  #dueNow(place: Place): void {
    const silent = aliveOf(place.life);
    const judged =
      silent && this.#hangs.judge(silent.run.server, silent.phase === 'unhealthy' ? this.#places.size : Number.POSITIVE_INFINITY);
    if (!judged || judged.hung) this.#input(place, { kind: 'tick' });
    else this.#input(place, { kind: 'spared', untilMs: this.#awake.now() + judged.lookMs });
  }

  #reported(report: RunnerReport): void {
    const { id } = report;
    if (!this.#roleOf(id)) return;
    if (report.kind !== 'started') this.#gone(id, report);
    else {
      this.#running.add(id);
      this.#feed(id, report);
    }
  }

  #feed(server: string, input: LifeInput): void {
    const place = this.#byServer.get(server);
    if (place) this.#input(place, input);
  }

  #input(place: Place, input: LifeInput): void {
    const before = place.life;
    const { next, requests } = step(before, input, this.#awake.now(), this.#policy);
    this.#set(place, next);
    for (const { ask, run } of requests) {
      if (ask === 'kill') this.#leave(run.server, undefined, 0);
      else {
        this.#leave(run.server, recordOf(place.post, run, 'stopping', next));
        // Its record is that of a leaver from now on.
        place.last = undefined;
      }
    }
    if (next.phase !== before.phase) this.#tell(place, before);
  }

  #set(place: Place, next: ServerLife): void {
    const before = runOf(place.life);
    place.life = next;
    const run = runOf(next);
    if (before && before.server !== run?.server && this.#byServer.get(before.server) === place) {
      this.#byServer.delete(before.server);
      this.#hangs.clear(before.server);
    }
    if (run) {
      this.#byServer.set(run.server, place);
      place.last = run;
    }
    if (next.phase === 'stopped') this.#places.delete(place.post.key);
    else this.#places.set(place.post.key, place);
  }

  #tell({ post, life }: Place, before: ServerLife): void {
    const { probe } = this.#deps;
    const { past } = life;
    const server = runOf(life)?.server ?? runOf(before)?.server ?? '';
    probe.event('server_state', { post: post.key, server, from: before.phase, to: life.phase });
    if (past.restarts > before.past.restarts && past.trouble) {
      probe.count('atlas_server_failures_total', 1, { role: post.role, code: past.trouble.code });
      probe.event('server_failed', { post: post.key, server, ...past.trouble });
    }
  }

  #settle(): void {
    // Each round does what the one before made possible: open, swap, start. More rounds than that would be a plan that undoes itself.
    for (let round = 0; ; round++) {
      const plan = reconcile({
        roles: this.#wishes(),
        wants: this.#wants.wants,
        posts: this.#places,
        running: this.#running,
        leaving: new Map([...this.#leavers].map(([server, { post }]) => [server, post])),
        startsAtOnce: this.#policy.startsAtOnce,
      });
      if (isEmpty(plan)) return;
      assert(round < 2 * fleetLimits.posts, 'the fleet comes to rest');
      for (const server of plan.end) this.#leave(server, undefined);
      for (const post of plan.open)
        this.#input(this.#places.get(post.key) ?? { post, life: unborn, last: undefined }, { kind: 'wanted' });
      for (const key of plan.close) this.#close(key);
      for (const [region, other] of plan.swap) this.#swap(region, other);
      // An orphan may hold the port of what is to start: the next round knows.
      if (plan.end.length === 0) for (const key of plan.start) this.#launch(key);
    }
  }

  #wishes(): RoleWish[] {
    return this.#roles
      .filter(({ role }) => !this.#stopped.has(role))
      .map(({ role, wanted, exclusive }) => ({
        role,
        wanted: typeof wanted === 'number' ? wanted : { spares: wanted.spares ?? 1 },
        exclusive: exclusive ?? typeof wanted === 'number',
      }));
  }

  #close(key: string): void {
    const place = this.#places.get(key);
    if (place) this.#input(place, { kind: 'unwanted' });
  }

  #swap(region: string, other: string): void {
    const [a, b] = [this.#places.get(region), this.#places.get(other)];
    assert(a && b, 'posts that swap exist');
    const [ofA, ofB] = [aliveOf(a.life), aliveOf(b.life)];
    this.#input(a, { kind: 'swapped', theirs: ofB });
    this.#input(b, { kind: 'swapped', theirs: ofA });
    // What has moved on is recorded there.
    if (!ofA) b.last = undefined;
  }

  #launch(key: string): void {
    const place = this.#places.get(key);
    assert(place, 'a post that starts exists');
    const { clock, entropy, runner, probe } = this.#deps;
    const role = this.#roles.find((each) => each.role === place.post.role);
    assert(role, 'a post has a role');
    const server = entropy.id(typeof role.wanted === 'number' ? `${role.prefix}_${place.post.index}` : role.prefix);
    const run: Run = { server, pid: 0, startedAtMs: Math.floor(clock.wall()), address: '', drained: false };
    this.#input(place, { kind: 'given', run });
    probe.count('atlas_server_starts_total', 1, { role: role.role });
    let started: Promise<unknown>;
    try {
      const spec = role.command(server, place.post);
      assert(spec.id === server, 'the spec has the id that it was asked for');
      started = runner.start(spec);
    } catch (error) {
      started = Promise.reject(error);
    }
    // Success and failure come as reports; only a fault in the command or the runner comes here.
    started.catch((error) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#turn(() => this.#feed(server, { kind: 'failed', message }));
    });
  }

  /** @param record of a process that is asked to end, and still spoken with; undefined: it is given up on. */
  #leave(server: string, record: ServerRecord | undefined, graceMs?: number): void {
    const { runner, probe } = this.#deps;
    const role = this.#roleOf(server);
    const post = this.#byServer.get(server)?.post.key ?? (role?.index === undefined ? '' : `${role.role}/${role.index}`);
    this.#leavers.set(server, { post, record });
    runner
      .stop(server, graceMs ?? this.#stopped.get(role?.role ?? '') ?? this.#policy.stopGraceMs)
      .catch((error) => probe.event('server_stop_failed', { server, error: String(error) }))
      .finally(() => this.#turn(() => this.#gone(server, { kind: 'exited' })));
  }

  #gone(server: string, input: LifeInput): void {
    this.#running.delete(server);
    this.#usage.delete(server);
    this.#leavers.delete(server);
    this.#feed(server, input);
  }

  #roleOf(server: string): { role: string; index: number | undefined } | undefined {
    for (const { role, prefix, wanted } of this.#roles) {
      if (!server.startsWith(`${prefix}_`)) continue;
      if (typeof wanted !== 'number') return { role, index: undefined };
      const index = /^(\d+)_/.exec(server.slice(prefix.length + 1))?.[1];
      return index === undefined ? undefined : { role, index: Number(index) };
    }
    return undefined;
  }

  #recordOf({ post, life, last }: Place): ServerRecord | undefined {
    return last && life.phase !== 'stopping' ? recordOf(post, last, stateOf(life), life) : undefined;
  }

  #leaverRecords(): ServerRecord[] {
    return [...this.#leavers.values()].flatMap(({ record }) => record ?? []);
  }

  #describe({ post, life, last }: Place): FleetServer {
    const run = runOf(life) ?? last ?? { server: '', pid: 0, startedAtMs: 0, address: '', drained: false };
    const record = recordOf(post, run, stateOf(life), life);
    return { ...record, role: post.role, post: post.key, ...this.#usageOf(run.server) };
  }

  #usageOf(server: string): { cpuS: number; memoryBytes: number } {
    const { cpuS = Number.NaN, memoryBytes = Number.NaN } = this.#usage.get(server) ?? {};
    return { cpuS, memoryBytes };
  }

  #readUsage(): void {
    const { runner, clock, probe } = this.#deps;
    if (!this.#open) return;
    runner
      .list()
      .then((processes) => {
        this.#usage = new Map(processes.map((each) => [each.id, each]));
        for (const { post, life } of this.#places.values()) {
          const usage = this.#usage.get(runOf(life)?.server ?? '');
          // By post, not by server id: ids are new with every start, and series of metrics should not be.
          const labels = { role: post.role, post: post.key };
          probe.gauge('atlas_server_up', life.phase === 'ready' ? 1 : 0, labels);
          if (!usage || Number.isNaN(usage.cpuS)) continue;
          probe.gauge('atlas_server_cpu_seconds', usage.cpuS, labels);
          probe.gauge('atlas_server_memory_bytes', usage.memoryBytes, labels);
        }
      })
      .catch((error) => probe.event('fleet_usage_failed', { error: String(error) }))
      .finally(() => {
        if (this.#open) this.#cancelUsage = clock.at(clock.now() + usageMs, () => this.#readUsage());
      });
  }
}
