/**
 * Control groups of Linux, by which the kernel holds a server to its limits: one group a server, below the group that Atlas itself runs in. By version 2 where its controllers
 * are there and are ours to give on, by version 1 where a machine still has those; elsewhere by nothing, and why is told.
 */
import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LimitedResource, ServerLimits } from '@horizon-atlas/ports';
import { readOr } from './proc-files.ts';

/** What the kernel can hold a server to here. */
export interface Cgroups {
  /** '' where it can; otherwise why not. */
  lacks(resource: LimitedResource): string;
  /** Makes the server's group, puts the process into it, and says what could not be done, by resource. */
  hold(id: string, pid: number, limits: ServerLimits): ReadonlyMap<LimitedResource, string>;
  /** Whether the kernel ended a process of the group for its memory. */
  memoryExceeded(id: string): boolean;
  /** Its group goes, once no process is in it. False: there still is one. */
  release(id: string): boolean;
}

interface Host {
  /** Where control groups are mounted. */
  readonly root: string;
  /** As /proc/self/cgroup. */
  readonly own: string;
  readonly pid: number;
  /** Told by a mark in the environment: of Atlas's own processes, which may be moved. */
  readonly ours: (pid: number) => boolean;
}

const resources = ['cpus', 'memoryBytes', 'processes'] as const;
const controllerOf: Readonly<Record<LimitedResource, string>> = { cpus: 'cpu', memoryBytes: 'memory', processes: 'pids' };
/** The kernel's usual period, µs. */
const PERIOD_US = 100_000;

/** `look`: nothing is changed, for who only wants to know what is lacking. */
export function cgroupsHere(look = false): Cgroups {
  const own = readOr('/proc/self/cgroup', '');
  const ours = (pid: number) =>
    pid === process.pid ||
    pid === process.ppid ||
    /(^|\0)ATLAS_(PROCESS|CONTROL|SERVER_ID)=/.test(readOr(`/proc/${pid}/environ`, ''));
  return makeCgroups({ root: '/sys/fs/cgroup', own, pid: process.pid, ours }, look);
}

export function makeCgroups(host: Host, look = false): Cgroups {
  if (process.platform !== 'linux' || host.own === '') return new Groups(new Map(), () => 'this machine has no control groups');
  const unified = /^0::(.*)$/m.exec(host.own)?.[1];
  const second = unified === undefined ? '' : join(host.root, unified);
  const given = second === '' ? [] : words(readOr(join(second, 'cgroup.controllers'), ''));
  const places = new Map<LimitedResource, Place>();
  let why = '';
  if (resources.some((each) => given.includes(controllerOf[each]))) {
    why = giveOn(host, second, given, look);
    if (why === '')
      for (const each of resources) if (given.includes(controllerOf[each])) places.set(each, { version: 2, folder: second });
  }
  for (const each of resources) {
    if (places.has(each)) continue;
    const path = new RegExp(`^\\d+:(?:[\\w,=]*,)?${controllerOf[each]}(?:,[\\w,=]*)?:(.*)$`, 'm').exec(host.own)?.[1];
    if (path !== undefined) places.set(each, { version: 1, folder: join(host.root, controllerOf[each], path) });
  }
  return new Groups(
    places,
    (each) => why || `the controller ${controllerOf[each]} is not given to the control group that Atlas runs in`,
  );
}

interface Place {
  readonly version: 1 | 2;
  readonly folder: string;
}

class Groups implements Cgroups {
  readonly #places: ReadonlyMap<LimitedResource, Place>;
  readonly #why: (resource: LimitedResource) => string;

  constructor(places: ReadonlyMap<LimitedResource, Place>, why: (resource: LimitedResource) => string) {
    this.#places = places;
    this.#why = why;
  }

