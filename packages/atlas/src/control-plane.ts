/**
 * The control plane of one machine: SQLite behind the Store, processes behind the Runner, Unix sockets behind the Links; regions, fleet
 * and ledger on top, and the API. Parts start in the order in which they are added below and stop in reverse.
 */
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { memoryBus } from '@horizon-atlas/adapter-memory';
import { makeProcessRunner } from '@horizon-atlas/adapter-process';
import { openSqliteStore } from '@horizon-atlas/adapter-sqlite';
import { type Audit, openAudit } from '@horizon-atlas/audit';
import { must } from '@horizon-atlas/base';
import type { ControlDeps, Sources, Status } from '@horizon-atlas/control';
import { type Fleet, makeFleet } from '@horizon-atlas/fleet';
import { type Ledger, makeLedger } from '@horizon-atlas/ledger';
import type { Bus, Cancel, Clock, Entropy, Probe, Runner, Store } from '@horizon-atlas/ports';
import { makeRegions, type Regions } from '@horizon-atlas/regions';
import { Lifecycle, type MemoryProbe, type PartFailure } from '@horizon-atlas/runtime';
import { ApiPart, missingIn } from './api-part.ts';
import { hasOwnToken } from './api-policy.ts';
import { recordConnections } from './audit-connections.ts';
import { CompanionsPart } from './companions-part.ts';
import type { AtlasConfig } from './config.ts';
import { clearRun, type DataDir, type DataDirLock, dataDirAt, lockDataDir, makeFolders } from './data-dir.ts';
import { DiskWatch } from './disk-watch.ts';
import { EdgesPart } from './edges/edges-part.ts';
import { gameSources } from './game-consoles.ts';
import type { GameServersPart } from './game-servers.ts';
import { chooseEngine } from './gateway-engine.ts';
import { checkGatewayPorts } from './gateway-ports.ts';
import { settingsOf, writeSettings } from './gateway-settings.ts';
import { hostText } from './host-text.ts';
import { bindListeners, type Listeners, loadListeners } from './listeners.ts';
import { Live } from './live/live.ts';
import { overheard } from './live/overheard.ts';
import { versionSource } from './live/version-source.ts';
import type { Matchmaking } from './matchmaking.ts';
import { plainUrlOf } from './plain-listener.ts';
import { makePlay, type Play } from './play.ts';
import { playerVerifier } from './player-verifier.ts';
import { rolesOf } from './processes.ts';
import { devSecret, type SigningKey, signingKeys } from './secrets.ts';
import { StatusBoard } from './status-board.ts';
import { statusMetrics } from './status-metrics.ts';
import { Switchboard } from './switchboard.ts';
import { openTelemetry, type Telemetry, telemetrySettings } from './telemetry.ts';

export interface ControlPlane {
  readonly api: string;
  readonly gateways: readonly string[];
  /** Processes of a former control plane were found running. */
  readonly resumed: boolean;
  /** Rejects with AtlasError: ALREADY_RUNNING, PORT_IN_USE, STORE_…; what had started by then is stopped again. */
  start(): Promise<void>;
  status(): Status;
  /** What the API is built on. */
  readonly sources: Partial<Sources>;
  /** Drains and stops everything. Answers what did not stop as it should. */
  stop(): Promise<readonly PartFailure[]>;
  /** Makes a stop that is under way end at once: whatever still runs is killed. */
  hurry(): void;
}

export interface ControlPlaneHost {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly probe: MemoryProbe;
  /** For game servers that are no processes of this machine; processes when absent. */
  readonly gameServerRunner?: Runner;
}

/** How long each part of a stop may take; together below the 10 s that a person waits. */
export const policy = {
  gatewayDrainMs: 2_500,
  gatewayStopMs: 1_000,
  serverStopMs: 4_000,
  savingStopMs: 600_000,
} as const;

export function makeControlPlane(config: AtlasConfig, host: ControlPlaneHost): ControlPlane {
  return new Plane(config, host);
}

