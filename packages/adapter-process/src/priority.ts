/**
 * Processes behind all others, for a while. Linux gives a priority to each thread, new ones have that of whoever makes them, and only who has
 * CAP_SYS_NICE may lift one again (root has it, though not in every container): without it nothing is lowered, since it would stay so.
 */
import { getPriority, setPriority } from 'node:os';
import { childrenOf, readOr, threadsOf } from './proc-files.ts';

/** As much below Atlas itself: whoever else wants the processor gets nine tenths of it. */
const below = 10;
const lowest = 19;
const CAP_SYS_NICE = 23n;

let known: boolean | undefined;

/** Of a process that has one thread. */
export function lower(pid: number): void {
  if (mayLift()) set(pid, Math.min(lowest, getPriority() + below));
}

/** With its threads, and what it started. One that was never lowered is left alone. */
export function lift(pid: number): void {
  const own = getPriority();
  if (mayLift() && priorityOf(pid) > own) liftTree(pid, own);
}

function mayLift(): boolean {
  known ??= hasCapability(readOr('/proc/self/status', ''));
  return known;
}

function liftTree(pid: number, to: number): void {
  // Its first thread first: threads that it makes meanwhile are like it.
  set(pid, to);
  for (const thread of threadsOf(pid)) if (thread !== pid) set(thread, to);
  for (const child of childrenOf(pid)) liftTree(child, to);
}

export function hasCapability(status: string): boolean {
  const found = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return found !== undefined && ((BigInt(`0x${found}`) >> CAP_SYS_NICE) & 1n) === 1n;
}

function priorityOf(pid: number): number {
  try {
    return getPriority(pid);
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

function set(pid: number, priority: number): void {
  try {
    setPriority(pid, priority);
  } catch {
    // It has ended.
  }
}
