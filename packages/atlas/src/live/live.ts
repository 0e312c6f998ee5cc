/**
 * What people and tools are shown of a running Atlas, and what they may do to it: the sources of the API. It listens to everything that the
 * control plane hears, remembers what is worth it, and decides nothing about play.
 *
 *   game servers, gateways ─▶ switchboard ─┬─▶ regions, fleet            what they decide
 *                                          └─▶ Live ─▶ sources ─▶ API    what people see
 */
import { must, percentile, unreachable } from '@horizon-atlas/base';
import type {
  Event,
  EventSource,
  Gateway,
  Handoff,
  History,
  Player,
  Region,
  Server,
  Sources,
  WorldSource,
} from '@horizon-atlas/control';
import type { Fleet, FleetServer } from '@horizon-atlas/fleet';
import type { Cancel, Clock, Runner, Store } from '@horizon-atlas/ports';
import type {
  ControlToGateway,
  ControlToServer,
  FleetView,
  GameServerState,
  GatewayToControl,
  ServerToControl,
} from '@horizon-atlas/protocol';
import type { CrossingNote, Regions } from '@horizon-atlas/regions';
import type { AtlasConfig } from '../config.ts';
import { plainUrlOf } from '../plain-listener.ts';
import type { StatusBoard } from '../status-board.ts';
import { Actions } from './actions.ts';
import { EventLog } from './event-log.ts';
import { EventNumbers } from './event-numbers.ts';
import { HandoffLog } from './handoff-log.ts';
import { HistoryLog, historyPolicy } from './history.ts';
import { LogFiles } from './log-files.ts';
import { PlayerBook } from './player-book.ts';
import { Rates } from './rates.ts';
import { Replacements } from './replacements.ts';
import { gatewayOf, known, regionOf, serverOf } from './resources.ts';
import { Scenes } from './scenes.ts';
import { type EventFields, eventOf } from './sentences.ts';

export interface LiveDeps {
  readonly clock: Clock;
  readonly config: AtlasConfig;
  readonly board: StatusBoard;
  /** undefined until they are made. */
  regions(): Regions | undefined;
  fleet(): Fleet | undefined;
  runner(): Runner | undefined;
  /** Fleets of game servers. */
  gameFleets(): readonly Pick<FleetView, 'name' | 'states'>[];
  toServers(message: ControlToServer): void;
  toServer(server: string, message: ControlToServer): void;
  toGateway(gateway: string, message: ControlToGateway): void;
}

export const livePolicy = {
  /** Between two looks at figures and at who is on record. */
  lookMs: 1_000,
} as const;

const limits = {
  /** Happenings kept until the event log is open. */
  early: 256,
} as const;

/** The name of the control plane's own figures among those of processes. */
const self = '';

