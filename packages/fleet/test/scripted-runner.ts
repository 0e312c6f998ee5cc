/**
 * A Runner whose processes are entries in a table and whose failures are options: what it starts goes on existing when the fleet
 * above it is thrown away, as real processes do. Reports come on a later turn, in order.
 */
import type { Cancel, ConsoleAnswer, Runner, RunnerReport, ServerProcess, ServerSpec, ServerVitals } from '@horizon-atlas/ports';

export interface ScriptedProcess {
  readonly spec: ServerSpec;
  readonly pid: number;
  /** Takes no notice of SIGTERM. */
  deaf: boolean;
  frozen: boolean;
  /** What it was told at its console. */
  readonly heard: string[];
  /** A request to stop was made; at once: without grace. */
  asked: 'no' | 'stop' | 'kill';
}

export interface ScriptedRunnerOptions {
  /** The next starts fail with this message. */
  failStarts?: string;
}

export class ScriptedRunner implements Runner {
  readonly options: ScriptedRunnerOptions;
  readonly processes = new Map<string, ScriptedProcess>();
  /** Every id that was ever started, in order. */
  readonly started: string[] = [];
  /** What the host tells of a process; of others it tells nothing. */
  readonly vitalsOf = new Map<string, () => ServerVitals>();
  readonly #watchers = new Set<(report: RunnerReport) => void>();
  #pid = 1000;

  constructor(options: ScriptedRunnerOptions = {}) {
    this.options = options;
  }

  start(spec: ServerSpec): Promise<RunnerReport> {
    if (this.options.failStarts !== undefined) {
      return this.#report({ kind: 'failed', id: spec.id, message: this.options.failStarts });
    }
    const known = this.processes.get(spec.id);
    if (known) return Promise.resolve({ kind: 'started', id: spec.id, pid: known.pid });
    const pid = this.#pid++;
    this.processes.set(spec.id, { spec, pid, deaf: false, frozen: false, heard: [], asked: 'no' });
    this.started.push(spec.id);
    return this.#report({ kind: 'started', id: spec.id, pid });
  }

  async stop(id: string, graceMs: number): Promise<void> {
    const process = this.processes.get(id);
    if (!process) return;
    process.asked = graceMs === 0 ? 'kill' : 'stop';
    if (process.deaf && graceMs > 0) {
      while (this.processes.get(id) === process) await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    // An exit code that would be a crash, had nobody asked.
    await this.exit(id, graceMs === 0 ? { signal: 'SIGKILL' } : { exitCode: 143 });
  }

  /** The process ends by itself. */
  async exit(id: string, how: { readonly exitCode?: number; readonly signal?: string } = { signal: 'SIGSEGV' }): Promise<void> {
    if (this.processes.delete(id)) await this.#report({ kind: 'exited', id, ...how });
  }

  write(id: string, text: string): ConsoleAnswer {
    const process = this.processes.get(id);
    if (!process?.spec.console) return process ? 'none' : 'unknown';
    process.heard.push(text);
    return 'written';
  }

  /** Ids of servers that were lifted out of the background. */
  readonly hurried: string[] = [];
  hurry = (id: string): void => void this.hurried.push(id);
  freeze = (id: string): boolean => this.#setFrozen(id, true);
  thaw = (id: string): boolean => this.#setFrozen(id, false);

  #setFrozen(id: string, frozen: boolean): boolean {
    const process = this.processes.get(id);
    if (process) process.frozen = frozen;
    return process !== undefined;
  }

  list(): Promise<readonly ServerProcess[]> {
    return Promise.resolve(
      [...this.processes].map(([id, { pid }]) => ({ id, pid, startedAtMs: 0, cpuS: 1.5, memoryBytes: 1024 })),
    );
  }

  vitals = (id: string) => this.vitalsOf.get(id)?.();
  limits = () => [];
  usage = (id: string) => (this.processes.has(id) ? { cpuS: 1.5, memoryBytes: 1024 } : undefined);

  watch(fn: (report: RunnerReport) => void): Cancel {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  async close(): Promise<void> {
    this.#watchers.clear();
  }

  async #report(report: RunnerReport): Promise<RunnerReport> {
    await Promise.resolve();
    for (const watcher of this.#watchers) watcher(report);
    return report;
  }
}
