import type { Cancel } from './clock.ts';

/** What to run. The id is the caller's; starting the same id twice is one server. */
export interface ServerSpec {
  readonly id: string;
  /** Program and arguments; no shell stands between. */
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where stdout and stderr go: a file that is cut back to its newer half above `logBytesMax`. Default 8 MiB. */
  readonly logFile: string;
  readonly logBytesMax?: number;
  /** It is given a console: what `write` says reaches its standard input, also after a restart of Atlas. Otherwise standard input is at its end. */
  readonly console?: boolean;
  /** How it is asked to end, one after the other; one SIGTERM when absent. */
  readonly stop?: readonly StopStep[];
  /** As which user of this machine it runs; Atlas's own when absent. Others need root. */
  readonly user?: string;
  /** What it started and what left its group for a session of its own is ended with it, too, where the host can tell whose it is. */
  readonly wholeTree?: boolean;
  /** It starts behind everything else that wants the processor, where the host can lift it again: until `hurry`. */
  readonly background?: boolean;
  /** What it may use, with all that it starts. Whether the host holds it to that is told by `limits`. */
  readonly limits?: ServerLimits;
  /** Exit codes beside 0 that are no crash. */
  readonly cleanExits?: readonly number[];
}

/** `cpus`: cores' worth of time. */
export interface ServerLimits {
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly processes?: number;
}

export type LimitedResource = keyof ServerLimits;

/** What became of a limit: the kernel holds the server to it, or nobody does, and why. */
export interface HeldLimit {
  readonly resource: LimitedResource;
  readonly max: number;
  readonly by: 'kernel' | 'nobody';
  readonly why: string;
}

/** One way of asking a server to end, and how long it is waited for before the next. After the last it is killed. */
export type StopStep =
  | { readonly kind: 'write'; readonly text: string; readonly waitMs: number }
  | { readonly kind: 'signal'; readonly signal: StopSignal; readonly waitMs: number };

export const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
export type StopSignal = (typeof stopSignals)[number];

/** `unknown`: no such server runs. `none`: it has no console. `full`: it does not read what it is told. */
export type ConsoleAnswer = 'written' | 'unknown' | 'none' | 'full';

export interface ServerProcess extends ServerUsage {
  readonly id: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Where its output goes. */
  readonly logFile?: string;
}

/** What a server uses, with all that it started itself. */
export interface ServerUsage {
  /** CPU seconds used since the start; NaN where the host does not tell. */
  readonly cpuS: number;
  /** Resident bytes; NaN where the host does not tell. */
  readonly memoryBytes: number;
}

/**
 * What a server's threads are doing, and those of what it started itself, and what they did since their start: for judging one that says nothing.
 * NaN where the host does not tell.
 */
export interface ServerVitals {
  /**
   * `stopped`: stands still by a signal, or in a debugger. `runnable`: a thread is on a core, or in line for one. `blocked`: none is, and one waits for a disk.
   * `asleep`: all wait for something to happen.
   */
  readonly doing: 'stopped' | 'runnable' | 'blocked' | 'asleep';
  /** On a core, and in line for one. What is under way may be missing. */
  readonly ranMs: number;
  readonly queuedMs: number;
  /** How often a thread was given a core. */
  readonly turns: number;
  /** CPU time of all cores of the machine, and the part of it that nobody wanted. */
  readonly machineMs: number;
  readonly idleMs: number;
}

export type RunnerReport =
  | { readonly kind: 'started'; readonly id: string; readonly pid: number }
  /** It ended, for whatever reason; exactly one of the two is set, none if nobody saw how (after a re-adoption). */
  | {
      readonly kind: 'exited';
      readonly id: string;
      readonly exitCode?: number;
      readonly signal?: string;
      /** Its spec calls this exit code no crash. */
      readonly clean?: boolean;
      /** What the host knows of its end beyond that: a limit that it went over. */
      readonly why?: string;
    }
  /** It could not be started at all: no such file, no permission, out of processes. */
  | { readonly kind: 'failed'; readonly id: string; readonly message: string };

/** Starts and stops game servers. What it started goes on running when Atlas dies, and is found again at the next start. */
export interface Runner {
  /** Resolves when the process exists or has failed to; the outcome also comes as a report. */
  start(spec: ServerSpec): Promise<RunnerReport>;
  /**
   * Asks to end (by the steps of its spec), then after `graceMs` or the last step's wait ends it (SIGKILL); with 0 at once, without asking. A frozen server
   * goes on first. Resolves when it is gone. Unknown ids are gone already.
   */
  stop(id: string, graceMs: number): Promise<void>;
  /** Text for its console, as typed: with its newline. At most 4096 bytes of UTF-8 go in whole or not at all. */
  write(id: string, text: string): ConsoleAnswer;
  /** Stops it where it stands: it keeps its memory and ports, and uses no CPU time. False: no such server runs. */
  freeze(id: string): boolean;
  /** Lets it go on. */
  thaw(id: string): boolean;
  /** One that was started in the background, and whatever it has started, is like all others from now on. Absent: the host cannot do that. */
  hurry?(id: string): void;
  /** Everything that runs now, re-adopted processes included. */
  list(): Promise<readonly ServerProcess[]>;
  /** Of one server, which costs a look at one; undefined: it does not run. */
  usage(id: string): ServerUsage | undefined;
  /** Of one server, which costs a look at each of its threads; undefined: it does not run, or the host does not tell. */
  vitals(id: string): ServerVitals | undefined;
  /** Of each limit of its spec, whether it is one; empty for who has none, or does not run. */
  limits(id: string): readonly HeldLimit[];
  /** Reports from now on. A vanished server is always reported, once. */
  watch(fn: (report: RunnerReport) => void): Cancel;
  /** Stop watching and reading logs; the servers go on running. */
  close(): Promise<void>;
}
