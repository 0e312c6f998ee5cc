/**
 * What a new Atlas makes of the records, processes and allocations of the one before it.
 *
 *   record and process ──▶ goes on as recorded        process alone ──▶ an orphan: ended
 *   record alone ──▶ over, unless it sleeps           allocation of a server that is no more ──▶ its session has died
 *
 * A fleet that the configuration does not know any more keeps what somebody has, until it is released, and nothing else.
 */
import type { ServerProcess, StoreRecord } from '@horizon-atlas/ports';
import type { AllocationRecord } from '@horizon-atlas/protocol';
import { defaultGameServerPolicy } from '../core/game-servers/policy.ts';
import { entryOf, readRecord, type Times } from './entries.ts';
import type { Entry, Roster } from './roster.ts';
import type { FleetSettings } from './settings.ts';

export interface Adopted {
  readonly entries: readonly Entry[];
  /** Ids of processes to end. */
  readonly orphans: readonly string[];
  /** Keys of records to delete. */
  readonly unreadable: readonly string[];
  /** Requests whose server is gone. */
  readonly lost: readonly string[];
}

export function findAdopted(
  records: readonly StoreRecord[],
  processes: readonly ServerProcess[],
  held: ReadonlyMap<string, readonly AllocationRecord[]>,
  roster: Roster,
  times: Times,
): Adopted {
  const running = new Map(processes.map((process) => [process.id, process]));
  const entries: Entry[] = [];
  const unreadable: string[] = [];
  for (const { key, value } of records) {
    const record = readRecord(value);
    const process = record && running.get(record.server);
    if (!record || (!process && record.state !== 'asleep')) {
      unreadable.push(key);
      continue;
    }
    const fleet = roster.fleets.get(record.fleet) ?? roster.addFleet(formerFleet(record.fleet), defaultGameServerPolicy, true);
    const allocations = held.get(record.server) ?? [];
    const holders = {
      requestIds: allocations.map(({ requestId }) => requestId),
      active: allocations.some(({ state }) => state === 'active'),
      counted: allocations.filter(({ counted }) => counted).length,
    };
    entries.push(entryOf(record, fleet, process?.pid ?? 0, holders, times));
  }
  const kept = new Set(entries.map(({ id }) => id));
  return {
    entries,
    orphans: [...running.keys()].filter((id) => !kept.has(id)),
    unreadable,
    lost: [...held].flatMap(([server, allocations]) => (kept.has(server) ? [] : allocations.map(({ requestId }) => requestId))),
  };
}

function formerFleet(name: string): FleetSettings {
  return {
    name,
    version: '',
    program: {
      ports: [],
      host: '',
      launch: () => Promise.reject(new Error('the configuration does not know this fleet any more')),
    },
    sites: [],
    labels: {},
    annotations: {},
    counters: {},
    lists: {},
    scaling: { min: 0, max: 0 },
    sessionsPerServer: 1,
    policy: {},
  };
}
