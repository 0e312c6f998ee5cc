/** Which cores processes may run on, by `taskset` of util-linux, for figures that are about one of them and not about who waits for whom. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { descendantsOf } from '../proc.ts';

export type Cores = readonly number[];

/** Those that this process may use. */
export function allowedCores(): Cores {
  const [, list = '0'] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** All threads of these processes and of all that they have started. Throws where there is no taskset. */
export function pin(pids: readonly number[], cores: Cores): void {
  for (const pid of pids.flatMap((each) => [each, ...descendantsOf(each)])) {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores.join(','), String(pid)], { stdio: 'ignore' });
  }
}
