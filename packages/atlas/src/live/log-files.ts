/**
 * What processes print, as the runner keeps it in files: the last lines, and lines as they are printed. Reads are bounded, and a file that is
 * cut back, replaced or removed while somebody follows it costs no more than the lines that went with it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import type { LogLine, LogSource, Outcome } from '@horizon-atlas/control';
import type { Cancel, Clock, Runner } from '@horizon-atlas/ports';
import { LineCutter, lineOf } from './log-text.ts';

export const logLimits = {
  /** Read of the end of a file for its last lines; fewer lines are shown if these are longer. */
  tailBytes: 1024 * 1024,
  lines: 10_000,
  /** Between two looks at a file that somebody follows, ms. */
  lookMs: 250,
  /** Read at one look; who prints more for long is skipped ahead, and a line says so. */
  lookBytes: 256 * 1024,
  behindBytes: 2 * 1024 * 1024,
  /** Processes that have ended, of which the file is remembered. */
  remembered: 1_000,
} as const;

const unknown = {
  ok: false,
  code: 'PROCESS_UNKNOWN',
  message: 'no game server or gateway of that id runs, or ran lately; list them for their ids',
} as const;

export class LogFiles implements LogSource {
  readonly #clock: Clock;
  /** By process, the latest last. */
  readonly #files = new Map<string, string>();
  readonly #running = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Learns from the runner what runs, and where it writes to. */
  async watch(runner: Runner): Promise<Runner> {
    runner.watch((report) => {
      if (report.kind === 'started') this.#running.add(report.id);
      else this.#running.delete(report.id);
    });
    for (const { id, logFile } of await runner.list()) {
      if (logFile !== undefined) this.#remember(id, logFile);
      this.#running.add(id);
    }
    return {
      start: (spec) => {
        this.#remember(spec.id, spec.logFile);
        return runner.start(spec);
      },
      stop: (id, graceMs) => runner.stop(id, graceMs),
      write: (id, text) => runner.write(id, text),
      freeze: (id) => runner.freeze(id),
      thaw: (id) => runner.thaw(id),
      hurry: (id) => runner.hurry?.(id),
      list: () => runner.list(),
      usage: (id) => runner.usage(id),
      vitals: (id) => runner.vitals(id),
      limits: (id) => runner.limits(id),
      watch: (fn) => runner.watch(fn),
      close: () => runner.close(),
    };
  }

  async tail(process: string, lines: number): Promise<Outcome<{ readonly lines: readonly LogLine[] }>> {
    const path = this.#files.get(process);
    if (path === undefined) return unknown;
    return { ok: true, lines: await lastLines(path, Math.min(lines, logLimits.lines)) };
  }

  follow(process: string, onLine: (line: LogLine) => void, ended: () => void): () => void {
    const path = this.#files.get(process);
    let cancelled = false;
    let cancel: Cancel = () => {};
    if (path === undefined) {
      cancel = this.#clock.at(this.#clock.now(), ended);
      return () => cancel();
    }
    const file = new Followed(path);
    const look = async () => {
      const runs = this.#running.has(process);
      const lines = await file.look();
      if (cancelled) return;
      for (const line of lines) onLine(line);
      if (runs || file.behind) {
        cancel = this.#clock.at(this.#clock.now() + logLimits.lookMs, () => void look());
        return;
      }
      for (const line of file.rest()) onLine(line);
      ended();
    };
    void look();
    return () => {
      cancelled = true;
      cancel();
    };
  }

  #remember(id: string, path: string): void {
    this.#files.delete(id);
    this.#files.set(id, path);
    if (this.#files.size <= logLimits.remembered) return;
    for (const oldest of this.#files.keys()) {
      if (this.#running.has(oldest)) continue;
      this.#files.delete(oldest);
      return;
    }
  }
}

async function lastLines(path: string, count: number): Promise<LogLine[]> {
  const file = await openOrNot(path);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - logLimits.tailBytes);
    let bytes = await readAt(file, from, size - from);
    // Half a line at the front would mislead.
    if (from > 0) bytes = bytes.subarray(bytes.indexOf(10) + 1);
    const cutter = new LineCutter();
    const lines = cutter.push(bytes);
    return [...lines, ...cutter.end()].slice(-count);
  } finally {
    await file.close();
  }
}

/** One file, from its present end on. */
class Followed {
  readonly #path: string;
  #cutter = new LineCutter();
  /** undefined: not looked at yet. */
  #at: number | undefined;
  #inode = 0;
  behind = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** What has been printed since the last look. */
  async look(): Promise<LogLine[]> {
    const file = await openOrNot(this.#path);
    this.behind = false;
    if (!file) return [];
    try {
      const { size, ino } = await file.stat();
      const notes: LogLine[] = [];
      if (this.#at === undefined) this.#at = size;
      else if (ino !== this.#inode) this.#begin(0);
      else if (size < this.#at) {
        // Its newer half was moved to the front: what is there has been shown.
        notes.push(lineOf('… the log was cut back; lines may be missing here'));
        this.#begin(size);
      } else if (size - this.#at > logLimits.behindBytes) {
        notes.push(lineOf(`… ${size - this.#at - logLimits.lookBytes} bytes are left out: too much is printed to follow`));
        this.#begin(size - logLimits.lookBytes);
      }
      this.#inode = ino;
      const bytes = await readAt(file, this.#at, Math.min(size - this.#at, logLimits.lookBytes));
      this.#at += bytes.length;
      this.behind = this.#at < size && bytes.length > 0;
      return [...notes, ...this.#cutter.push(bytes)];
    } finally {
      await file.close();
    }
  }

  rest(): LogLine[] {
    return this.#cutter.end();
  }

  #begin(at: number): void {
    this.#at = at;
    this.#cutter = new LineCutter();
  }
}

async function openOrNot(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch {
    // Not there yet, or not any more.
    return undefined;
  }
}

/** May be shorter: the file was cut meanwhile. */
async function readAt(file: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, length));
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}
