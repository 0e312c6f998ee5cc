/**
 * Runs servers as processes of this host that outlive Atlas: each leads a session of its own, so that neither Ctrl-C nor the end
 * of Atlas reaches it, and writes to a log file by descriptor.
 *
 *   start ─▶ record (mark) ─▶ spawn ─▶ record (pid, stamp) ─▶ started ──exit of a child, or gone from /proc──▶ exited, record removed
 *                               └─ error ─▶ failed, record removed
 *   restart of Atlas: each record whose pid still has its stamp is adopted; the others are reported as exited.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type {
  Cancel,
  Clock,
  ConsoleAnswer,
  HeldLimit,
  LimitedResource,
  Probe,
  Runner,
  RunnerReport,
  ServerProcess,
  ServerSpec,
  ServerUsage,
  ServerVitals,
  StopSignal,
  StopStep,
} from '@horizon-atlas/ports';
import { type Cgroups, cgroupsHere, messageOf } from './cgroups.ts';
import { openConsole, writeToConsole } from './console-pipe.ts';
import { type HostProcesses, hostProcesses } from './host-processes.ts';
import { hostUser } from './host-users.ts';
import { limits } from './limits.ts';
import { cutBack, openLog } from './log-file.ts';
import { lift, lower } from './priority.ts';
import { type ProcessRecord, ProcessRecords } from './process-records.ts';

export interface ProcessRunnerOptions {
  /** Where the records are kept; of this runner alone. */
  readonly dir: string;
  readonly clock: Clock;
  readonly probe?: Probe;
  /** Default: /proc where there is one. */
  readonly host?: HostProcesses;
  /** Default: the host's, where it has some. */
  readonly cgroups?: Cgroups;
}

/** Throws if `dir` cannot be made or read. What an earlier runner left running in it is adopted before this returns. */
export function makeProcessRunner(options: ProcessRunnerOptions): Runner {
  return new ProcessRunner(options);
}

interface Running {
  readonly record: ProcessRecord;
  readonly started: RunnerReport;
  /** Of this Atlas: its end comes as an event. Otherwise it is polled. */
  readonly child: boolean;
  readonly gone: Promise<void>;
  readonly tellGone: () => void;
  /** It has been asked to end. */
  asked: boolean;
}

class ProcessRunner implements Runner {
  readonly #clock: Clock;
  readonly #probe: Probe | undefined;
  readonly #host: HostProcesses;
  readonly #records: ProcessRecords;
  #cgroups: Cgroups | undefined;
  /** Groups of servers that have ended, while something of them still runs. */
  readonly #groupsLeft = new Set<string>();
  readonly #running = new Map<string, Running>();
  readonly #starting = new Map<string, Promise<RunnerReport>>();
  readonly #stopping = new Set<Promise<void>>();
  readonly #watchers = new Set<(report: RunnerReport) => void>();
  /** Ends that happened while no Atlas ran: told to the first who watches. */
  #missed: string[] = [];
  #closed = false;
  #cancelPoll: Cancel | undefined;
  #logsDueMs = 0;

  constructor({ dir, clock, probe, host = hostProcesses(), cgroups }: ProcessRunnerOptions) {
    this.#cgroups = cgroups;
    this.#clock = clock;
    this.#probe = probe;
    this.#host = host;
    this.#records = new ProcessRecords(dir);
    this.#adopt();
  }

  start(spec: ServerSpec): Promise<RunnerReport> {
    const running = this.#running.get(spec.id);
    if (running) return Promise.resolve(running.started);
    const pending = this.#starting.get(spec.id);
    if (pending) return pending;
    const starting = this.#start(spec).finally(() => this.#starting.delete(spec.id));
    this.#starting.set(spec.id, starting);
    return starting;
  }

  async stop(id: string, graceMs: number): Promise<void> {
    await this.#starting.get(id);
    const running = this.#running.get(id);
    if (!running) return;
    const cancelAsking = this.#askToEnd(running, graceMs);
    const cancel = this.#clock.at(this.#clock.now() + graceMs, () => this.#signal(running, 'SIGKILL'));
    const stopped = running.gone.finally(() => {
      cancel();
      cancelAsking();
      this.#stopping.delete(stopped);
    });
    this.#stopping.add(stopped);
    await stopped;
  }

