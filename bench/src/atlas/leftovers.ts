/** Ends what a data directory's records say was started, and nothing else: a pid alone does not tell whose process it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDir, holderOf } from '@horizon-atlas/atlas';

interface Marked {
  readonly pid: number;
  /** `name=value` in the environment of this process and of no other. */
  readonly mark: string;
}

/** Synchronous, for the last moment of a process. The control plane goes first: it would start the others again. */
export function killLeftovers(dir: DataDir): void {
  kill(holderOf(dir)?.pid ?? 0);
  for (const folder of ['processes', 'companions', 'matches']) {
    for (const { pid, mark } of records(join(dir.run, folder))) if (isMarked(pid, mark)) kill(pid);
  }
}

function records(folder: string): Marked[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Marked);
  } catch {
    return [];
  }
}

function isMarked(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  if (pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
