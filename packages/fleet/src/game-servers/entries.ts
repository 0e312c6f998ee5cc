/** A game server between its forms: as it is started, as the Store has it, as the next Atlas finds it, and as allocation sees it. */
import { decodeRecord, encodeRecord, GameServerRecord, type GameServerState } from '@horizon-atlas/protocol';
import type { GameServer } from '../core/allocation/game-server.ts';
import { allocatability, born, type GameServerLife } from '../core/game-servers/game-server-life.ts';
import type { Properties } from '../core/game-servers/properties.ts';
import { type Entry, type FleetState, sitesOf } from './roster.ts';
import { type GameServerLaunch, labelNames, sessionsCounter } from './settings.ts';

export function newEntry(
  id: string,
  fleet: FleetState,
  site: string,
  nowMs: number,
  wallMs: number,
  version = fleet.rollout.target,
): Entry {
  const { settings } = fleet;
  const { labels, annotations, counters, lists, sessionsPerServer } = settings;
  const sessions: Properties['counters'] =
    sessionsPerServer > 1 ? { [sessionsCounter]: { count: 0, capacity: sessionsPerServer } } : {};
  return {
    id,
    fleet,
    version,
    site,
    life: born(nowMs),
    props: {
      labels: { ...labels, ...ownLabels(settings.name, site, version) },
      annotations,
      counters: { ...counters, ...sessions },
      lists,
      players: undefined,
    },
    ports: [],
    sinceAtMs: wallMs,
    startedAtMs: 0,
    readyAtMs: 0,
    alarmMs: Number.POSITIVE_INFINITY,
    strangers: new Set(),
    former: new Map(),
    detach: () => {},
    stopGraceMs: undefined,
    stopping: undefined,
    spare: false,
    view: undefined,
  };
}

function ownLabels(fleet: string, site: string, version: string): Record<string, string> {
  return { [labelNames.fleet]: fleet, [labelNames.site]: site, [labelNames.version]: version };
}

export function launchOf({ id, fleet, version, site, ports, spare }: Entry): GameServerLaunch {
  return { id, fleet: fleet.settings.name, version, site, ports, spare };
}

/** Where a fleet's next server goes: where the fewest are. */
export function siteFor(fleet: FleetState): string {
  const used = (site: string) => fleet.sites.get(site) ?? 0;
  const sites = sitesOf(fleet);
  return sites.reduce((best, site) => (used(site) < used(best) ? site : best), sites[0] ?? '');
}

export function toldOf({ id, fleet, site, life, props }: Entry): GameServer {
  const { labels, counters, lists } = props;
  return {
    id,
    fleet: fleet.settings.name,
    state: allocatability(life),
    labels,
    counters,
    lists,
    node: site,
    sinceMs: life.sinceMs,
  };
}

const recorded: Readonly<Record<GameServerState, GameServerRecord['state']>> = {
  Scheduled: 'starting',
  Starting: 'starting',
  Warming: 'starting',
  Ready: 'ready',
  Allocated: 'ready',
  Activating: 'ready',
  Active: 'ready',
  Reserved: 'reserved',
  Draining: 'draining',
  Maintaining: 'maintaining',
  Sleeping: 'asleep',
  Unhealthy: 'ending',
  Error: 'ending',
  Shutdown: 'ending',
};

/** Running time as wall-clock time. */
export interface Times {
  readonly nowMs: number;
  readonly wallMs: number;
}

export function recordOf(entry: Entry, { nowMs, wallMs }: Times): Uint8Array {
  const { id, fleet, version, site, life, props, ports } = entry;
  const until = life.state === 'Reserved' && life.untilMs < Number.POSITIVE_INFINITY ? wallMs + life.untilMs - nowMs : 0;
  return encodeRecord(GameServerRecord, {
    server: id,
    fleet: fleet.settings.name,
    version,
    site,
    state: life.state === 'Sleeping' && life.asleep === 'frozen' ? 'frozen' : recorded[life.state],
    startedAtMs: Math.floor(entry.startedAtMs),
    readyAtMs: Math.floor(entry.readyAtMs),
    untilMs: Math.max(0, Math.floor(until)),
    linked: life.linked,
    pushes: !Number.isNaN(life.healthMs),
    wish: life.wish,
    tookItself: life.tookItself,
    why: life.why.slice(0, 256),
    ports: ports.map((port) => ({ ...port, protocol: port.protocol === 'tcp+udp' ? 'both' : port.protocol })),
    labels: Object.entries(props.labels).map(([key, value]) => ({ key, value })),
    annotations: Object.entries(props.annotations).map(([key, value]) => ({ key, value })),
    counters: Object.entries(props.counters).map(([name, counter]) => ({ name, ...counter })),
    lists: Object.entries(props.lists).map(([name, { capacity, values }]) => ({ name, capacity, values: [...values] })),
  });
}