  write(id: string, text: string): ConsoleAnswer {
    const running = this.#running.get(id);
    if (!running || !this.#lives(running)) return 'unknown';
    if (!running.record.console) return 'none';
    return writeToConsole(this.#records.consoleOf(id), text) ? 'written' : 'full';
  }

  freeze(id: string): boolean {
    return this.#signalTo(id, 'SIGSTOP');
  }

  thaw(id: string): boolean {
    return this.#signalTo(id, 'SIGCONT');
  }

  hurry(id: string): void {
    const running = this.#running.get(id);
    if (running && this.#lives(running)) lift(running.record.pid);
  }

  list(): Promise<readonly ServerProcess[]> {
    const listed: ServerProcess[] = [];
    for (const running of this.#running.values()) {
      if (!this.#lives(running)) continue;
      const { id, pid, startedAtMs, logFile } = running.record;
      listed.push({ id, pid, startedAtMs, ...this.#host.usageOf(pid), logFile });
    }
    return Promise.resolve(listed);
  }

  usage(id: string): ServerUsage | undefined {
    const running = this.#running.get(id);
    return running && this.#lives(running) ? this.#host.usageOf(running.record.pid) : undefined;
  }

  vitals(id: string): ServerVitals | undefined {
    const running = this.#running.get(id);
    return running && this.#lives(running) ? this.#host.vitalsOf?.(running.record.pid) : undefined;
  }

  limits(id: string): readonly HeldLimit[] {
    return this.#running.get(id)?.record.limits ?? [];
  }

  watch(fn: (report: RunnerReport) => void): Cancel {
    // Each registration is its own, also of one function twice.
    const watcher = (report: RunnerReport) => fn(report);
    this.#watchers.add(watcher);
    if (this.#missed.length > 0) setImmediate(() => this.#tellMissed());
    return () => this.#watchers.delete(watcher);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#starting.values(), ...this.#stopping]);
    this.#closed = true;
    this.#cancelPoll?.();
    this.#watchers.clear();
  }

  async #start(spec: ServerSpec): Promise<RunnerReport> {
    const [program, ...args] = spec.argv;
    if (program === undefined || program === '') return this.#fail(spec.id, 'the command is empty');
    if (this.#running.size >= limits.processes) return this.#fail(spec.id, `${limits.processes} processes run already`);
    const intent = intentOf(spec, this.#clock.wall());
    // Whoever starts it anew knows that the one before is gone; told now, that would be the end of the new one.
    this.#missed = this.#missed.filter((id) => id !== spec.id);
    let child: ChildProcess;
    try {
      this.#records.write(intent);
      child = this.#spawn(spec, program, args, intent.mark);
    } catch (error) {
      return this.#fail(spec.id, messageOf(error));
    }
    const { pid } = child;
    // It has not come to any thread of its own yet: all that follow are like this one.
    if (pid !== undefined && spec.background) lower(pid);
    // Written in the very turn of the spawn: an exit cannot be heard before it.
    const record = pid === undefined ? undefined : this.#name(this.#held(intent, spec, pid), pid);
    begin(child);
    child.unref();
    const error = await new Promise<Error | undefined>((resolve) => {
      child.once('spawn', () => resolve(undefined));
      child.once('error', resolve);
      if (record) child.once('exit', (code, signal) => this.#exited(record, code, signal));
    });
    if (error || !record)
      return this.#fail(spec.id, `${program}: ${error ? messageOf(error) : 'no process'}${hintFor(spec, error)}`);
    const running = this.#running.get(spec.id);
    const started: RunnerReport = running?.started ?? { kind: 'started', id: spec.id, pid: record.pid };
    this.#tell(started);
    return started;
  }

  #spawn(spec: ServerSpec, program: string, args: readonly string[], mark: string): ChildProcess {
    const user = spec.user === undefined ? undefined : hostUser(spec.user);
    const home = user && spec.env?.HOME === undefined ? { HOME: user.home } : {};
    const open: number[] = [];
    try {
      const log = openLog(spec.logFile);
      open.push(log);
      let input: number | 'ignore' = 'ignore';
      if (spec.console) {
        input = openConsole(this.#records.consoleOf(spec.id));
        open.push(input);
      }
      const back = process.platform === 'linux' && wishesOf(spec).length > 0;
      const [file, ...argv] = back ? heldBack(program, args) : [program, ...args];
      return spawn(file, argv, {
        cwd: spec.cwd,
        env: { ...process.env, ...home, ...spec.env, ...envOf(mark) },
        detached: true,
        stdio: [input, log, log, ...(back ? (['pipe'] as const) : [])],
        ...(user ? { uid: user.uid, gid: user.gid } : {}),
      });
    } finally {
      for (const each of open) closeSync(each);
    }
  }

  #held(intent: ProcessRecord, spec: ServerSpec, pid: number): ProcessRecord {
    const { id, limits: wanted } = spec;
    const wishes = wishesOf(spec);
    if (wanted === undefined || wishes.length === 0) return intent;
    this.#cgroups ??= cgroupsHere();
    const failed = this.#cgroups.hold(id, pid, wanted);
    const held = wishes.map(([resource, max]): HeldLimit => {
      const why = failed.get(resource) ?? '';
      if (why !== '') this.#probe?.event('limit_not_enforced', { id, resource, max, why });
      return { resource, max, by: why === '' ? 'kernel' : 'nobody', why };
    });
    return { ...intent, limits: held };
  }

  /** The process exists: it has a pid, and from now on a full record. */
  #name(intent: ProcessRecord, pid: number): ProcessRecord {
    const record = { ...intent, pid, stamp: this.#host.stampOf(pid) ?? '' };
    try {
      this.#records.write(record);
    } catch (error) {
      // A full disk. The first record's mark still leads to the process.
      this.#probe?.event('runner_record_failed', { id: intent.id, error: messageOf(error) });
    }
    this.#keep(record, true);
    return record;
  }

  #keep(record: ProcessRecord, child: boolean): void {
    let tellGone = () => {};
    const gone = new Promise<void>((resolve) => {
      tellGone = resolve;
    });
    const started: RunnerReport = { kind: 'started', id: record.id, pid: record.pid };
    this.#running.set(record.id, { record, started, child, gone, tellGone, asked: false });
    if (!this.#cancelPoll) this.#schedulePoll();
  }

  #adopt(): void {
    for (const record of this.#records.read()) {
      const found = record.pid > 0 ? record : this.#findMarked(record);
      if (found && this.#lives({ record: found, child: false })) {
        this.#keep(found, false);
        this.#probe?.event('runner_adopted', { id: found.id, pid: found.pid });
      } else {
        if (found) this.#endGroup(found);
        this.#missed.push(record.id);
      }
    }
  }

  /** Atlas died between the spawn and the second record. */
  #findMarked(intent: ProcessRecord): ProcessRecord | undefined {
    const pid = this.#host.findByEnv(intent.mark);
    const stamp = pid === undefined ? undefined : this.#host.stampOf(pid);
    if (pid === undefined || stamp === undefined) return undefined;
    const record = { ...intent, pid, stamp };
    this.#records.write(record);
    return record;
  }

  /** The pid of a child stays its own until its exit was heard; any other pid is believed only with its stamp. */
  #lives({ record, child }: Pick<Running, 'record' | 'child'>): boolean {
    return child || (record.stamp !== '' && this.#host.stampOf(record.pid) === record.stamp);
  }

  #exited(record: ProcessRecord, code: number | null, signal: string | null): void {
    const running = this.#running.get(record.id);
    // A closed runner leaves the record to the next one, which reports the end.
    if (running?.record !== record || this.#closed) return;
    this.#running.delete(record.id);
    this.#endGroup(record);
    this.#records.remove(record.id);
    running.tellGone();
    this.#tell({
      kind: 'exited',
      id: record.id,
      ...(signal !== null ? { signal } : code !== null ? { exitCode: code } : {}),
      ...(code !== null && record.cleanExits?.includes(code) ? { clean: true } : {}),
      ...(code === 127 && record.limits ? { why: notFound } : {}),
      ...this.#letGo(record),
    });
  }

  /** Its control group goes; what the kernel did to it there is told. */
  #letGo({ id, limits: held = [] }: ProcessRecord): { readonly why?: string } {
    if (!held.some(({ by }) => by === 'kernel')) return {};
    this.#cgroups ??= cgroupsHere();
    const cgroups = this.#cgroups;
    const memory = held.find(({ resource, by }) => resource === 'memoryBytes' && by === 'kernel');
    const exceeded = memory !== undefined && cgroups.memoryExceeded(id);
    if (!cgroups.release(id)) this.#groupsLeft.add(id);
    return exceeded ? { why: `it used more than the ${Math.round(memory.max / 2 ** 20)} MB of memory that it may` } : {};
  }

  #fail(id: string, message: string): RunnerReport {
    this.#running.delete(id);
    this.#records.remove(id);
    const report: RunnerReport = { kind: 'failed', id, message };
    this.#tell(report);
    return report;
  }

  /** Step by step, once; a further stop only brings its own end nearer. Returns how to stop asking. */
  #askToEnd(running: Running, graceMs: number): Cancel {
    if (running.asked && graceMs > 0) return () => {};
    running.asked = true;
    if (graceMs <= 0) {
      this.#signal(running, 'SIGKILL');
      return () => {};
    }
    let cancel: Cancel = () => {};
    const ask = (steps: readonly StopStep[]): void => {
      const [step, ...rest] = steps;
      if (!step) return this.#signal(running, 'SIGKILL');
      if (step.kind === 'signal') this.#signal(running, step.signal);
      // One that was frozen hears of it only when it goes on.
      this.#signal(running, 'SIGCONT');
      if (step.kind === 'write' && this.write(running.record.id, step.text) !== 'written' && rest.length > 0) return ask(rest);
      if (Number.isFinite(step.waitMs)) cancel = this.#clock.at(this.#clock.now() + step.waitMs, () => ask(rest));
    };
    ask(running.record.stop ?? [{ kind: 'signal', signal: 'SIGTERM', waitMs: Number.POSITIVE_INFINITY }]);
    return () => cancel();
  }

  #signalTo(id: string, signal: Signal): boolean {
    const running = this.#running.get(id);
    if (!running || !this.#lives(running)) return false;
    this.#signal(running, signal);
    return true;
  }

  /** To the whole group: a server may be a script around a server. */
  #signal(running: Running, signal: Signal): void {
    if (this.#running.get(running.record.id) === running && this.#lives(running)) kill(-running.record.pid, signal);
  }

  /** What a server started itself goes with it. No process gets a pid that is still the number of a group. */
  #endGroup(record: ProcessRecord): void {
    if (record.pid > 0 && this.#host.stampOf(record.pid) === undefined) kill(-record.pid, 'SIGKILL');
    if (!record.wholeTree) return;
    for (const pid of this.#host.allByEnv(record.mark)) {
      this.#probe?.event('runner_stray_ended', { id: record.id, pid });
      kill(pid, 'SIGKILL');
    }
  }

  #tell(report: RunnerReport): void {
    if (this.#closed) return;
    for (const watcher of this.#watchers) watcher(report);
  }

  #tellMissed(): void {
    if (this.#closed || this.#watchers.size === 0) return;
    const missed = this.#missed;
    this.#missed = [];
    for (const id of missed) {
      this.#records.remove(id);
      this.#tell({ kind: 'exited', id });
    }
  }

  #schedulePoll(): void {
    this.#cancelPoll = this.#clock.at(this.#clock.now() + limits.pollMs, () => this.#poll());
  }

  #poll(): void {
    this.#cancelPoll = undefined;
    const logsDue = this.#clock.now() >= this.#logsDueMs;
    if (logsDue) this.#logsDueMs = this.#clock.now() + limits.logCheckMs;
    for (const id of this.#groupsLeft) if (this.#running.has(id) || this.#cgroups?.release(id)) this.#groupsLeft.delete(id);
    for (const running of [...this.#running.values()]) {
      if (logsDue) this.#checkLog(running.record);
      if (!this.#lives(running)) this.#exited(running.record, null, null);
    }
    if (this.#running.size + this.#groupsLeft.size > 0 && !this.#closed) this.#schedulePoll();
  }

  #checkLog({ id, logFile, logBytesMax }: ProcessRecord): void {
    try {
      if (cutBack(logFile, logBytesMax)) this.#probe?.count('atlas_server_logs_cut_total', 1);
    } catch (error) {
      this.#probe?.event('runner_log_failed', { id, error: messageOf(error) });
    }
  }
}

type Signal = StopSignal | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

const markName = 'ATLAS_PROCESS';

function intentOf(spec: ServerSpec, startedAtMs: number): ProcessRecord {
  const { id, logFile, logBytesMax = limits.logBytesMax } = spec;
  return {
    id,
    mark: `${markName}=${randomUUID()}`,
    pid: 0,
    stamp: '',
    startedAtMs: Math.floor(startedAtMs),
    logFile,
    logBytesMax,
    ...(spec.console ? { console: true } : {}),
    ...(spec.stop && spec.stop.length > 0 ? { stop: spec.stop } : {}),
    ...(spec.wholeTree ? { wholeTree: true } : {}),
    ...(spec.cleanExits && spec.cleanExits.length > 0 ? { cleanExits: spec.cleanExits } : {}),
  };
}

function envOf(mark: string): Record<string, string> {
  return { [markName]: mark.slice(markName.length + 1) };
}

function kill(pid: number, signal: Signal): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

function wishesOf({ limits: wanted = {} }: ServerSpec): [LimitedResource, number][] {
  return Object.entries(wanted).filter(([, max]) => max !== undefined) as [LimitedResource, number][];
}

/** A program with limits begins when descriptor 3 says so: what it started before it is in its control group would be outside. The process stays the same one. */
function heldBack(program: string, args: readonly string[]): [string, ...string[]] {
  return ['/bin/sh', '-c', 'read -r _ <&3; exec 3<&-; exec "$@"', 'sh', program, ...args];
}

/** Of a program with limits: without, it does not even start. */
const notFound = 'it ended with 127, which is what a shell says of a program that is not there';

function begin(child: ChildProcess): void {
  const held = child.stdio?.[3] as Writable | null | undefined;
  // It may have ended by now.
  held?.on('error', () => {});
  held?.end('\n');
}

function hintFor(spec: ServerSpec, error: Error | undefined): string {
  // The system says "no such file" of the program when it is the directory that is missing.
  return spec.cwd !== undefined && (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
    ? ` (started in ${spec.cwd})`
    : '';
}
