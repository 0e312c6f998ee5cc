/**
 * What a server really listens on, as the system tells: /proc/net for the sockets, /proc/<pid>/fd for whose they are. A server that took another port than it was
 * told to, or one that another program has, is found out so. Where there is no /proc, a port counts as bound once it cannot be bound any more.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { GameServerPort } from '@horizon-atlas/protocol';
import { isPortFree } from './port-wishes.ts';

export interface BoundPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

export interface PortCheck {
  /** All that the port's protocol needs. */
  readonly bound: boolean;
  /** What the server listens on instead, where it has taken another port than any that it was given. */
  readonly instead: readonly BoundPort[];
}

/** @param pid the server's; what it started itself counts, too */
export async function checkPort(pid: number, port: GameServerPort, all: readonly GameServerPort[]): Promise<PortCheck> {
  const needs = neededBy(port);
  if (!existsSync('/proc/net')) return { bound: !(await isPortFree(port.host, port.port, port.protocol)), instead: [] };
  const listens = boundBy(pid);
  const has = (each: BoundPort) => listens.some((one) => one.protocol === each.protocol && one.port === each.port);
  if (needs.every(has)) return { bound: true, instead: [] };
  const given = new Set(all.map((each) => each.port));
  // Ports of the dynamic range are for outgoing datagrams, mostly.
  const instead = listens.filter(
    (each) =>
      !given.has(each.port) && needs.some((need) => need.protocol === each.protocol && Math.abs(each.port - need.port) <= 16),
  );
  return { bound: false, instead };
}

function neededBy({ protocol, port }: GameServerPort): BoundPort[] {
  if (protocol === 'tcp+udp')
    return [
      { protocol: 'tcp', port },
      { protocol: 'udp', port },
    ];
  return [{ protocol: protocol === 'udp' ? 'udp' : 'tcp', port }];
}

/** Every port that the process, or one that it started, listens on. */
export function boundBy(pid: number): BoundPort[] {
  const inodes = new Set(treeOf(pid).flatMap(socketsOf));
  if (inodes.size === 0) return [];
  return [...listening('tcp', inodes), ...listening('tcp6', inodes), ...listening('udp', inodes), ...listening('udp6', inodes)];
}

/** Members of its session, and those whose parents lead to it. */
function treeOf(pid: number): number[] {
  const parents = new Map<number, number>();
  const found = new Set<number>([pid]);
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    parents.set(Number(name), Number(fields[1]));
    if (Number(fields[3]) === pid) found.add(Number(name));
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const [child, parent] of parents) {
      if (!found.has(parent) || found.has(child)) continue;
      found.add(child);
      grew = true;
    }
  }
  return [...found];
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(readlinkOr(`${folder}/${fd}`))?.[1] ?? []);
  } catch {
    // It ended, or is another user's.
    return [];
  }
}

function listening(table: 'tcp' | 'tcp6' | 'udp' | 'udp6', inodes: ReadonlySet<string>): BoundPort[] {
  const protocol = table.startsWith('tcp') ? 'tcp' : 'udp';
  // See proc_net_tcp(5): 0A is LISTEN; an unconnected UDP socket is in state 07.
  const state = protocol === 'tcp' ? '0A' : '07';
  return read(`/proc/net/${table}`)
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      if (fields[3] !== state || !inodes.has(fields[9] ?? '')) return [];
      return [{ protocol, port: Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) } as const];
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readlinkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
