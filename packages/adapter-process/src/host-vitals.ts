/**
 * What the threads of a process and of its children are doing, as Linux tells it: /proc/<pid>/task/<tid>/stat for the state, schedstat for the time on a core and
 * the time in line for one, in nanoseconds. A kernel without schedstat tells CPU time alone, in hundredths of a second.
 */
import type { ServerVitals } from '@horizon-atlas/ports';
import { childrenOf, readOr, statFields, threadsOf } from './proc-files.ts';

type Mutable = { -readonly [K in keyof ServerVitals]: ServerVitals[K] };

/** Undefined: there is no such process. */
export function vitalsOfTree(pid: number): ServerVitals | undefined {
  const { idleMs, machineMs } = machineTimes();
  const sum: Mutable = { doing: 'asleep', ranMs: 0, queuedMs: 0, turns: 0, idleMs, machineMs };
  return addTree(pid, sum) ? sum : undefined;
}

function addTree(pid: number, sum: Mutable): boolean {
  const threads = threadsOf(pid);
  for (const thread of threads) addThread(`/proc/${pid}/task/${thread}`, sum);
  for (const child of childrenOf(pid, threads)) addTree(child, sum);
  return threads.length > 0;
}

function addThread(folder: string, sum: Mutable): void {
  const fields = statFields(folder);
  sum.doing = graver(sum.doing, doingBy[fields[0] ?? ''] ?? 'asleep');
  const [ranNs, queuedNs, turns] = readOr(`${folder}/schedstat`, '').split(' ').map(Number);
  if (ranNs === undefined || queuedNs === undefined || turns === undefined || Number.isNaN(ranNs)) {
    sum.ranMs += 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
    sum.queuedMs = Number.NaN;
    sum.turns = Number.NaN;
    return;
  }
  sum.ranMs += ranNs / 1e6;
  sum.queuedMs += queuedNs / 1e6;
  sum.turns += turns;
}

const doingBy: Readonly<Record<string, ServerVitals['doing']>> = { R: 'runnable', D: 'blocked', T: 'stopped', t: 'stopped' };
const order: readonly ServerVitals['doing'][] = ['asleep', 'blocked', 'runnable', 'stopped'];

function graver(one: ServerVitals['doing'], other: ServerVitals['doing']): ServerVitals['doing'] {
  return order.indexOf(other) > order.indexOf(one) ? other : one;
}

/** The first line of /proc/stat: ticks of user, nice, system, idle, iowait, irq, softirq, steal. */
function machineTimes(): { readonly machineMs: number; readonly idleMs: number } {
  const [, ...ticks] = readOr('/proc/stat', '').split('\n', 1)[0]?.trim().split(/\s+/).map(Number) ?? [];
  const times = ticks.slice(0, 8);
  if (times.length < 5) return { machineMs: Number.NaN, idleMs: Number.NaN };
  return { machineMs: 10 * times.reduce((sum, each) => sum + each, 0), idleMs: 10 * ((times[3] ?? 0) + (times[4] ?? 0)) };
}
