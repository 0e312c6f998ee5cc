/** Who there is: game servers by id, the fleets with how many are in which state, and what others are told of both. Counts are kept, never counted. */
import { type Histogram, histogram } from '@horizon-atlas/base';
import type { Cancel } from '@horizon-atlas/ports';
import type { FleetView, GameServerPort, GameServerState, GameServerView, ModeScaling } from '@horizon-atlas/protocol';
import type { FleetCounts } from '../core/game-servers/fleet-plan.ts';
import { counts, type GameServerLife, isOccupied, isOver, standOf } from '../core/game-servers/game-server-life.ts';
import type { GameServerPolicy } from '../core/game-servers/policy.ts';
import type { Properties } from '../core/game-servers/properties.ts';
import { closedBreaker, type StartBreaker } from '../core/game-servers/start-breaker.ts';
import { type RolloutState, steadyAt } from '../core/rollout/rollout.ts';
import type { VersionCounts } from '../core/rollout/rollout-plan.ts';
import type { FleetProgram, FleetSettings } from './settings.ts';

/** One game server. Its life and properties are changed by the service alone, through `Roster.set`. */
export interface Entry {
  readonly id: string;
  readonly fleet: FleetState;
  readonly version: string;
  readonly site: string;
  life: GameServerLife;
  props: Properties;
  ports: readonly GameServerPort[];
  /** Wall-clock ms: of its state, of its process (0: none), of its first Ready (0: not yet). */
  sinceAtMs: number;
  startedAtMs: number;
  readyAtMs: number;
  /** When the alarm for it was set; running ms. */
  alarmMs: number;
  /** Players of sessions that were over already when its newest link said that it plays them. */
  strangers: ReadonlySet<string>;
  /** Players of its sessions that were over a short while ago, and when they were; the oldest first. */
  readonly former: Map<string, number>;
  /** Ends whoever speaks for it. */
  detach: Cancel;
  /** From SIGTERM to SIGKILL, where its program has a time of its own. */
  stopGraceMs: number | undefined;
  /** Its process is on its way out. */
  stopping: Promise<void> | undefined;
  /** It starts in the background; see spares.ts. */
  spare: boolean;
  view: GameServerView | undefined;
}

export interface FleetState {
  readonly settings: FleetSettings;
  readonly policy: GameServerPolicy;
  readonly entries: Map<string, Entry>;
  readonly states: Map<GameServerState, number>;
  readonly counts: { -readonly [K in keyof FleetCounts]: number };
  /** Which version new servers run, and how far it is; of what it can go back to, newest first. */
  rollout: RolloutState;
  revisions: readonly Revision[];
  /** Of other versions than the wanted one. Those that nobody has do not count for the size. */
  readonly former: { -readonly [K in keyof VersionCounts]: number };
  /** Of the wanted version: became ready since the last plan. */
  arrived: number;
  readonly startTimes: Histogram;
  /** What they say, as of that many. */
  startMs: FleetView['startMs'];
  readonly sites: Map<string, number>;
  /** By an operator; undefined: as scaled. */
  held: number | undefined;
  /** By whoever scales it. */
  scaled: number;
  /** As deployed; undefined: as configured. */
  mode: ModeScaling | undefined;
  replicas: number;
  waiting: number;
  /** Until then somebody who came by its address counts as waiting; running ms. */
  knockedUntilMs: number;
  /** When one that nobody had was given away last, and when servers that are missing since then are started at the latest; running ms. Infinity: none is missing. */
  grantedMs: number;
  startDueMs: number;
  /** Of the wanted version. */
  breaker: StartBreaker;
  /** Of the version that is gone back to, which is started too while a rollout is on trial or held. */
  formerBreaker: StartBreaker;
  /** No new servers, and free ones go: Atlas stops, or its configuration does not know the fleet any more. */
  stopped: boolean;
}

/** A version of a fleet's program. */
export interface Revision {
  readonly version: string;
  /** For a later Atlas; '': only this one has it. */
  readonly text: string;
  readonly program: FleetProgram;
  readonly atMs: number;
}

type Share = Partial<Record<keyof FleetCounts, true>>;

export class Roster {
  readonly fleets = new Map<string, FleetState>();
  readonly #entries = new Map<string, Entry>();

