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
}

export interface ServerProcess {
  readonly id: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** CPU seconds used since the start; NaN where the host does not tell. */
  readonly cpuS: number;
  /** Resident bytes; NaN where the host does not tell. */
  readonly memoryBytes: number;
  /** Where its output goes. */
  readonly logFile?: string;
}

export type RunnerReport =
  | { readonly kind: 'started'; readonly id: string; readonly pid: number }
  /** It ended, for whatever reason; exactly one of the two is set, none if nobody saw how (after a re-adoption). */
  | { readonly kind: 'exited'; readonly id: string; readonly exitCode?: number; readonly signal?: string }
  /** It could not be started at all: no such file, no permission, out of processes. */
  | { readonly kind: 'failed'; readonly id: string; readonly message: string };

/** Starts and stops game servers. What it started goes on running when Atlas dies, and is found again at the next start. */
export interface Runner {
  /** Resolves when the process exists or has failed to; the outcome also comes as a report. */
  start(spec: ServerSpec): Promise<RunnerReport>;
  /** Asks to end (SIGTERM), then after `graceMs` ends it (SIGKILL); with 0 at once, without asking. Resolves when it is gone. Unknown ids are gone already. */
  stop(id: string, graceMs: number): Promise<void>;
  /** Everything that runs now, re-adopted processes included. */
  list(): Promise<readonly ServerProcess[]>;
  /** Reports from now on. A vanished server is always reported, once. */
  watch(fn: (report: RunnerReport) => void): Cancel;
  /** Stop watching and reading logs; the servers go on running. */
  close(): Promise<void>;
}
