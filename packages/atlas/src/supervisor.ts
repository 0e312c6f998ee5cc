/**
 * Keeps one control-plane process running: starts it, starts it again at once when it dies, ever more slowly when it keeps dying, ends one that hangs, and
 * ends with it when it was asked to stop. It knows nothing else, so that there is nothing in it that could die.
 *
 *   start ─▶ running ──died──▶ waiting ─▶ running …        refused, or stopped by anybody ─▶ ended
 */
import type { Cancel, Clock } from '@horizon-atlas/ports';
import { type ControlReport, exitCode } from './reports.ts';

export interface ControlProcess {
  /** Ask it to stop; a second time: to hurry. */
  stop(): void;
  kill(): void;
  onReport(fn: (report: ControlReport) => void): void;
  /** Once. `code` is undefined if a signal ended it. */
  onExit(fn: (exit: { readonly code: number | undefined; readonly signal: string | undefined }) => void): void;
}

export interface SupervisorDeps {
  readonly clock: Clock;
  start(): ControlProcess;
  onReport(report: ControlReport | SupervisorReport): void;
}

export type SupervisorReport = {
  readonly kind: 'died';
  readonly how: string;
  /** Milliseconds until the next start. */
  readonly againInMs: number;
};

export type SupervisorEnd = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };

export interface Supervisor {
  /** Stop; called again: hurry; a third time, or after `policy.stopMs`: kill. */
  stop(): void;
  readonly ended: Promise<SupervisorEnd>;
}

export const policy = {
  /** The first restart is immediate, each further death in a row waits longer. */
  backoffMs: [0, 250, 1000, 2500, 5000],
  /** Having run this long, it is not dying in a row any more. */
  steadyMs: 30_000,
  /** The control plane's own deadline is 10 s; this is for one that hangs. */
  stopMs: 15_000,
  /** Without a report of its status, of which there are four a second. */
  silentS: 30,
  /** Until the first report: it loads its code, on a machine that may be busy. */
  loadS: 120,
} as const;

export function supervise(deps: SupervisorDeps): Supervisor {
  const { promise: ended, resolve } = Promise.withResolvers<SupervisorEnd>();
  let process: ControlProcess | undefined;
  let refused: { code: string; message: string } | undefined;
  let deaths = 0;
  let stops = 0;
  let cancel: Cancel = () => {};

  const start = () => {
    const startedAtMs = deps.clock.now();
    const mine = deps.start();
    process = mine;
    const silence = new Silence(deps.clock, () => mine.kill());
    mine.onReport((report) => {
      silence.broken();
      if (report.kind === 'refused') refused = report;
      deps.onReport(report);
    });
    mine.onExit(({ code, signal }) => {
      process = undefined;
      cancel();
      silence.end();
      if (code === exitCode.stopped) return resolve({ ok: true });
      const how = silence.lasted ? `silent for ${silence.maxS} s` : signal === undefined ? `exit code ${code}` : signal;
      if (code === exitCode.refused) {
        return resolve({
          ok: false,
          code: refused?.code ?? 'INTERNAL',
          message: refused?.message ?? 'the control plane could not start',
        });
      }
      if (stops > 0) return resolve({ ok: false, code: 'INTERNAL', message: `the control plane died while stopping (${how})` });
      if (deps.clock.now() - startedAtMs >= policy.steadyMs) deaths = 0;
      const againInMs = policy.backoffMs[Math.min(deaths, policy.backoffMs.length - 1)] ?? 0;
      deaths++;
      deps.onReport({ kind: 'died', how, againInMs });
      cancel = deps.clock.at(deps.clock.now() + againInMs, start);
    });
  };
  start();

  return {
    ended,
    stop() {
      stops++;
      if (!process) {
        // Between two lives: there is nobody to ask, and what it had started may still run. The next one stops it properly.
        cancel();
        start();
      }
      if (stops >= 3) process?.kill();
      else process?.stop();
      if (stops === 1) cancel = deps.clock.at(deps.clock.now() + policy.stopMs, () => process?.kill());
    },
  };
}

/** Counted second by second: a machine that was asleep, or a supervisor that was stopped itself, has counted nothing meanwhile. */
class Silence {
  readonly #clock: Clock;
  readonly #onLasted: () => void;
  #seconds = 0;
  #cancel: Cancel = () => {};
  maxS: number = policy.loadS;
  lasted = false;

  constructor(clock: Clock, onLasted: () => void) {
    this.#clock = clock;
    this.#onLasted = onLasted;
    this.#count();
  }

  broken(): void {
    this.#seconds = 0;
    this.maxS = policy.silentS;
  }

  end(): void {
    this.#cancel();
  }

  #count(): void {
    this.#cancel = this.#clock.at(this.#clock.now() + 1000, () => {
      this.#seconds++;
      if (this.#seconds < this.maxS) return this.#count();
      this.lasted = true;
      this.#onLasted();
    });
  }
}
