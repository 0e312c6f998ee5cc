/**
 * Simulated processes of match servers: each runs the SDK's own MatchServer and a small game, and goes on when the control plane is dead. A seed draws how each
 * of them misbehaves. A version whose text says so is broken: none of its processes is ever ready.
 */
import type { Prng } from '@horizon-atlas/base';
import type { Cancel, Link, Runner, RunnerReport, ServerSpec, ServerVitals } from '@horizon-atlas/ports';
import { MatchServer, type Session } from '@horizon-atlas/sdk-server';
import type { FleetKernel, Life } from './fleet-kernel.ts';
import type { LinkEnd } from './fleet-links.ts';

/** Chances are of each process. */
export interface ProcessFaults {
  /** It ends by itself some time; ends with exit code 0 as soon as it has begun; never becomes ready; needs seconds for that. */
  readonly dies: number;
  readonly exitsAtOnce: number;
  readonly neverReady: number;
  readonly slow: number;
  /** It stands still for seconds, or for ever; it gets no CPU time for seconds. */
  readonly pauses: number;
  readonly starves: number;
  /** It takes no notice of being asked to end. */
  readonly deaf: number;
}

export interface ProcessesOut {
  dial(process: SimProcess): Promise<LinkEnd>;
  /** Players of a session come; never, where nobody does. */
  arrival(requestId: string): Promise<readonly string[]>;
  given(process: SimProcess, requestId: string): void;
  active(process: SimProcess, requestId: string): void;
  /** The game has ended it by itself. */
  played(process: SimProcess, requestId: string): void;
  exited(process: SimProcess, how: Ending): void;
}

export type Ending = { readonly exitCode: number } | { readonly signal: string };

export class SimProcess implements Life {
  readonly id: string;
  readonly pid: number;
  readonly program: string;
  readonly startedAtMs: number;
  over = false;
  pausedUntilMs = 0;
  /** Since when it stands still, if it does. */
  stoodMs = Number.NaN;
  /** Since when it gets no CPU time though it wants some; NaN: it does. */
  starvedMs = Number.NaN;
  frozen: (() => void)[] | undefined;
  /** When it went on after its last sleep. */
  thawedMs = Number.NEGATIVE_INFINITY;
  link: LinkEnd | undefined;
  /** Given, and neither ended nor taken away. */
  readonly sessions = new Set<string>();
  readonly gone: (() => void)[] = [];
  readonly #kernel: FleetKernel;
  readonly #prng: Prng;
  readonly #out: ProcessesOut;
  readonly #deaf: boolean;
  /** How many sessions it plays at the same time. */
  readonly #places: number;
  #server: MatchServer | undefined;

  constructor(
    id: string,
    pid: number,
    program: string,
    kernel: FleetKernel,
    prng: Prng,
    faults: ProcessFaults,
    out: ProcessesOut,
    places: number,
  ) {
    this.id = id;
    this.pid = pid;
    this.program = program;
    this.startedAtMs = kernel.clock(this).wall();
    this.#kernel = kernel;
    this.#prng = prng;
    this.#out = out;
    this.#places = places;
    this.#deaf = prng.chance(faults.deaf);
    if (prng.chance(faults.exitsAtOnce)) this.#later(1, 50, () => this.exit({ exitCode: 0 }));
    if (prng.chance(faults.dies)) this.#later(50, 20_000, () => this.exit({ signal: 'SIGSEGV' }));
    if (prng.chance(faults.pauses)) {
      const ms = prng.chance(0.3) ? Number.POSITIVE_INFINITY : prng.between(300, 6000);
      this.#later(50, 15_000, () => Number.isNaN(this.starvedMs) && this.pause(ms));
    }
    if (prng.chance(faults.starves)) this.#later(50, 15_000, () => this.starve(prng.between(900, starvedMsMax)));
    if (program.includes('broken')) {
      if (prng.chance(0.7)) this.#later(20, 500, () => this.exit({ exitCode: 1 }));
    } else if (!prng.chance(faults.neverReady)) {
      const slow = prng.chance(faults.slow);
      this.#later(slow ? 2000 : 50, slow ? 6000 : 600, () => this.#begin());
    }
  }