  lacks(resource: LimitedResource): string {
    const place = this.#places.get(resource);
    if (!place) return this.#why(resource);
    try {
      // The file system may be read-only, as in most containers.
      accessSync(place.folder, constants.W_OK);
      return '';
    } catch (error) {
      return `no group can be made in ${place.folder}: ${messageOf(error)}`;
    }
  }

  hold(id: string, pid: number, limits: ServerLimits): ReadonlyMap<LimitedResource, string> {
    const failed = new Map<LimitedResource, string>();
    for (const resource of resources) {
      const max = limits[resource];
      if (max === undefined) continue;
      const place = this.#places.get(resource);
      if (!place) {
        failed.set(resource, this.#why(resource));
        continue;
      }
      const folder = groupOf(place, id);
      try {
        mkdirSync(folder, { recursive: true });
        for (const [file, text] of filesOf(place.version, resource, max)) writeFileSync(join(folder, file), text);
        writeFileSync(join(folder, 'cgroup.procs'), String(pid));
      } catch (error) {
        failed.set(resource, `${folder}: ${messageOf(error)}`);
      }
    }
    return failed;
  }

  memoryExceeded(id: string): boolean {
    const place = this.#places.get('memoryBytes');
    if (!place) return false;
    const file = place.version === 2 ? 'memory.events' : 'memory.oom_control';
    return Number(/^oom_kill (\d+)$/m.exec(readOr(join(groupOf(place, id), file), ''))?.[1] ?? 0) > 0;
  }

  release(id: string): boolean {
    let all = true;
    for (const place of this.#places.values()) {
      try {
        rmdirSync(groupOf(place, id));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EBUSY') all = false;
      }
    }
    return all;
  }
}

/** Version 2: controllers are given on to groups below, which needs that no process is in this one. Only Atlas's own are moved, into a group beside the servers'. */
function giveOn({ pid, ours }: Host, folder: string, given: readonly string[], look: boolean): string {
  const control = join(folder, 'cgroup.subtree_control');
  const wanted = Object.values(controllerOf).filter((name) => given.includes(name));
  const have = words(readOr(control, ''));
  if (wanted.every((name) => have.includes(name))) return '';
  const give = () => writeFileSync(control, wanted.map((name) => `+${name}`).join(' '));
  try {
    if (!look) {
      give();
      return '';
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY')
      return `controllers cannot be given on in ${folder}: ${messageOf(error)}`;
  }
  const inside = words(readOr(join(folder, 'cgroup.procs'), '')).map(Number);
  const strangers = inside.filter((each) => each !== pid && !ours(each));
  if (strangers.length > 0)
    return `other processes (${strangers.slice(0, 3).join(', ')}) are in Atlas's control group ${folder}: run Atlas as a service of its own, with Delegate=yes`;
  if (look) return '';
  try {
    const own = join(folder, 'atlas');
    mkdirSync(own, { recursive: true });
    for (const each of inside) writeFileSync(join(own, 'cgroup.procs'), String(each));
    give();
    return '';
  } catch (error) {
    return `controllers cannot be given on in ${folder}: ${messageOf(error)}`;
  }
}

function filesOf(version: 1 | 2, resource: LimitedResource, max: number): readonly (readonly [string, string])[] {
  const quota = Math.max(1000, Math.round(max * PERIOD_US));
  switch (resource) {
    case 'cpus':
      if (version === 2) return [['cpu.max', `${quota} ${PERIOD_US}`]];
      return [
        ['cpu.cfs_period_us', String(PERIOD_US)],
        ['cpu.cfs_quota_us', String(quota)],
      ];
    case 'memoryBytes':
      return version === 2
        ? [
            ['memory.max', String(max)],
            // All of a server, or nothing of it.
            ['memory.oom.group', '1'],
          ]
        : [['memory.limit_in_bytes', String(max)]];
    case 'processes':
      return [['pids.max', String(max)]];
  }
}

function groupOf({ folder }: Place, id: string): string {
  return join(folder, `atlas-${encodeURIComponent(id)}`);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
