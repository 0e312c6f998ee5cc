/**
 * What the host tells about processes, above all *which* process a pid stands for: pids are reused, so a process is named by
 * its pid and a stamp that no other process with that pid ever has (boot id and start time in clock ticks).
 *
 * Linux tells by /proc. Elsewhere `ps` tells the start time, to the second; CPU and memory are NaN there, and a process whose
 * start was interrupted before its pid was written down is not found again.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import type { ServerVitals } from '@horizon-atlas/ports';
import { vitalsOfTree } from './host-vitals.ts';
import { childrenOf, readOr, statFields } from './proc-files.ts';

export interface HostProcesses {
  /** The stamp of the process that has this pid now; undefined: none has, or it has ended and only waits to be reaped. */
  stampOf(pid: number): string | undefined;
  /** CPU seconds since its start, and resident bytes; with its children and theirs, as a server may be a script around a server. */
  usageOf(pid: number): { readonly cpuS: number; readonly memoryBytes: number };
  /** Of its threads, and those of its children and theirs; absent: the host does not tell. */
  vitalsOf?(pid: number): ServerVitals | undefined;
  /** The leader of its session that was started with this text as `name=value` in its environment. */
  findByEnv(entry: string): number | undefined;
  /** Every process with it, in whatever session; none where the host does not tell. */
  allByEnv(entry: string): number[];
}

export function hostProcesses(): HostProcesses {
  return existsSync('/proc/self/stat') ? procProcesses() : psProcesses();
}

/** Linux: see proc(5). */
export function procProcesses(): HostProcesses {
  const boot = readOr('/proc/sys/kernel/random/boot_id', 'unknown').trim();
  return {
    stampOf(pid) {
      const stat = statOf(pid);
      return stat === undefined || stat.ended ? undefined : `${boot}:${stat.startTicks}`;
    },
    usageOf: usageOfTree,
    vitalsOf: vitalsOfTree,
    // The children of a server inherit its environment, but only the server itself leads the session.
    findByEnv: (entry) => withEnv(entry).find((pid) => statOf(pid)?.session === pid),
    allByEnv: withEnv,
  };
}

function usageOfTree(pid: number): { readonly cpuS: number; readonly memoryBytes: number } {
  const stat = statOf(pid);
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readOr(`/proc/${pid}/status`, ''));
  // The kernel's clock tick in what it tells user space is 1/100 s on every architecture.
  let cpuS = stat ? stat.cpuTicks / 100 : Number.NaN;
  let memoryBytes = rss ? Number(rss[1]) * 1024 : Number.NaN;
  // Those that its first thread started: a script has no other, and to look at each of a server's threads would cost more than it tells.
  for (const child of childrenOf(pid, [pid])) {
    const used = usageOfTree(child);
    // One that ended just now.
    if (Number.isNaN(used.memoryBytes)) continue;
    cpuS += used.cpuS;
    memoryBytes += used.memoryBytes;
  }
  return { cpuS, memoryBytes };
}

/** Any other Unix. Asking `ps` costs a process: between two answers, that the pid exists at all has to do. */
export function psProcesses(): HostProcesses {
  const asked = new Map<number, { readonly stamp: string; readonly atMs: number }>();
  return {
    stampOf(pid) {
      const known = asked.get(pid);
      if (known && performance.now() - known.atMs < 5000 && exists(pid)) return known.stamp;
      const stamp = askPs(pid);
      if (stamp === undefined) asked.delete(pid);
      else asked.set(pid, { stamp, atMs: performance.now() });
      return stamp;
    },
    usageOf: () => ({ cpuS: Number.NaN, memoryBytes: Number.NaN }),
    findByEnv: () => undefined,
    allByEnv: () => [],
  };
}

function withEnv(entry: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid) || !readOr(`/proc/${pid}/environ`, '').split('\0').includes(entry)) return false;
      const stat = statOf(pid);
      return stat !== undefined && !stat.ended;
    });
}

function askPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
    }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '').replace(/\s+/g, ' ');
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Stat {
  readonly ended: boolean;
  readonly session: number;
  readonly cpuTicks: number;
  readonly startTicks: string;
}

function statOf(pid: number): Stat | undefined {
  const fields = statFields(`/proc/${pid}`);
  if (fields.length < 20) return undefined;
  return {
    ended: fields[0] === 'Z' || fields[0] === 'X',
    session: Number(fields[3]),
    // Its own, and those of children that have ended.
    cpuTicks: [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0),
    startTicks: fields[19] as string,
  };
}
