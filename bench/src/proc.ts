/** What Linux tells of processes in /proc: CPU time, parents. Wall time says little on a machine with neighbours. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: 100 on every Linux that Node.js runs on. */
const TICKS_A_SECOND = 100;

/** CPU seconds, user and system, of all threads of a process; NaN if it is gone. */
export function cpuOf(pid: number): number {
  const fields = statOf(pid);
  return fields ? (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND : Number.NaN;
}

/** The same with all living descendants, and children that have ended and were waited for. */
export function cpuOfTree(pid: number): number {
  const own = statOf(pid);
  if (!own) return Number.NaN;
  let sum = 0;
  for (const each of [pid, ...descendantsOf(pid)]) {
    const fields = statOf(each);
    if (fields) sum += Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
  }
  return sum / TICKS_A_SECOND;
}

export function descendantsOf(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const out: number[] = [];
  for (const open = [pid]; open.length > 0; ) {
    const children = childrenOf.get(open.pop() as number) ?? [];
    out.push(...children);
    open.push(...children);
  }
  return out;
}

/** The fields of /proc/PID/stat from the state on: [0] state, [1] parent, [11…14] utime stime cutime cstime. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold spaces and parentheses.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
