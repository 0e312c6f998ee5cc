/**
 * One small file a process, by which a restarted Atlas finds again what an earlier one started.
 *
 * A record is written before the process exists, with a mark that the process then carries in its environment, and again when
 * its pid is known; so there is no moment at which a process runs that no record leads to. Files appear by rename, whole or not
 * at all. They are not synced to the disk: what they name does not survive a power failure either.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HeldLimit, StopStep } from '@horizon-atlas/ports';

export interface ProcessRecord {
  readonly id: string;
  /** `name=value` in the environment of this process and of no other. */
  readonly mark: string;
  /** 0: about to be started. */
  readonly pid: number;
  /** See host-processes.ts; empty while the pid is 0. */
  readonly stamp: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly logFile: string;
  readonly logBytesMax: number;
  /** The rest is left out by earlier releases, and by servers that need none of it. */
  readonly console?: boolean;
  readonly stop?: readonly StopStep[];
  readonly wholeTree?: boolean;
  /** What became of its limits when it was started. */
  readonly limits?: readonly HeldLimit[];
  readonly cleanExits?: readonly number[];
}

export class ProcessRecords {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  /** Throws if the disk does not take it. */
  write(record: ProcessRecord): void {
    const path = this.#pathOf(record.id);
    writeFileSync(`${path}.new`, JSON.stringify(record));
    renameSync(`${path}.new`, path);
  }

  remove(id: string): void {
    rmSync(this.#pathOf(id), { force: true });
    rmSync(this.consoleOf(id), { force: true });
  }

  /** All readable ones; a damaged file, which only a power failure can leave, is removed. */
  read(): ProcessRecord[] {
    const records: ProcessRecord[] = [];
    for (const name of readdirSync(this.#dir)) {
      const path = join(this.#dir, name);
      const record = name.endsWith('.json') ? parse(readFileSync(path, 'utf8')) : undefined;
      if (record) records.push(record);
      else if (/\.json(\.new)?$/.test(name)) rmSync(path, { force: true });
    }
    return records;
  }

  /** Of its console's pipe, if it has one. */
  consoleOf(id: string): string {
    return join(this.#dir, `${encodeURIComponent(id)}.console`);
  }

  #pathOf(id: string): string {
    return join(this.#dir, `${encodeURIComponent(id)}.json`);
  }
}

function parse(text: string): ProcessRecord | undefined {
  try {
    const { id, mark, pid, stamp, startedAtMs, logFile, logBytesMax, console, stop, wholeTree, limits, cleanExits } = JSON.parse(
      text,
    ) as ProcessRecord;
    const strings = [id, mark, stamp, logFile].every((each) => typeof each === 'string');
    const numbers = [pid, startedAtMs, logBytesMax].every((each) => Number.isSafeInteger(each) && each >= 0);
    if (!strings || !numbers) return undefined;
    const more = { ...(console ? { console } : {}), ...(stop ? { stop } : {}), ...(wholeTree ? { wholeTree: true } : {}) };
    const bounds = { ...(limits ? { limits } : {}), ...(cleanExits ? { cleanExits } : {}) };
    return { id, mark, pid, stamp, startedAtMs, logFile, logBytesMax, ...more, ...bounds };
  } catch {
    return undefined;
  }
}
