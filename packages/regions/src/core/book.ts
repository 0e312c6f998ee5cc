/** What the coordinator knows: regions, groups, servers and gateways, each by id, and who belongs to whom. Not what it intends. */
import { must } from '@horizon-atlas/base';
import { type AuthorityRecord, type Group, limits, type ServerRecord } from '@horizon-atlas/protocol';
import { RegionMap } from '@horizon-atlas/world';
import { regionsLimits } from './policy.ts';
import { asleep, type RegionLife } from './region-life.ts';

/** A region as it is configured. */
export interface RegionSpec {
  readonly region: string;
  readonly name: string;
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
  readonly minZ: number;
  readonly maxZ: number;
}

export interface WorldSpec {
  /** Must have passed `checkPlaces` of the world package. */
  readonly regions: readonly RegionSpec[];
  /** Where new players begin; it never sleeps. */
  readonly spawn: string;
}

export class RegionEntry {
  readonly spec: RegionSpec;
  readonly id: string;
  /** Filled in by the book. */
  neighbours: readonly RegionEntry[] = [];
  life: RegionLife = asleep;
  /** Of the record: the epoch that outdates everything lower that is said about its groups. */
  epoch = 0;
  /** Of the record in the Store; 0: none. */
  version = 0;
  readonly groups = new Set<number>();
  /** Groups with a player. */
  players = 0;
  /** Groups and joins on their way here. */
  inbound = 0;
  /** Transactions under way that change who belongs to it: its state cannot be read before they have an end. */
  busy = 0;
  wokenMs = 0;

  constructor(spec: RegionSpec) {
    this.spec = spec;
    this.id = spec.region;
  }
}

export interface GroupEntry {
  readonly group: number;
  region: RegionEntry;
  /** Its own; see `effective`. */
  epoch: number;
  stateEpoch: number;
  /** The epoch before, while the same server may not have heard of the present one; else 0. */
  formerEpoch: number;
  version: number;
  player: string;
  name: string;
  session: string;
  /** A takeover or an end is under way: nothing else may rewrite its record. */
  rewriting: boolean;
  /** When it came to its region, as far as this coordinator saw it. */
  sinceMs: number;
  /** Where it was last seen, for people only; NaN: not yet. */
  x: number;
  y: number;
  z: number;
}

export interface ServerEntry {
  readonly server: string;
  address: string;
  pid: number;
  linked: boolean;
  /** How often its link has broken. */
  breaks: number;
  /** Told to stop: gets no region. */
  condemned: boolean;
  /** An operator wants it empty: it gets no region, and those that it has are moved. */
  leaving: boolean;
  readonly regions: Set<RegionEntry>;
  /** It refused a region: not asked again before. */
  restUntilMs: number;
  record: ServerRecord | undefined;
  heartbeat:
    | { readonly workMsP90: number; readonly entities: number; readonly players: number; readonly fenced: number }
    | undefined;
}

export class Book {
  readonly spawn: RegionEntry;
  readonly regions = new Map<string, RegionEntry>();
  readonly groups = new Map<number, GroupEntry>();
  readonly players = new Map<string, GroupEntry>();
  readonly sessions = new Map<string, GroupEntry>();
  readonly servers = new Map<string, ServerEntry>();
  readonly gateways = new Set<string>();
  /** Groups that are over, oldest first. */
  readonly #over = new Set<number>();

  constructor(world: WorldSpec) {
    const map = new RegionMap(world.regions, 1);
    for (const spec of world.regions) this.regions.set(spec.region, new RegionEntry(spec));
    for (const entry of this.regions.values()) {
      entry.neighbours = map.neighbours(entry.id).map((each) => must(this.regions.get(each.id), 'a neighbour is in the map'));
    }
    this.spawn = must(this.regions.get(world.spawn), 'the spawn region is in the map');
  }

  /** The epoch at which a group is owned: its recovered region outdates what was said about it before. */
  effective(entry: GroupEntry): number {
    return Math.max(entry.epoch, entry.region.epoch);
  }

  server(id: string): ServerEntry {
    let entry = this.servers.get(id);
    if (!entry) {
      const regions = new Set<RegionEntry>();
      entry = {
        server: id,
        address: '',
        pid: 0,
        linked: false,
        breaks: 0,
        condemned: false,
        leaving: false,
        regions,
        restUntilMs: 0,
        record: undefined,
        heartbeat: undefined,
      };
      this.servers.set(id, entry);
    }
    return entry;
  }

  /** The server that plays a region now: assigned and up. */
  playing(region: RegionEntry): ServerEntry | undefined {
    const { life } = region;
    if (life.phase !== 'active' && life.phase !== 'draining') return undefined;
    const server = this.servers.get(life.server);
    return server?.linked ? server : undefined;
  }

  /** Takes over what a record says, of a group known or not. undefined: the region is no longer in the map. */
  take(record: AuthorityRecord, version: number): GroupEntry | undefined {
    const region = this.regions.get(record.region);
    if (!region) return undefined;
    const { group } = record;
    const known = this.groups.get(group.group);
    const entry: GroupEntry = known ?? {
      group: group.group,
      region,
      epoch: 0,
      stateEpoch: 0,
      formerEpoch: 0,
      version: 0,
      player: '',
      name: '',
      session: '',
      rewriting: false,
      sinceMs: 0,
      x: record.x ?? Number.NaN,
      y: record.y ?? Number.NaN,
      z: record.z ?? Number.NaN,
    };
    if (known) {
      this.#unlink(known);
      known.formerEpoch = known.region === region ? this.effective(known) : 0;
    }
    entry.region = region;
    // An epoch that was drawn for a thaw on a full disk is ahead of the record.
    entry.epoch = Math.max(entry.epoch, group.epoch);
    entry.stateEpoch = record.stateEpoch;
    entry.version = version;
    entry.player = group.player;
    entry.name = group.name;
    entry.session = group.session;
    this.#link(entry);
    return entry;
  }

  /** The group is over: late words about it are not a new one's. */
  drop(entry: GroupEntry): void {
    this.#unlink(entry);
    this.#over.add(entry.group);
    if (this.#over.size <= regionsLimits.tombstones) return;
    for (const oldest of this.#over) {
      this.#over.delete(oldest);
      break;
    }
  }

  /** Of a group without a record: whether it had one. A player's always had, and shows it by its id. */
  isOver(group: number): boolean {
    return this.#over.has(group) || group % limits.idsPerEpoch === 0;
  }

  #link(entry: GroupEntry): void {
    this.groups.set(entry.group, entry);
    entry.region.groups.add(entry.group);
    if (entry.player === '') return;
    entry.region.players++;
    this.players.set(entry.player, entry);
    this.sessions.set(entry.session, entry);
  }

  #unlink(entry: GroupEntry): void {
    this.groups.delete(entry.group);
    entry.region.groups.delete(entry.group);
    if (entry.player === '') return;
    entry.region.players--;
    if (this.players.get(entry.player) === entry) this.players.delete(entry.player);
    if (this.sessions.get(entry.session) === entry) this.sessions.delete(entry.session);
  }
}

/** A group as it is stored and as servers are told of it. */
export function groupOf(entry: GroupEntry, epoch: number, state: Uint8Array): Group {
  const { group, player, name, session } = entry;
  return { group, epoch, claimed: true, player, name, session, state };
}
