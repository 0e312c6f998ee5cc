/**
 * A fleet of game servers from one seed, in virtual time: the real service, autoscaler and SDK of match servers, over processes that die and hang, links that are
 * cut, a disk that loses what was not written, and a control plane that is killed at any await. What the outside was told is handed to the checkers.
 */
import { Prng } from '@horizon-atlas/base';
import { defaultRolloutTerms } from '@horizon-atlas/fleet';
import type { FleetView, MatchServerToControl, SessionResult } from '@horizon-atlas/protocol';
import { type Ask, Askers, type AskerTaps } from './fleet-askers.ts';
import type { FleetChecker } from './fleet-checkers.ts';
import { Control, type FleetHabits } from './fleet-control.ts';
import { type DiskSabotage, FleetDisk } from './fleet-disk.ts';
import { FleetKernel } from './fleet-kernel.ts';
import { type LinkEnd, pairOf } from './fleet-links.ts';
import { Operators } from './fleet-operators.ts';
import { Processes, type ProcessFaults, type RunnerTaps, type SimProcess } from './fleet-processes.ts';

/** Seconds between two of a kind, about; 0: none. */
export interface FleetFaults extends ProcessFaults {
  readonly crashS: number;
  readonly cutS: number;
  readonly fullS: number;
  readonly lateMsMax: number;
}

export const quietFaults: FleetFaults = {
  dies: 0,
  exitsAtOnce: 0,
  neverReady: 0,
  slow: 0,
  pauses: 0,
  starves: 0,
  deaf: 0,
  crashS: 0,
  cutS: 0,
  fullS: 0,
  lateMsMax: 5,
};

/** Deliberate sabotage, for proving that checkers see it. */
export interface FleetTaps extends DiskSabotage, AskerTaps {
  /** A word that a match server says again at a hello is not heard. */
  readonly loses?: (message: MatchServerToControl, sinceHelloMs: number, links: number) => boolean;
  /** A running process that a restarted control plane does not find. */
  readonly hides?: boolean;
  /** What the host tells of a process. */
  readonly vitals?: RunnerTaps['vitals'];
  readonly views?: (view: FleetView) => FleetView;
  readonly control?: (control: Control, world: FleetWorld) => void;
}

