/** Game servers as processes of this host. */

export { type Cgroups, cgroupsHere, makeCgroups } from './cgroups.ts';
export { type HostProcesses, hostProcesses, procProcesses, psProcesses } from './host-processes.ts';
export { type HostUser, hostUser } from './host-users.ts';
export { limits } from './limits.ts';
export { makeProcessRunner, type ProcessRunnerOptions } from './process-runner.ts';