  pause(ms: number): void {
    if (this.over) return;
    this.stoodMs = this.#kernel.nowMs;
    this.pausedUntilMs = this.#kernel.nowMs + ms;
    // Silence is known after three heartbeats.
    this.#kernel.after(900, () => {
      if (this.pausedUntilMs > this.#kernel.nowMs) this.cutLink();
    });
  }

  /** In line for a core for so long. */
  starve(ms: number): void {
    if (this.over || this.frozen || this.pausedUntilMs > this.#kernel.nowMs) return;
    this.starvedMs = this.#kernel.nowMs;
    this.pause(ms);
    this.#kernel.at(this.pausedUntilMs, () => {
      this.starvedMs = Number.NaN;
    });
  }

  /** SIGSTOP, by Atlas, and SIGCONT. */
  freeze(): void {
    if (this.over || this.frozen) return;
    this.frozen = [];
    this.#kernel.after(900, () => this.frozen && this.cutLink());
  }

  thaw(): void {
    const waiting = this.frozen ?? [];
    if (this.frozen) this.thawedMs = this.#kernel.nowMs;
    this.frozen = undefined;
    for (const each of waiting) this.#kernel.after(0, each);
  }

  /** As the host tells it, of a machine with two cores. */
  vitals(): ServerVitals {
    const { nowMs } = this.#kernel;
    const starved = !Number.isNaN(this.starvedMs);
    const still = this.frozen !== undefined || this.pausedUntilMs > nowMs;
    const doing = starved ? 'runnable' : still ? 'stopped' : 'asleep';
    const turns = still ? 0 : Math.floor(nowMs / 10);
    return { doing, ranMs: turns / 10, queuedMs: 0, turns, machineMs: 2 * nowMs, idleMs: starved ? 0 : nowMs };
  }

  cutLink(): void {
    const { link } = this;
    if (!link || link.isOver) return;
    link.peer?.cut(this.#prng.between(0, 60));
    link.cut(this.#prng.between(0, 60));
  }

  /** SIGTERM. */
  terminate(): void {
    if (this.#deaf) return;
    this.#kernel.live(this, () => (this.#server ? this.#server.drain() : this.exit({ exitCode: 143 })));
  }

  exit(how: Ending): void {
    if (this.over) return;
    this.cutLink();
    this.over = true;
    this.sessions.clear();
    this.#out.exited(this, how);
    for (const gone of this.gone.splice(0)) gone();
  }

  #begin(): void {
    const dial = async (): Promise<Link> => {
      this.link = await this.#out.dial(this);
      return this.link;
    };
    const host = { clock: this.#kernel.clock(this), links: { dial }, pid: this.pid, unit: () => this.#prng.unit() };
    this.#server = new MatchServer(this.id, 'control', {}, host);
    // Refused for good: it has nothing to do.
    this.#server.opened(60_000).catch(() => this.exit({ exitCode: 3 }));
    void this.#run(this.#server);
  }

  async #run(server: MatchServer): Promise<void> {
    void server.ready();
    const matches = new Set<Promise<void>>();
    for await (const session of server.sessions()) {
      this.sessions.add(session.id);
      this.#out.given(this, session.id);
      void session.closed.then(() => this.sessions.delete(session.id));
      const match = this.#play(server, session).finally(() => matches.delete(match));
      matches.add(match);
      if (this.#places === 1) await match;
    }
    await Promise.all(matches);
    await this.#sleep(5, 50);
    this.exit({ exitCode: 0 });
  }

  async #play(server: MatchServer, session: Session): Promise<void> {
    await this.#sleep(10, 300);
    const players = await Promise.race([this.#out.arrival(session.id), session.closed]);
    if (session.isOver || typeof players === 'string') return;
    session.active();
    this.#out.active(this, session.id);
    for (const player of players) server.joined(player);
    await Promise.race([this.#sleep(500, 9000), session.closed]);
    for (const player of players) server.left(player);
    if (session.isOver) return;
    this.#out.played(this, session.id);
    await session.end({ winner: 'blue' });
  }

  #later(low: number, high: number, fn: () => void): void {
    this.#kernel.within(this, this.#prng.between(low, high), fn);
  }

  #sleep(low: number, high: number): Promise<void> {
    return new Promise((resolve) => this.#later(low, high, resolve));
  }
}

/** What a control plane does to processes is told, and what it sees of them may be told wrongly. */
export interface RunnerTaps {
  readonly stopping: (id: string) => void;
  readonly freezing: (id: string) => void;
  readonly isListed: (id: string) => boolean;
  readonly vitals: (process: SimProcess | undefined) => ServerVitals | undefined;
}

/** Shorter than a machine's overload may excuse. */
const starvedMsMax = 8000;

/** All that run, whoever started them. */
export class Processes {
  readonly all = new Map<string, SimProcess>();
  readonly #kernel: FleetKernel;
  readonly #prng: Prng;
  readonly #faults: () => ProcessFaults;
  readonly #out: ProcessesOut;
  readonly #places: number;
  #watchers = new Set<(report: RunnerReport) => void>();
  #pids = 100;
  started = 0;

  constructor(kernel: FleetKernel, prng: Prng, faults: () => ProcessFaults, out: ProcessesOut, places: number) {
    this.#places = places;
    this.#kernel = kernel;
    this.#prng = prng;
    this.#faults = faults;
    this.#out = {
      ...out,
      exited: (process, how) => {
        this.all.delete(process.id);
        out.exited(process, how);
        this.#report({ kind: 'exited', id: process.id, ...how });
      },
    };
  }

  /** As one life of the control plane has it. */
  runner(life: Life, { stopping, freezing, isListed, vitals }: RunnerTaps): Runner {
    const kernel = this.#kernel;
    const answer = <T>(of: () => T): Promise<T> =>
      new Promise((resolve) => kernel.within(life, this.#prng.between(0.1, 4), () => resolve(of())));
    this.#watchers = new Set();
    return {
      start: (spec) => this.#start(life, spec),
      stop: (id, graceMs) => {
        const process = this.all.get(id);
        if (!process) return answer(() => undefined);
        stopping(id);
        return new Promise((resolve) => {
          process.gone.push(() => kernel.within(life, 0.1, () => resolve()));
          // A frozen one goes on first.
          process.thaw();
          if (graceMs > 0) process.terminate();
          kernel.within(life, graceMs, () => process.exit({ signal: 'SIGKILL' }));
        });
      },
      write: () => 'none',
      freeze: (id) => {
        freezing(id);
        this.all.get(id)?.freeze();
        return this.all.has(id);
      },
      thaw: (id) => {
        this.all.get(id)?.thaw();
        return this.all.has(id);
      },
      list: () =>
        answer(() =>
          [...this.all.values()]
            .filter(({ id }) => isListed(id))
            .map(({ id, pid, startedAtMs }) => ({ id, pid, startedAtMs, cpuS: Number.NaN, memoryBytes: Number.NaN })),
        ),
      usage: () => undefined,
      vitals: (id) => vitals(this.all.get(id)),
      limits: () => [],
      watch: (fn): Cancel => {
        const watchers = this.#watchers;
        const watcher = (report: RunnerReport) => kernel.live(life, () => fn(report));
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      },
      close: () => Promise.resolve(),
    };
  }

  #start(life: Life, { id, argv }: ServerSpec): Promise<RunnerReport> {
    const known = this.all.get(id);
    // The process exists from the call on, whether anybody lives to hear of it or not.
    const [prng, faults] = [this.#prng, this.#faults()];
    const process =
      known ?? new SimProcess(id, ++this.#pids, argv[0] ?? '', this.#kernel, prng.fork(), faults, this.#out, this.#places);
    if (!known) {
      this.started++;
      this.all.set(id, process);
    }
    const report: RunnerReport = { kind: 'started', id, pid: process.pid };
    return new Promise((resolve) =>
      this.#kernel.within(life, this.#prng.between(0.5, 20), () => {
        for (const watcher of this.#watchers) watcher(report);
        resolve(report);
      }),
    );
  }

  #report(report: RunnerReport): void {
    const watchers = this.#watchers;
    this.#kernel.after(this.#prng.between(0.1, 20), () => {
      // A process whose end a dead Atlas would have heard of is missing in the list of the next one.
      if (watchers === this.#watchers) for (const watcher of watchers) watcher(report);
    });
  }
}