export class Live implements WorldSource, EventSource {
  readonly #deps: LiveDeps;
  readonly #rates = new Rates();
  readonly #players: PlayerBook;
  readonly #handoffs: HandoffLog;
  readonly #scenes: Scenes;
  readonly #actions: Actions;
  readonly logs: LogFiles;
  readonly #history = new HistoryLog();
  /** Of this step of the history. */
  #gapsMs: number[] = [];
  #historyDueMs = 0;
  /** Regions that were lost and are not back. */
  readonly #lost = new Set<string>();
  readonly #replacements = new Replacements();
  readonly #names: ReadonlyMap<string, string>;
  #log: EventLog | undefined;
  #numbers: EventNumbers | undefined;
  #early: { name: string; fields: EventFields; atMs: number }[] = [];
  #cancelLook: Cancel = () => {};

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#names = new Map(deps.config.world.regions.map(({ id, name }) => [id, name]));
    this.#players = new PlayerBook((name, fields) => this.happened(name, fields));
    this.#scenes = new Scenes({
      clock: deps.clock,
      regions: deps.config.world.regions.map(({ id }) => id),
      survey: (survey) => deps.toServers({ kind: 'survey', survey }),
    });
    this.logs = new LogFiles(deps.clock);
    this.#actions = new Actions({
      clock: deps.clock,
      config: deps.config,
      regions: () => deps.regions(),
      fleet: () => deps.fleet(),
      runner: () => deps.runner(),
      toServer: (server, message) => deps.toServer(server, message),
      toGateway: (gateway, message) => deps.toGateway(gateway, message),
      connections: (gateway) => deps.board.statsOf(gateway)?.connections ?? 0,
      happened: (name, fields) => this.happened(name, fields),
    });
    this.#handoffs = new HandoffLog(
      (group) => deps.regions()?.playerOfGroup(group),
      ({ outcome, phase, player }) => {
        if (outcome === 'done' && phase === 'releasing' && player !== '') this.#players.crossed(player);
      },
    );
  }

  get sources(): Partial<Sources> {
    return { world: this, events: this, scenes: this.#scenes, logs: this.logs, actions: this.#actions };
  }

  /** Rejects as `EventNumbers.open`. */
  async open(store: Store): Promise<void> {
    this.#numbers = await EventNumbers.open(store);
    this.#log = new EventLog(this.#numbers.from);
    const early = this.#early;
    this.#early = [];
    for (const { name, fields, atMs } of early) this.#note(name, fields, atMs);
    this.#look();
    this.#scenes.open();
  }

  close(): void {
    this.#scenes.close();
    this.#cancelLook();
  }

  // ---- what it is told ------------------------------------------------------------------------------------------------

  /** Any part of Atlas tells of something. */
  happened(name: string, fields: EventFields): void {
    this.#note(name, fields, this.#deps.clock.wall());
  }

  #note(name: string, fields: EventFields, atMs: number): void {
    if (!this.#log) {
      if (this.#early.length < limits.early) this.#early.push({ name, fields, atMs });
      return;
    }
    const event = eventOf(name, this.#enrich(name, fields, atMs), atMs, (region) => this.#names.get(region));
    if (event) this.#numbers?.given(this.#log.add(event).id);
  }

  /** What the sentence wants to say, and the part of Atlas that told of it does not know. */
  #enrich(name: string, fields: EventFields, atMs: number): EventFields {
    switch (name) {
      case 'regions.leading':
        this.#handoffs.abandon(this.#deps.clock.wall());
        return fields;
      case 'server.emptied':
        this.#actions.emptied(String(fields.server));
        return fields;
      case 'region.asleep':
        this.#scenes.asleep(String(fields.region));
        return fields;
      case 'region.moving':
      case 'region.lost':
        this.#lost.add(String(fields.region));
        return fields;
      case 'region.active':
        return this.#lost.delete(String(fields.region)) ? { ...fields, recovered: true } : fields;
      case 'server_state':
      case 'server_failed':
        return String(fields.post).startsWith('gateway/') ? { ...fields, gateway: true } : fields;
      case 'game_server_failed':
        this.#replacements.lost(String(fields.fleet), atMs);
        return fields;
      case 'game_server_state': {
        const afterMs = fields.to === 'Ready' ? this.#replacements.ready(String(fields.fleet), fields, atMs) : undefined;
        return afterMs === undefined ? fields : { ...fields, replaces: true, afterMs };
      }
      case 'handoff.done':
      case 'handoff.failed': {
        const who = this.#deps.regions()?.playerOfGroup(Number(fields.group));
        return { ...fields, player: who?.player ?? '', who: who?.name || who?.player || `group ${fields.group}` };
      }
      default:
        return fields;
    }
  }

  fromGateway(gateway: string, message: Extract<GatewayToControl, { kind: 'stats' | 'sessions' | 'closed' | 'drained' }>): void {
    const atMs = this.#deps.clock.wall();
    switch (message.kind) {
      case 'sessions':
        this.#players.report(gateway, message.changed, message.listing, atMs);
        this.#players.forgotten(gateway, message.forgotten);
        this.#players.pings(gateway, message.pings);
        return;
      case 'closed':
        this.#players.closed(gateway, message.session, message.closeCode, message.code);
        return;
      case 'drained':
        this.#actions.emptied(gateway);
        return;
      case 'stats':
        for (const { session, ms, recovery } of message.gaps) {
          this.#players.gap(session, ms);
          if (recovery) continue;
          this.#handoffs.gap(session, ms, atMs);
          this.#gapsMs.push(ms);
        }
        return;
      default:
        unreachable(message);
    }
  }

  fromServer(server: string, message: Extract<ServerToControl, { kind: 'positions' | 'placed' }>): void {
    if (message.kind === 'placed') {
      this.#actions.placed(message.request, message.ok, message.code);
      return;
    }
    // A former owner's word of a region is old news.
    if (this.#deps.regions()?.ownerOf(message.region) === server) this.#scenes.heard(message.region, message.movers);
  }

  gatewayLost(gateway: string): void {
    this.#players.gatewayLost(gateway);
  }

  /** A step of a crossing; the coordinator's clock is the host's. */
  crossing(note: CrossingNote): void {
    const { clock } = this.#deps;
    this.#handoffs.note(note, clock.wall() - (clock.now() - note.atMs));
  }

  // ---- WorldSource ----------------------------------------------------------------------------------------------------

  regions(): readonly Region[] {
    const lives = new Map((this.#deps.regions()?.status().regions ?? []).map((each) => [each.id, each]));
    return this.#deps.config.world.regions.map((place) => {
      const life = lives.get(place.id);
      return regionOf(place, life, life && this.#deps.board.heartbeatOf(life.server));
    });
  }

  servers(): readonly Server[] {
    return this.#processes('server').map((each) => serverOf(each, this.#deps.board.heartbeatOf(each.server), this.#rates));
  }

  gateways(): readonly Gateway[] {
    const { board, config } = this.#deps;
    return this.#processes('gateway').map((each) =>
      gatewayOf(each, board.statsOf(each.server), this.#rates, plainUrlOf(config.gateway, each.address)),
    );
  }

  players(): readonly Player[] {
    return this.#players.list();
  }

  handoffs(): readonly Handoff[] {
    return this.#handoffs.list();
  }

  history(): History {
    return this.#history.read();
  }

  /** A post that has had no process yet is nothing that could be looked at. */
  #processes(role: string): readonly FleetServer[] {
    return (this.#deps.fleet()?.status().servers ?? []).filter((each) => each.role === role && each.server !== '');
  }

  // ---- EventSource ----------------------------------------------------------------------------------------------------

  since(afterId: number): { readonly events: readonly Event[]; readonly tooOld: boolean } {
    return this.#log?.since(afterId) ?? { events: [], tooOld: false };
  }

  get lastId(): number {
    return this.#log?.lastId ?? 0;
  }

  onEvent(fn: (event: Event) => void): () => void {
    return must(this.#log, 'the event log is open').onEvent(fn);
  }

  // ---- once a second --------------------------------------------------------------------------------------------------

  #look(): void {
    const { clock, board } = this.#deps;
    const nowMs = clock.now();
    const processes = this.#deps.fleet()?.status().servers ?? [];
    for (const { server, cpuS } of processes) {
      const { messagesIn = Number.NaN, messagesOut = Number.NaN, refused } = board.statsOf(server) ?? {};
      const refusals = refused?.reduce((sum, { count }) => sum + count, 0) ?? Number.NaN;
      this.#rates.sample(server, { cpuS, messagesIn, messagesOut, refusals }, nowMs);
    }
    const regions = this.#deps.regions();
    const handoffs = regions?.status().handoffs.total ?? Number.NaN;
    const { user, system } = process.cpuUsage();
    this.#rates.sample(self, { cpuS: (user + system) / 1e6, handoffs }, nowMs);
    this.#rates.keep(new Set([self, ...processes.map(({ server }) => server)]));
    if (regions?.running) this.#players.record(regions.players(), clock.wall());
    if (nowMs >= this.#historyDueMs) {
      this.#historyDueMs = nowMs + historyPolicy.stepMs - livePolicy.lookMs / 2;
      this.#history.add(clock.wall(), this.#figures(processes));
      this.#gapsMs = [];
    }
    this.#cancelLook = clock.at(nowMs + livePolicy.lookMs, () => this.#look());
  }

  /** As `historySeries` names them. */
  #figures(processes: readonly FleetServer[]): Record<string, number | null> {
    const gateways = processes.filter(({ role }) => role === 'gateway');
    const ofGateways = (name: string) => sumOf(gateways.map(({ server }) => this.#rates.perS(server, name)));
    const figures: Record<string, number | null> = {
      players: this.#players.list().filter(({ state }) => state === 'online').length,
      handoffsPerS: known(this.#rates.perS(self, 'handoffs')),
      gapP99Ms: this.#gapsMs.length === 0 ? null : known(percentile(this.#gapsMs, 0.99)),
      messagesInPerS: known(ofGateways('messagesIn')),
      messagesOutPerS: known(ofGateways('messagesOut')),
      refusalsPerS: known(ofGateways('refusals')),
      cpu: known(sumOf([self, ...processes.map(({ server }) => server)].map((id) => this.#rates.perS(id, 'cpuS'))), 1000),
      memoryBytes: known(sumOf([process.memoryUsage.rss(), ...processes.map(({ memoryBytes }) => memoryBytes)])),
    };
    for (const { id, load, players, state } of this.regions()) {
      figures[`load:${id}`] = load;
      figures[`players:${id}`] = state === 'asleep' ? null : players;
    }
    for (const { name, states } of this.#deps.gameFleets())
      for (const [series, of] of Object.entries(serverSeries))
        figures[`${series}:${name}`] = of.reduce((sum, state) => sum + (states[state] ?? 0), 0);
    return figures;
  }
}

/** Game servers by what they are good for, as the web console stacks them. */
const serverSeries: Readonly<Record<string, readonly GameServerState[]>> = {
  serversInUse: ['Reserved', 'Allocated', 'Activating', 'Active'],
  serversReady: ['Ready'],
  serversComing: ['Scheduled', 'Starting', 'Warming'],
  serversLeaving: ['Draining', 'Maintaining', 'Shutdown'],
  serversAsleep: ['Sleeping'],
  serversInTrouble: ['Unhealthy', 'Error'],
};

/** Of those that are known; null: of none. */
function sumOf(values: readonly (number | null)[]): number | null {
  const knownOnes = values.filter((each) => each !== null && Number.isFinite(each)) as number[];
  return knownOnes.length === 0 ? null : knownOnes.reduce((sum, each) => sum + each, 0);
}