class Plane implements ControlPlane {
  resumed = false;
  readonly gateways: readonly string[];
  readonly #config: AtlasConfig;
  readonly #host: ControlPlaneHost;
  readonly #dir: DataDir;
  readonly #life: Lifecycle;
  readonly #board: StatusBoard;
  readonly #disk: DiskWatch;
  readonly #live: Live;
  /** The host's, overheard by `#live`. */
  readonly #probe: Probe;
  readonly #bus: Bus;
  #listeners: Listeners = {};
  #unlisten: Cancel = () => {};
  /** Processes that a stop could not end. */
  #left = 0;
  #stopping = false;
  #lock: DataDirLock | undefined;
  #store: Store | undefined;
  #keys: readonly SigningKey[] = [];
  #devSecret = '';
  #runner: Runner | undefined;
  #matchRunner: Runner | undefined;
  #gameServers: GameServersPart | undefined;
  readonly #edges: EdgesPart;
  readonly #companions: CompanionsPart;
  #fleet: Fleet | undefined;
  #regions: Regions | undefined;
  #ledger: Ledger | undefined;
  #switchboard: Switchboard | undefined;
  readonly #api: ApiPart;
  #telemetry: Telemetry | undefined;
  #audit: Audit | undefined;
  #unrecord: Cancel = () => {};
  readonly #play: Play;
  #matchmaking: Matchmaking | undefined;