export function readRecord(value: Uint8Array): GameServerRecord | undefined {
  return decodeRecord(GameServerRecord, value);
}

/** Who holds it, by the allocations. */
export interface Holders {
  readonly requestIds: readonly string[];
  /** Players have come to at least one of them. */
  readonly active: boolean;
  /** So many of them are counted as sessions. */
  readonly counted: number;
}

/**
 * What a new Atlas makes of a record.
 * @param pid of its process; 0: none runs
 */
export function entryOf(record: GameServerRecord, fleet: FleetState, pid: number, holders: Holders, times: Times): Entry {
  const made = newEntry(record.server, fleet, record.site, times.nowMs, times.wallMs);
  const { counters, lists } = record;
  const props: Properties = {
    labels: textsOf(record.labels),
    annotations: textsOf(record.annotations),
    // The record follows what happens, and may have missed the last of it: who has the server is known by the allocations.
    counters: Object.fromEntries(
      counters.map(({ name, count, capacity }) => [
        name,
        { count: name === sessionsCounter && fleet.settings.sessionsPerServer > 1 ? holders.counted : count, capacity },
      ]),
    ),
    lists: Object.fromEntries(lists.map(({ name, values, capacity }) => [name, { values, capacity }])),
    players: undefined,
  };
  return {
    ...made,
    version: record.version,
    props,
    ports: record.ports.map((port) => ({ ...port, protocol: port.protocol === 'both' ? 'tcp+udp' : port.protocol })),
    sinceAtMs: times.wallMs,
    startedAtMs: record.startedAtMs,
    readyAtMs: record.readyAtMs,
    life: lifeOf(record, fleet, pid, holders, times),
  };
}

function lifeOf(record: GameServerRecord, { policy }: FleetState, pid: number, holders: Holders, times: Times): GameServerLife {
  const { nowMs, wallMs } = times;
  const running = (atMs: number) => (atMs === 0 ? Number.NaN : nowMs - Math.max(0, wallMs - atMs));
  const life: GameServerLife = {
    ...born(nowMs),
    begunMs: Number.NEGATIVE_INFINITY,
    pid,
    startedMs: pid === 0 ? Number.NaN : running(record.startedAtMs || wallMs),
    readyMs: running(record.readyAtMs),
    holders: holders.requestIds,
    tookItself: record.tookItself,
    linked: record.linked,
    // Its link is lost with the former Atlas: it has this long to dial again.
    lostMs: record.linked ? nowMs + policy.adoptMs - policy.unhealthyMs : Number.POSITIVE_INFINITY,
    // Agones' SDKs open the stream of their words of health once: it ended with the former Atlas, and silence says nothing until one is heard again.
    healthMs: Number.NaN,
    wish: record.wish,
    why: record.why,
  };
  const held = holders.requestIds.length > 0 || record.tookItself;
  switch (record.state) {
    case 'starting':
      return { ...life, state: 'Starting', untilMs: nowMs + policy.startTimeoutMs };
    case 'asleep':
      return { ...life, state: 'Sleeping', asleep: 'stopped', linked: false, lostMs: Number.POSITIVE_INFINITY };
    case 'frozen':
      return { ...life, state: 'Sleeping', asleep: 'frozen' };
    case 'ready':
      return { ...life, state: held ? (holders.active ? 'Active' : 'Allocated') : 'Ready' };
    case 'reserved':
      if (held) return { ...life, state: 'Allocated' };
      return {
        ...life,
        state: 'Reserved',
        untilMs: record.untilMs === 0 ? Number.POSITIVE_INFINITY : nowMs + Math.max(0, record.untilMs - wallMs),
      };
    case 'draining':
      return { ...life, state: 'Draining' };
    case 'maintaining':
      return { ...life, state: 'Maintaining' };
    case 'ending':
      return { ...life, state: 'Shutdown' };
  }
}

function textsOf(texts: readonly { readonly key: string; readonly value: string }[]): Record<string, string> {
  return Object.fromEntries(texts.map(({ key, value }) => [key, value]));
}
