/** What Linux tells of processes and their threads in files that it makes up when they are read: see proc(5). Elsewhere there are none. */
import { readdirSync, readFileSync } from 'node:fs';

/** The file's text, or `otherwise` where it cannot be read: in /proc and /sys what was there a moment ago may be gone. */
export function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

/**
 * The file `stat` of a process, or of a thread, from its state on. proc(5) counts fields from 1: its field n is [n − 3] here, since the second one, the program's name,
 * may hold spaces and parentheses of its own. Hardly any: there is no such process.
 */
export function statFields(folder: string): string[] {
  const text = readOr(`${folder}/stat`, '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Ids of a process's threads, the first one included; none: there is no such process. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** What these threads of it have started. */
export function childrenOf(pid: number, threads: readonly number[] = threadsOf(pid)): number[] {
  return threads.flatMap((thread) =>
    readOr(`/proc/${pid}/task/${thread}/children`, '')
      .split(' ')
      .flatMap((child) => (child.trim() === '' ? [] : [Number(child)])),
  );
}