  constructor(config: AtlasConfig, host: ControlPlaneHost) {
    this.#config = config;
    this.#host = host;
    this.#dir = dataDirAt(config.dataDir);
    const { gateway } = config;
    const scheme = 'off' in gateway.tls ? 'ws' : 'wss';
    const { listen, port, count } = gateway;
    this.gateways = Array.from({ length: count }, (_, i) => `${scheme}://${hostText(listen)}:${port + i}`);
    this.#disk = new DiskWatch({ clock: host.clock, probe: () => this.#probe, folder: this.#dir.root });
    this.#board = new StatusBoard({
      clock: host.clock,
      regions: () => this.#regions?.status().regions ?? [],
      handoffs: () => this.#regions?.status().handoffs ?? { total: 0, failed: 0, rolledBack: 0, lost: 0 },
      fleet: () => this.#fleet?.status().servers ?? [],
      warnings: () => this.#disk.warnings,
      plainUrlOf: (url) => plainUrlOf(gateway, url),
    });
    this.#live = new Live({
      clock: host.clock,
      config,
      board: this.#board,
      regions: () => this.#regions,
      fleet: () => this.#fleet,
      runner: () => this.#runner,
      gameFleets: () => this.#gameServers?.service.fleets() ?? [],
      toServers: (message) => this.#switchboard?.toServers(message),
      toServer: (server, message) => this.#switchboard?.toServer(server, message),
      toGateway: (gateway, message) => this.#switchboard?.toGateway(gateway, message),
    });
    this.#probe = overheard(host.probe, this.#live);
    this.#bus = memoryBus({ clock: host.clock, probe: this.#probe });
    this.#api = new ApiPart(config, host.clock, this.#dir.adminToken);
    this.#edges = new EdgesPart(config);
    this.#companions = new CompanionsPart(config, {
      isOpen: () => this.#missing().length === 0,
      hasPlayers: () => this.status().players.online > 0,
    });
    this.#play = makePlay(config, {
      entropy: host.entropy,
      probe: this.#probe,
      devSecret: () => this.#devSecret,
      gateways: () => this.status().gateways,
    });
    this.#life = this.#parts(new Lifecycle(host.clock));
  }

  /** In the order in which they start; they stop in reverse. */
  #parts(life: Lifecycle): Lifecycle {
    return (
      life
        .add({ name: 'the listeners', start: () => this.#openListeners(), stop: () => this.#unlisten() })
        .add({ name: 'the data directory', start: () => this.#openDataDir(), stop: () => this.#closeDataDir() })
        .add({ name: 'telemetry', start: () => this.#openTelemetry(), stop: () => this.#telemetry?.close() })
        .add({ name: 'the store', start: () => this.#openStore(), stop: () => this.#store?.close() })
        .add({ name: 'what people see', start: () => this.#openLive(), stop: () => this.#live.close() })
        .add({ name: 'the disk', start: () => this.#disk.start(), stop: () => this.#disk.stop() })
        .add({ name: 'the audit log', start: () => this.#openAudit(), stop: () => this.#closeAudit() })
        .add({ name: 'pages of games', start: () => {}, stop: () => this.#play.close() })
        .add({ name: 'the port of the API', start: () => this.#holdApiPort(), stop: () => this.#api.close() })
        .add({ name: 'the runner', start: () => this.#openRunners(), stop: () => this.#closeRunners() })
        .add({ name: 'the links', start: () => this.#openSwitchboard(), stop: () => this.#switchboard?.close() })
        .add({ name: 'the coordinator', start: () => this.#regions?.start(), stop: () => this.#regions?.stop() })
        .add({ name: 'the fleet', start: () => this.#fleet?.start(), stop: () => this.#fleet?.close() })
        .add({ name: 'game servers', start: () => {}, stop: () => this.#fleet?.stop(policy.serverStopMs, 'server') })
        // The fleet has started these, too. Once all has started they are stopped by the parts of that name below, before the matches.
        .add({ name: 'edge processes of a start', start: () => {}, stop: () => this.#stopEdges() })
        .add({ name: 'gateways of a start', start: () => {}, stop: () => this.#stopGateways() })
        .add({ name: 'the API', start: () => this.#openApi(), stop: () => {} })
        // Players of the world first: what comes after is loaded while they connect, and takes its share of the machine then.
        .add({ name: 'companions of the world', ...this.#companions.of('world') })
        .add({ name: 'fleets', start: () => this.#openGameServers(), stop: () => this.#gameServers?.close() })
        .add({
          name: 'match servers',
          start: () => this.#gameServers?.start(),
          stop: () => this.#gameServers?.service.stop(Math.max(policy.serverStopMs, this.#gameServers.stopGraceMs)),
          stopMs: policy.savingStopMs,
        })
        .add({ name: 'matchmaking', start: () => this.#openMatchmaking(), stop: () => this.#matchmaking?.stop() })
        // Not before the game servers are found again: edges would be told that they are gone.
        .add({ name: 'edges', start: () => this.#openEdges(), stop: () => this.#edges.close() })
        .add({ name: 'edge processes', start: () => {}, stop: () => this.#stopEdges() })
        .add({ name: 'gateways', start: () => {}, stop: () => this.#stopGateways() })
        .add({ name: 'companions', ...this.#companions.of('matchmaking') })
        .add({ name: 'an open API', start: () => this.#api.opened(), stop: () => {} })
    );
  }

  get api(): string {
    return this.#api.url;
  }

  async start(): Promise<void> {
    await this.#life.start();
    if (this.#stopping) return;
    const probe = this.#probe;
    if (this.resumed) probe.event('control_resumed', { pid: process.pid, servers: this.#fleet?.status().servers.length ?? 0 });
    else probe.event('control_started', { pid: process.pid, api: this.api });
  }

  status(): Status {
    return this.#board.read();
  }

  get sources(): Partial<Sources> {
    return this.#live.sources;
  }

  stop(): Promise<readonly PartFailure[]> {
    this.#stopping = true;
    return this.#life.stop();
  }

  hurry(): void {
    this.#switchboard?.hurry();
    for (const runner of [this.#runner, this.#matchRunner, this.#companions.runner]) {
      void runner?.list().then((all) => Promise.all(all.map(({ id }) => runner.stop(id, 0))));
    }
  }

  // ---- parts, in the order of their start --------------------------------------------------------------------------

  async #openListeners(): Promise<void> {
    const { listeners } = this.#config;
    if (listeners === undefined) return;
    this.#listeners = await loadListeners(listeners);
    this.#unlisten = bindListeners(this.#bus, this.#listeners, this.#probe);
  }

  #openDataDir(): void {
    makeFolders(this.#dir);
    this.#lock = lockDataDir(this.#dir, this.#host.clock.wall());
    this.#devSecret = devSecret(this.#dir.devSecret);
  }

  async #openTelemetry(): Promise<void> {
    const settings = telemetrySettings(this.#config, process.env);
    if (!settings) return;
    this.#telemetry = await openTelemetry(settings, this.#host, this.#config.name ?? '');
  }

  #closeDataDir(): void {
    // Without the lock it is another Atlas's.
    if (!this.#lock) return;
    this.#lock.release();
    // The next start must find what could not be stopped.
    if (this.#left === 0) clearRun(this.#dir);
  }

  async #openStore(): Promise<void> {
    const { entropy, clock } = this.#host;
    const probe = this.#probe;
    this.#store = await openSqliteStore({ file: this.#dir.database, probe });
    this.#keys = await signingKeys(this.#store, entropy, clock.wall());
    this.#ledger = makeLedger({ clock, store: this.#store, probe });
  }

  async #openLive(): Promise<void> {
    await this.#live.open(must(this.#store, 'the store is open'));
  }

  #openAudit(): void {
    const { clock } = this.#host;
    const onFault = (error: unknown): void => this.#probe.event('audit_failed', { error: String(error) });
    const audit = openAudit({ dir: this.#dir.audit, clock, onFault });
    this.#audit = audit;
    const { events, world } = this.#live.sources;
    if (events && world) this.#unrecord = recordConnections(audit, { events, world, clock });
  }

  #closeAudit(): void {
    this.#unrecord();
    this.#audit?.close();
  }

  async #holdApiPort(): Promise<void> {
    const port = await this.#api.hold();
    this.#lock?.update({ api: this.api });
    // Now, because gateways let pages of this API in, and its port may have been picked just now.
    const config = { ...this.#config, api: { ...this.#config.api, port } };
    const ratio = telemetrySettings(this.#config, process.env)?.ratio;
    writeSettings(this.#settingsFile, settingsOf(config, this.#devSecret, this.#dir.tls, Object.keys(this.#listeners), ratio));
    if (hasOwnToken(this.#config)) this.#probe.event('admin_token', { file: this.#dir.adminToken });
  }

  #openApi(): void {
    const world = {
      isOpen: () => this.#missing().length === 0,
      isWhole: () => this.status().players.online >= (this.#regions?.status().players.online ?? 0),
    };
    this.#api.openSoon(this.resumed ? undefined : world, () => this.#apiDeps());
  }

  #apiDeps(): ControlDeps {
    const { probe, clock } = this.#host;
    const { auth } = this.#config.gateway;
    return {
      status: () => this.status(),
      metrics: {
        snapshot: () => [
          ...probe.snapshot(),
          ...statusMetrics(this.status(), this.#regions?.status(), this.#board),
          ...this.#edges.metrics(),
        ],
      },
      missing: () => this.#missing(),
      sources: this.#told(),
      onFault: ({ method, path, error }) => this.#probe.event('api_failed', { method, path, error: String(error) }),
      clock,
      store: must(this.#store, 'the store is open'),
      players: playerVerifier('dev' in auth ? { hs256Secret: this.#devSecret } : auth),
      // Loaded with the first who speaks it.
      grpc: async (allocate) => (await import('@horizon-atlas/agones')).openAllocator(allocate),
    };
  }

  /** Of what comes after the API there is nothing yet when it opens. */
  #told(): Partial<Sources> {
    const told: Partial<Sources> = {
      ...{ ...this.#live.sources, play: this.#play, edges: this.#edges.source },
      audit: must(this.#audit, 'the audit log is open'),
      ...gameSources(this.#live.sources.logs, () => this.#gameServers, this.#edges),
    };
    return Object.defineProperties(told, {
      matchmaking: { enumerable: true, get: () => this.#matchmaking?.matchmaker },
      versions: { enumerable: true, get: () => versionSource(this.#gameServers) },
      fleets: { enumerable: true, get: () => this.#gameServers?.source },
    });
  }

  async #openRunners(): Promise<void> {
    const [{ clock, entropy }, probe] = [this.#host, this.#probe];
    const runnerOf = (name: string): Runner => makeProcessRunner({ dir: join(this.#dir.run, name), clock, probe });
    this.#runner = await this.#live.logs.watch(runnerOf('processes'));
    this.#matchRunner = await this.#live.logs.watch(this.#host.gameServerRunner ?? runnerOf('matches'));
    const found = (await this.#runner.list()).length;
    this.resumed = found + (await this.#matchRunner.list()).length > 0;
    if (found === 0) await checkGatewayPorts(this.#config.gateway);
    const told = { config: this.#config, dir: this.#dir, gateways: this.gateways, api: this.api };
    this.#companions.open({ runner: runnerOf('companions'), clock, entropy, probe }, told);
  }

  async #closeRunners(): Promise<void> {
    const runners = [this.#runner, this.#matchRunner, this.#companions.runner];
    const left = await Promise.all(runners.map((runner) => runner?.list()));
    this.#left = left.flatMap((all) => all ?? []).length;
    await Promise.all(runners.map((runner) => runner?.close()));
  }

  async #openGameServers(): Promise<void> {
    const { clock, entropy } = this.#host;
    const probe = this.#probe;
    const runner = must(this.#matchRunner, 'the runner is open');
    // Loaded by those alone who have fleets, or had some whose servers are still there.
    if (this.#config.fleets.length === 0 && (await runner.list()).length === 0) return;
    const { GameServersPart } = await import('./game-servers.ts');
    this.#gameServers = await GameServersPart.open({
      config: this.#config,
      dir: this.#dir,
      clock,
      entropy,
      probe,
      store: must(this.#store, 'the store is open'),
      links: makeLinks({ clock, probe }),
      runner,
      url: () => this.api,
    });
  }

  async #openMatchmaking(): Promise<void> {
    const { clock, entropy } = this.#host;
    if (!this.#config.matchmaking) return;
    const { service, tokens } = must(this.#gameServers, 'fleets are there');
    const { openMatchmaking } = await import('./matchmaking.ts');
    this.#matchmaking = openMatchmaking(this.#config, {
      clock,
      entropy,
      probe: this.#probe,
      store: must(this.#store, 'the store is open'),
      servers: service,
      sessions: service,
      tokens,
      address: (server, player) => this.#edges.addressOf(server, player),
      recordings: join(this.#config.dataDir, 'recordings'),
    });
    await this.#matchmaking?.start();
  }

  async #openEdges(): Promise<void> {
    if (!this.#edges.wanted) return;
    const [{ clock }, probe] = [this.#host, this.#probe];
    const part = must(this.#gameServers, 'fleets are there');
    const { games, service: servers, startTimeoutMsOf } = part;
    const told = { dir: this.#dir, clock, links: makeLinks({ clock, probe }), probe, keys: this.#keys, servers };
    await this.#edges.open({ ...told, games, startTimeoutMsOf, processes: () => this.#fleet });
  }

  async #openSwitchboard(): Promise<void> {
    const { clock, entropy } = this.#host;
    const probe = this.#probe;
    const store = must(this.#store, 'the store is open');
    const runner = must(this.#runner, 'the runner is open');
    const policyOfFleet = { startTimeoutMs: this.#config.regionServer.startTimeoutMs };
    const edges = this.#edges.roles(this.#dir, probe);
    // Without a world there is nobody to lead players to a region.
    if (this.#config.world.regions.length === 0) {
      if (edges.length > 0)
        this.#fleet = makeFleet({ clock, entropy, store, runner, probe }, { roles: edges, policy: policyOfFleet });
      return;
    }
    const { world, sleepAfterMs, handoff } = this.#config;
    const switchboard = new Switchboard({
      links: makeLinks({ clock, probe }),
      sockets: this.#dir.sockets,
      probe,
      bus: this.#bus,
      keys: this.#keys,
      gateways: this.gateways,
      ledger: must(this.#ledger, 'the ledger is open'),
      board: this.#board,
      live: this.#live,
      clock,
      spans: (from, spans) => this.#telemetry?.take(from, spans),
    });
    this.#switchboard = switchboard;
    this.#regions = makeRegions(
      {
        clock,
        store,
        probe,
        ...(this.#telemetry ? { tracer: this.#telemetry.tracer } : {}),
        toServer: (server, message) => switchboard.toServer(server, message),
        toGateway: (gateway, message) => switchboard.toGateway(gateway, message),
        crossing: (note) => this.#live.crossing(note),
        relink: () => switchboard.relink(),
      },
      {
        // The Store is one data directory's: whoever holds its lock is the same one as before.
        holder: 'embedded',
        world: {
          regions: world.regions.map(({ id, name, bounds }) => ({ region: id, name, ...bounds })),
          spawn: world.spawn.region,
        },
        policy: { ...handoff, ...(sleepAfterMs === undefined ? {} : { sleepAfterMs }) },
      },
    );
    this.#fleet = makeFleet(
      { clock, entropy, store, runner, probe },
      {
        roles: [
          ...rolesOf({
            config: this.#config,
            dir: this.#dir,
            settingsFile: this.#settingsFile,
            gatewayProgram: chooseEngine(this.#config.gateway, { clock, probe }),
          }),
          ...edges,
        ],
        policy: policyOfFleet,
      },
    );
    await switchboard.open(this.#regions, this.#fleet);
  }

  async #stopEdges(): Promise<void> {
    await this.#fleet?.stop(policy.gatewayStopMs, 'edge');
  }

  async #stopGateways(): Promise<void> {
    await this.#switchboard?.drainGateways(policy.gatewayDrainMs);
    await this.#fleet?.stop(policy.gatewayStopMs, 'gateway');
  }

  #missing(): string[] {
    return missingIn(this.status(), this.#config);
  }

  get #settingsFile(): string {
    return join(this.#dir.run, 'gateway.json');
  }
}