export interface FleetWorldOptions {
  readonly seed: number;
  readonly checkers: readonly FleetChecker[];
  readonly taps?: FleetTaps;
  /** In place of what the seed draws. */
  readonly faults?: Partial<FleetFaults>;
  readonly habits?: Partial<FleetHabits>;
  readonly trace?: (atMs: number, who: string, what: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** The storm, and the calm after it in which everything comes right: a crash loop waits for up to two minutes. */
const stormMs = 40_000;
const calmMs = 240_000;
/** Servers that grow old come and go for ever: the end is looked at when no such change is half done, at most so much later. */
const stillMsMax = 2000;

export class FleetWorld {
  readonly kernel = new FleetKernel();
  readonly faults: FleetFaults;
  readonly habits: FleetHabits;
  readonly disk: FleetDisk;
  readonly processes: Processes;
  readonly askers: Askers;
  readonly operators: Operators;
  readonly seen = {
    answered: 0,
    expired: 0,
    played: 0,
    died: 0,
    restarts: 0,
    rollouts: 0,
    rolledBack: 0,
    started: 0,
    cut: 0,
    cancelled: 0,
    shared: 0,
    slept: 0,
    woken: 0,
    held: 0,
    maintained: 0,
    drained: 0,
    shutDown: 0,
    starved: 0,
  };
  control: Control;
  readonly #prng: Prng;
  readonly #checkers: readonly FleetChecker[];
  readonly #taps: FleetTaps;
  readonly #trace: NonNullable<FleetWorldOptions['trace']>;
  #calm = false;
  #versions = 1;

  constructor({ seed, checkers, taps = {}, faults, habits, trace = () => {} }: FleetWorldOptions) {
    const prng = new Prng(seed);
    this.#prng = prng;
    this.#checkers = checkers;
    this.#taps = taps;
    this.#trace = trace;
    this.faults = { ...drawFaults(prng.fork()), ...faults };
    this.habits = { ...drawHabits(prng.fork()), ...habits };
    this.disk = new FleetDisk(this.kernel, prng.fork(), taps);
    this.processes = new Processes(
      this.kernel,
      prng.fork(),
      () => (this.#calm ? quietFaults : this.faults),
      {
        dial: (process) => this.#dial(process),
        arrival: (requestId) => this.askers.arrival(requestId),
        given: (process, requestId) =>
          this.#tell('given', process.id, { requestId }, (each) => each.given?.(process, requestId, this)),
        active: (process, requestId) => {
          this.note('active', process.id, { requestId });
          this.askers.active(requestId);
        },
        played: (process, requestId) => {
          this.note('played', process.id, { requestId });
          this.askers.over(requestId);
        },
        exited: (process, how) => {
          this.note('exited', process.id, how);
          this.askers.serverGone(process.id);
        },
      },
      this.habits.sessionsPerServer,
    );
    this.askers = new Askers(this, prng.fork(), taps);
    this.operators = new Operators(this, prng.fork());
    this.control = this.#begin();
  }

  /** The storm and the calm; rejects with what was violated. */
  async run(): Promise<void> {
    const every = (seconds: number, fn: () => void) => {
      if (seconds === 0) return;
      const next = () => {
        if (this.#calm) return;
        fn();
        this.kernel.after(this.#prng.between(200, 2000 * seconds), next);
      };
      this.kernel.after(this.#prng.between(200, 2000 * seconds), next);
    };
    every(this.faults.crashS, () => this.#crash());
    every(this.faults.cutS, () => this.#cut());
    every(this.faults.fullS, () => this.#fillUp(this.#prng.between(50, 1500)));
    every(7, () => this.#rollOut());
    this.operators.begin(every);
    this.askers.begin(() => this.#calm);
    this.#look();
    await this.kernel.run(stormMs);
    this.#calm = true;
    this.#mend();
    await this.kernel.run(stormMs + calmMs);
    while (!this.#isStill() && this.kernel.nowMs < stormMs + calmMs + stillMsMax) await this.kernel.run(this.kernel.nowMs + 10);
    this.#tell('over', 'world', {}, (each) => each.over?.(this));
    if (this.kernel.failed !== undefined) throw this.kernel.failed;
    this.seen.started = this.processes.started;
  }

  #fillUp(ms: number): void {
    this.disk.fillUp(ms);
    this.operators.full(this.kernel.nowMs + ms);
  }

  #isStill(): boolean {
    return this.disk.isIdle && this.processes.all.size === this.control.service.list().length;
  }

  get asks(): ReadonlyMap<string, Ask> {
    return this.askers.asks;
  }

  /** Whoever was told to have a server, and for whom that is not over. */
  held(): readonly Ask[] {
    return [...this.asks.values()].filter(({ state }) => state === 'held');
  }

  heldOn(server: string): readonly Ask[] {
    return this.held().filter((ask) => ask.server === server);
  }

  note(what: string, who: string, fields: object): void {
    this.#trace(this.kernel.nowMs, who, what, fields as Readonly<Record<string, unknown>>);
  }

  answered(requestId: string, server: string): void {
    this.seen.answered++;
    this.#tell('answered', server, { requestId }, (each) => each.answered?.(requestId, server, this));
  }

  /** It stands still from now on, so that it needs nothing. */
  froze(id: string): void {
    this.#tell('freeze', id, {}, (each) => each.freezing?.(id, this));
  }

  // ---- the control plane ----------------------------------------------------------------------------------------------

  #begin(): Control {
    const { kernel, disk, habits } = this;
    const control = new Control({
      kernel,
      disk,
      habits,
      seed: this.#prng.u32(),
      runner: (life) =>
        this.processes.runner(life, {
          stopping: (id) =>
            this.#tell('stop', id, { why: this.control.service.get(id)?.why }, (each) => each.stopping?.(id, this)),
          freezing: (id) => this.froze(id),
          isListed: (id) => !this.#taps.hides || !id.endsWith('0'),
          vitals: (process) => (this.#taps.vitals ? this.#taps.vitals(process) : process?.vitals()),
        }),
      loses: (message, sinceHelloMs, links) => {
        if (message.kind !== 'players') this.note(`says ${message.kind}`, 'process', message);
        return this.#taps.loses?.(message, sinceHelloMs, links) ?? false;
      },
    });
    this.#taps.control?.(control, this);
    kernel.within(
      control,
      0,
      () =>
        void control.start().then(
          () => this.#started(control),
          (error) => this.#fail(error),
        ),
    );
    return control;
  }

  #started(control: Control): void {
    const { service } = control;
    this.note('open', 'control', {});
    service.results((result) => {
      if (!control.over) this.#result(result);
    });
    service.watchFleets((told) => {
      const view = this.#taps.views?.(told) ?? told;
      this.#check((each) => each.viewed?.(view, this));
    });
    service.watch((view, gone) => {
      this.note(gone ? 'gone' : view.state, view.id, { why: view.why, allocations: view.allocations });
      if (!control.over) this.#check((each) => each.changed?.(view, gone, this));
    });
    this.#check((each) => each.restarted?.(this));
    this.askers.restarted();
  }

  #crash(): void {
    this.seen.restarts++;
    this.note('killed', 'control', {});
    this.control.crash();
    this.askers.controlDied();
    this.operators.controlDied();
    this.kernel.after(this.#prng.between(20, this.#prng.chance(0.1) ? 12_000 : 1500), () => {
      if (this.control.over) this.control = this.#begin();
    });
  }

  #dial(process: SimProcess): Promise<LinkEnd> {
    return new Promise((resolve, reject) =>
      this.kernel.within(process, this.#prng.between(0.2, 5), () => {
        const { control } = this;
        if (!control.isOpen) return reject(new Error('LINK_REFUSED'));
        const late = () => (this.#calm ? 5 : this.faults.lateMsMax);
        const [theirs, ours] = pairOf(this.kernel, this.#prng.fork(), late, process, control);
        control.accept(ours);
        resolve(theirs);
      }),
    );
  }

  #cut(): void {
    const all = [...this.processes.all.values()];
    const process = all[this.#prng.below(Math.max(1, all.length))];
    if (!process) return;
    this.seen.cut++;
    this.note('cut', process.id, {});
    process.cutLink();
  }

  #rollOut(): void {
    if (!this.control.isOpen) return;
    const { service } = this.control;
    if (this.#prng.chance(0.2)) {
      const refusal = service.rollback('arena');
      if (refusal === undefined) this.seen.rolledBack++;
      this.note('rollback', 'control', { refusal });
      return;
    }
    const version = `v${++this.#versions}`;
    const program = this.#prng.chance(0.25) ? `${version} broken` : version;
    this.seen.rollouts++;
    this.note('rollOut', 'control', { program, refusal: service.rollOut('arena', version, program) });
  }

  /** The last word of operators is a version that works. */
  #mend(): void {
    if (!this.control.isOpen) return this.kernel.after(500, () => this.#mend());
    this.control.service.rollOut('arena', 'last', 'last');
    this.operators.mend();
  }

  #result(result: SessionResult): void {
    const { requestId, end } = result;
    if (end === 'expired') this.seen.expired++;
    if (end === 'ended') this.seen.played++;
    if (end === 'died') this.seen.died++;
    this.#tell('result', requestId, { end }, (each) => each.result?.(result, this));
    this.askers.over(requestId);
  }

  // ---- checkers -------------------------------------------------------------------------------------------------------

  #look(): void {
    if (this.control.isOpen) {
      this.operators.look();
      this.#check((each) => each.now?.(this));
    }
    this.kernel.after(300, () => this.#look());
  }

  #tell(what: string, who: string, fields: object, fn: (checker: FleetChecker) => void): void {
    this.note(what, who, fields);
    this.#check(fn);
  }

  /** A violation ends the run, wherever it was noticed. */
  #check(fn: (checker: FleetChecker) => void): void {
    try {
      for (const checker of this.#checkers) fn(checker);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.kernel.failed ??= error;
  }
}

/** Most seeds have some kinds of misfortune, and few have all. */
function drawFaults(prng: Prng): FleetFaults {
  const some = (most: number) => (prng.chance(0.5) ? prng.between(0, most) : 0);
  const times = (leastS: number) => (prng.chance(0.6) ? prng.between(leastS, 4 * leastS) : 0);
  return {
    dies: some(0.5),
    exitsAtOnce: some(0.2),
    neverReady: some(0.2),
    slow: some(0.5),
    pauses: some(0.3),
    starves: some(0.4),
    deaf: some(0.3),
    crashS: times(3),
    cutS: times(0.5),
    fullS: times(5),
    lateMsMax: prng.chance(0.5) ? prng.between(5, 400) : 5,
  };
}

function drawHabits(prng: Prng): FleetHabits {
  const min = prng.below(3);
  const canary = prng.chance(0.4) ? { replicas: 1, forMs: prng.between(500, 4000) } : undefined;
  return {
    min,
    max: min + 2 + prng.below(8),
    warm: prng.below(4),
    downAfterMs: prng.between(500, 8000),
    sessionsPerServer: prng.chance(0.5) ? 1 : 2 + prng.below(3),
    policy: {
      afterSession: prng.chance(0.5) ? 'reuse' : 'recycle',
      startTimeoutMs: 4000,
      stopGraceMs: 2000,
      coolDownMs: prng.chance(0.3) ? prng.between(50, 1000) : 0,
      maxLifetimeMs: prng.chance(0.3) ? prng.between(8000, 20_000) : 0,
    },
    rollout: {
      ...defaultRolloutTerms,
      strategy: prng.chance(0.2) ? 'Recreate' : 'RollingUpdate',
      maxSurge: prng.below(3),
      maxUnavailable: prng.below(2),
      canary,
    },
  };
}