  addFleet(settings: FleetSettings, policy: GameServerPolicy, stopped = false): FleetState {
    const fleet: FleetState = {
      settings,
      policy,
      entries: new Map(),
      states: new Map(),
      counts: { counted: 0, inUse: 0, free: 0, coming: 0, maintained: 0, all: 0 },
      rollout: steadyAt(settings.version),
      revisions: [{ version: settings.version, text: settings.revision ?? '', program: settings.program, atMs: 0 }],
      former: { free: 0, coming: 0, inUse: 0, leaving: 0 },
      arrived: 0,
      startTimes: histogram(256),
      startMs: undefined,
      sites: new Map(settings.sites.map((site) => [site, 0])),
      held: undefined,
      scaled: 0,
      mode: undefined,
      replicas: 0,
      waiting: 0,
      knockedUntilMs: 0,
      grantedMs: Number.NEGATIVE_INFINITY,
      startDueMs: Number.POSITIVE_INFINITY,
      breaker: closedBreaker,
      formerBreaker: closedBreaker,
      stopped,
    };
    this.fleets.set(settings.name, fleet);
    return fleet;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  all(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  add(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    entry.fleet.entries.set(entry.id, entry);
    entry.fleet.sites.set(entry.site, (entry.fleet.sites.get(entry.site) ?? 0) + 1);
    this.#count(entry, 1);
  }

  remove(entry: Entry): void {
    if (!this.#entries.delete(entry.id)) return;
    entry.fleet.entries.delete(entry.id);
    entry.fleet.sites.set(entry.site, (entry.fleet.sites.get(entry.site) ?? 1) - 1);
    this.#count(entry, -1);
  }

  /** Its new life or properties. `wallMs`: now. */
  set(entry: Entry, life: GameServerLife, props: Properties, wallMs: number): void {
    const known = this.#entries.get(entry.id) === entry;
    if (known) this.#count(entry, -1);
    if (life.state !== entry.life.state) entry.sinceAtMs = wallMs;
    if (life.pid !== 0 && Number.isNaN(entry.life.startedMs) && !Number.isNaN(life.startedMs)) entry.startedAtMs = wallMs;
    if (Number.isNaN(life.startedMs)) entry.startedAtMs = 0;
    if (entry.readyAtMs === 0 && !Number.isNaN(life.readyMs)) entry.readyAtMs = wallMs;
    entry.life = life;
    entry.props = props;
    entry.view = undefined;
    if (known) this.#count(entry, 1);
  }

  #count(entry: Entry, by: 1 | -1): void {
    const { life, fleet } = entry;
    const { states } = fleet;
    const left = (states.get(life.state) ?? 0) + by;
    if (left === 0) states.delete(life.state);
    else states.set(life.state, left);
    for (const name in shareOf(entry)) fleet.counts[name as keyof FleetCounts] += by;
    const place = isOutdated(entry) ? formerPlace(life) : undefined;
    if (place) fleet.former[place] += by;
  }

  /** After `change` another version is wanted. */
  recount(fleet: FleetState, change: () => void): void {
    for (const entry of fleet.entries.values()) this.#count(entry, -1);
    change();
    for (const entry of fleet.entries.values()) this.#count(entry, 1);
  }
}

/** Between which its size stays. */
export function limitsOf({ mode, settings }: Pick<FleetState, 'mode' | 'settings'>): FleetSettings['scaling'] {
  return mode ?? settings.scaling;
}

export function sitesOf({ mode, settings }: Pick<FleetState, 'mode' | 'settings'>): readonly string[] {
  return mode && mode.sites.length > 0 ? mode.sites : settings.sites;
}

export function isOutdated({ version, fleet }: Pick<Entry, 'version' | 'fleet'>): boolean {
  return version !== fleet.rollout.target;
}

function formerPlace(life: GameServerLife): keyof VersionCounts | undefined {
  if (isOver(life.state)) return 'leaving';
  return isOccupied(life) ? 'inUse' : standOf(life);
}

function shareOf(entry: Entry): Share {
  const { life } = entry;
  const share: Share = { all: true };
  if (isOccupied(life) && !isOver(life.state)) share.inUse = true;
  if (!counts(life) || (isOutdated(entry) && !share.inUse)) return share;
  share.counted = true;
  if (share.inUse) return share;
  const stand = standOf(life);
  if (stand) share[stand] = true;
  else if (life.state === 'Maintaining') share.maintained = true;
  return share;
}

export function viewOf(entry: Entry): GameServerView {
  entry.view ??= makeView(entry);
  return entry.view;
}

function makeView({ id, fleet, version, life, props, ports, sinceAtMs, startedAtMs }: Entry): GameServerView {
  const { labels, annotations, counters, lists, players } = props;
  const why = life.code === '' ? life.why : `${life.code}: ${life.why}`;
  return {
    id,
    fleet: fleet.settings.name,
    version,
    state: life.state,
    sinceMs: sinceAtMs,
    startedAtMs,
    pid: life.pid,
    ports,
    labels,
    annotations,
    counters,
    lists,
    players,
    allocations: life.holders,
    why,
  };
}

/** Made anew when there was another start: each quantile is a sort, and a fleet is looked at much more often. */
function startMsOf(fleet: FleetState): FleetView['startMs'] {
  const { startTimes } = fleet;
  const { count } = startTimes;
  if (count > 0 && fleet.startMs?.count !== count)
    fleet.startMs = { p50: startTimes.percentile(0.5), p99: startTimes.percentile(0.99), max: startTimes.max, count };
  return fleet.startMs;
}

/** Where starts are held back: of the wanted version first, then of the former one, as long as that is started, too. */
function troubledOf({ breaker, formerBreaker, rollout }: FleetState): StartBreaker {
  const former = rollout.phase === 'canary' || rollout.paused;
  return breaker.trouble === undefined && former ? formerBreaker : breaker;
}

/** `againAtMs` of the running clock that the breaker is on, as wall-clock time. */
export function fleetViewOf(fleet: FleetState, nowMs: number, wallMs: number): FleetView {
  const { settings, counts: has } = fleet;
  const breaker = troubledOf(fleet);
  const { min, max } = limitsOf(fleet);
  return {
    name: settings.name,
    version: fleet.rollout.target,
    replicas: fleet.replicas,
    held: fleet.held,
    min,
    max,
    states: Object.fromEntries(fleet.states),
    inUse: has.inUse,
    waiting: fleet.waiting,
    startMs: startMsOf(fleet),
    labels: settings.labels,
    sites: sitesOf(fleet),
    mode: fleet.mode,
    trouble: breaker.trouble && { ...breaker.trouble, againAtMs: Math.max(wallMs, wallMs + breaker.openMs - nowMs) },
  };
}
