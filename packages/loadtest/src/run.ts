/**
 * Runs a load test: worker processes with real clients, in three steps that all of them take together.
 *
 *   gather ──everybody joined──▶ measure ──duration──▶ settle ─▶ report
 *      └──somebody was refused or came too late──▶ settle ─▶ a report without figures
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AtlasError } from '@horizon-atlas/protocol';
import { limits as playerLimits } from './player.ts';
import { type LoadtestReport, reportOf } from './report.ts';
import type { LoadtestSettings, WorkerOrder } from './settings.ts';
import { Tally, type TallyParts } from './tally.ts';
import type { WorkerReport } from './worker.ts';

export const limits = {
  playersMax: 20_000,
  durationSMax: 3600,
  rampSMax: 600,
  ratePerSMax: 100,
  joinTimeoutSMax: 120,
  /** One process can carry about so many clients and still measure, not queue. */
  playersPerWorker: 250,
  workersMax: 16,
  /** Beyond what the steps may take: starting processes, loading the script, ending. */
  graceMs: 30_000,
} as const;

export type LoadtestStep = 'gather' | 'measure' | 'settle';

export interface LoadtestRun {
  /** Each second. */
  onProgress(step: LoadtestStep, elapsedS: number, soFar: LoadtestReport): void;
  /** Aborted: players leave at once, and the report is what was seen so far. */
  readonly signal: AbortSignal;
}

/** Rejects with SCENARIO_INVALID where the script is none, INTERNAL where a worker died. Ends in bounded time, whatever the world does. */
export async function runLoadtest(settings: LoadtestSettings, run: LoadtestRun): Promise<LoadtestReport> {
  const most = Math.max(1, Math.min(limits.workersMax, availableParallelism()));
  const workers = Math.min(most, Math.ceil(settings.players / limits.playersPerWorker));
  const crew = new Crew(settings, workers);
  const startedMs = performance.now();
  let step: LoadtestStep = 'gather';
  let measuredFromMs = 0;
  const measuredS = () => (measuredFromMs === 0 ? 0 : (performance.now() - measuredFromMs) / 1000);
  const soFar = () => reportOf(settings, crew.tally, measuredS());
  const timer = setInterval(() => run.onProgress(step, (performance.now() - startedMs) / 1000, soFar()), 1000);
  const stop = () => crew.interrupt();
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    await crew.all('gathered', (settings.rampS + settings.joinTimeoutS) * 1000 + limits.graceMs);
    let lastedS = 0;
    if (crew.tally.counts.joined === settings.players && !run.signal.aborted) {
      step = 'measure';
      measuredFromMs = performance.now();
      crew.order({ kind: 'measure' });
      await crew.pause(settings.durationS * 1000);
      lastedS = measuredS();
    }
    // Rates are over the time of measuring; what players send while they settle is little beside it.
    const before = soFar();
    step = 'settle';
    crew.order({ kind: 'finish' });
    await crew.all('final', playerLimits.settleMs + limits.graceMs);
    const after = reportOf(settings, crew.tally, lastedS);
    return { ...after, players: { ...after.players, online: before.players.online } };
  } finally {
    clearInterval(timer);
    run.signal.removeEventListener('abort', stop);
    crew.kill();
  }
}

interface Worker {
  readonly child: ChildProcess;
  parts: TallyParts | undefined;
  step: WorkerReport['kind'] | undefined;
}

class Crew {
  readonly #workers: readonly Worker[];
  #fault: Error | undefined;
  #interrupted = false;
  #wake: () => void = () => {};

  constructor(settings: LoadtestSettings, workers: number) {
    const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
    this.#workers = Array.from({ length: workers }, () => ({
      child: fork(entry, [], { stdio: ['ignore', 2, 2, 'ipc'] }),
      parts: undefined,
      step: undefined,
    }));
    for (const [i, worker] of this.#workers.entries()) {
      worker.child.on('message', (message) => this.#hear(worker, message as WorkerReport));
      worker.child.on('error', (error) =>
        this.#fail(new AtlasError('INTERNAL', `a load test process did not start: ${error.message}`)),
      );
      worker.child.on('exit', (code, signal) => {
        if (worker.step !== 'final')
          this.#fail(new AtlasError('INTERNAL', `a load test process ended by itself (${signal ?? code})`));
      });
      worker.child.send({ kind: 'begin', settings, worker: i, workers } satisfies WorkerOrder);
    }
  }

  get tally(): Tally {
    const all = new Tally();
    for (const { parts } of this.#workers) if (parts) all.add(parts);
    return all;
  }

  order(order: WorkerOrder): void {
    for (const { child } of this.#workers) if (child.connected) child.send(order, () => {});
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#wake();
  }

  /** Until every worker has said so, or `timeoutMs` have passed; while gathering also until interrupted. */
  async all(step: 'gathered' | 'final', timeoutMs: number): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    const done = () => this.#workers.every((worker) => worker.step === step) || (step === 'gathered' && this.#interrupted);
    while (!done() && performance.now() < untilMs) await this.#sleep(untilMs - performance.now());
  }

  async pause(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    while (!this.#interrupted && performance.now() < untilMs) await this.#sleep(untilMs - performance.now());
  }

  kill(): void {
    for (const { child } of this.#workers) {
      child.removeAllListeners();
      if (child.exitCode === null) child.kill('SIGKILL');
    }
  }

  #hear(worker: Worker, report: WorkerReport): void {
    if (report.kind === 'fault') return this.#fail(new AtlasError('SCENARIO_INVALID', report.message));
    worker.parts = report.parts;
    if (report.kind === 'progress') return;
    worker.step = report.kind;
    this.#wake();
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    this.#wake();
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#fault) throw this.#fault;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (this.#fault) throw this.#fault;
  }
}
