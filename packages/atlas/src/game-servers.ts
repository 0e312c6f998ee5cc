/**
 * Fleets of game servers in this Atlas: the service with processes behind its runner and links to its servers, the keys of join tokens, and what
 * each fleet's program is as a command.
 */
import { type Autoscaler, makeAutoscaler } from '@horizon-atlas/autoscaler';
import { withBundles } from '@horizon-atlas/bundles';
import type { FleetSource, GameSource } from '@horizon-atlas/control';
import {
  type FleetProgram,
  type FleetSettings,
  type GameServersService,
  makeGameServers,
  openJoinTokens,
} from '@horizon-atlas/fleet';
import { type Game, type GameFleet, type Games, hasConsole, isPortFree } from '@horizon-atlas/games';
import type { Clock, Entropy, Links, Probe, Runner, Store } from '@horizon-atlas/ports';
import type { GameServerPort, JoinTokens } from '@horizon-atlas/protocol';
import { AgonesDoors } from './agones-doors.ts';
import type { AtlasConfig, FleetConfig } from './config.ts';
import type { DataDir } from './data-dir.ts';
import { programText, programVersion, readProgram } from './fleet-program.ts';
import { termsOf } from './fleet-scaling.ts';
import { gameFleetsOf, gameProgram, openGames, stopGraceOf, timesOf } from './game-fleets.ts';
import { GameServerLogs } from './game-server-logs.ts';
import { fleetSource } from './live/fleet-source.ts';
import { GameServerUsage } from './live/game-server-usage.ts';
import { gameSource } from './live/game-source.ts';
import { MatchLinks } from './match-link.ts';
import { unixAddress } from './processes.ts';

export interface GameServersHost {
  readonly config: AtlasConfig;
  readonly dir: DataDir;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly probe: Probe;
  readonly store: Store;
  readonly links: Links;
  /** Of game servers alone. */
  readonly runner: Runner;
  /** Of the API. */
  readonly url: () => string;
}

/** The socket of match servers. One of its own, so that who dials is clear before the first message. */
export const matchSocket = 'matches.sock';

export class GameServersPart {
  readonly service: GameServersService;
  readonly tokens: JoinTokens;
  readonly games: Games;
  readonly source: FleetSource;
  /** Of the API. */
  definitions: GameSource | undefined;
  /** What its servers that save need to end; 0: no more than others. */
  stopGraceMs = 0;
  /** How long a server of a fleet may take to start; undefined: there is no such fleet. */
  startTimeoutMsOf: (fleet: string) => number | undefined = () => undefined;
  readonly #links: MatchLinks;
  readonly #listen: () => Promise<void>;
  readonly #host: GameServersHost;
  readonly #doors: AgonesDoors;
  readonly #usage: GameServerUsage;
  #autoscaler: Autoscaler | undefined;

  /** Makes the service; nothing is started yet. Rejects as `openJoinTokens`. */
  static async open(host: GameServersHost): Promise<GameServersPart> {
    const { config, dir, clock, entropy, probe, store, links, runner } = host;
    const tokens = await openJoinTokens(store, entropy, clock.wall());
    const logs = new GameServerLogs(dir.logs);
    for (const { id, logFile } of await runner.list()) if (logFile !== undefined) logs.found(id, logFile);
    const matchLinks = new MatchLinks();
    const doors = new AgonesDoors(host);
    const control = unixAddress(dir, matchSocket);
    const joinKeys = () => `${host.url()}/api/v1/join-keys`;
    const gameFleets = await gameFleetsOf(config);
    const gameOf = (fleet: FleetConfig): GameFleet | undefined => gameFleets.find(({ name }) => name === fleet.name);
    let games: Games | undefined;
    const service = makeGameServers(
      { clock, entropy, store, runner, probe, isPortFree, tell: (server, message) => matchLinks.tell(server, message) },
      {
        fleets: config.fleets.map((fleet) => {
          const game = gameOf(fleet);
          if (!game) {
            const revive = (text: string) => {
              const program = readProgram(text);
              return program && doors.within(fleet, programOf({ ...fleet, ...program }, control, joinKeys, logs));
            };
            const program = doors.within(fleet, programOf(fleet, control, joinKeys, logs));
            return { ...settingsOf(fleet, program), revision: programText(fleet), revive };
          }
          const program = gameProgram(() => games, game, fleet, logs);
          return settingsOf(timesOf(fleet, game), doors.within(fleet, program));
        }),
        portRange: config.serverPorts,
      },
    );
    service.watch(({ id }, gone) => {
      if (gone) logs.gone(id);
    });
    games = openGames({ config, dir, clock, probe, runner, servers: service }, gameFleets);
    const usage = new GameServerUsage({ clock, runner, servers: service });
    const listen = () => matchLinks.open({ links, probe, address: control }, service, tokens);
    await doors.open(service, await runner.list());
    const part = new GameServersPart(host, doors, service, tokens, matchLinks, games, listen, usage);
    part.definitions = gameSource(gameFleets, config.file);
    part.stopGraceMs = stopGraceOf(gameFleets);
    part.startTimeoutMsOf = (name) => {
      const fleet = config.fleets.find((each) => each.name === name);
      const game = fleet && gameOf(fleet);
      return game ? timesOf(fleet, game).startTimeoutMs : fleet?.startTimeoutMs;
    };
    return part;
  }

  private constructor(
    host: GameServersHost,
    doors: AgonesDoors,
    service: GameServersService,
    tokens: JoinTokens,
    links: MatchLinks,
    games: Games,
    listen: () => Promise<void>,
    usage: GameServerUsage,
  ) {
    const { config, entropy, runner, url } = host;
    const { fleets } = config;
    this.source = fleetSource({ service, tokens, entropy, runner, usage, fleets, url, autoscaler: () => this.#autoscaler });
    this.#usage = usage;
    this.#host = host;
    this.#doors = doors;
    this.games = games;
    this.service = service;
    this.tokens = tokens;
    this.#links = links;
    this.#listen = listen;
  }

  /** Whether lines can be typed at it. */
  hasConsole(game: Game['definition']): boolean {
    return hasConsole(game);
  }

  /** First what a former Atlas left is known, then its servers are listened to: a stranger's link is refused for good. Rejects with LINK_…. */
  async start(): Promise<void> {
    await this.service.start();
    this.games.start();
    this.#usage.start();
    await this.#listen();
    const { config, clock, entropy, probe } = this.#host;
    const { service } = this;
    this.#autoscaler = makeAutoscaler({
      clock,
      entropy,
      probe,
      fleets: service,
      servers: service,
      declared: (name, kind, key) => {
        const fleet = config.fleets.find((each) => each.name === name);
        return (kind === 'Counter' ? fleet?.counters[key] : fleet?.lists[key])?.capacity;
      },
    });
    for (const fleet of config.fleets) this.#autoscaler.set(fleet.name, termsOf(fleet, service.fleet(fleet.name)?.mode));
  }

  /** There once it has started. */
  get autoscaler(): Autoscaler | undefined {
    return this.#autoscaler;
  }

  async close(): Promise<void> {
    this.#autoscaler?.close();
    this.games.close();
    this.#usage.close();
    await this.service.close();
    await this.#doors.close();
    await this.#links.close();
  }
}

export function settingsOf(fleet: FleetConfig, program: FleetProgram): FleetSettings {
  const { name, sites, labels, annotations, scaling, sessionsPerServer, health, rollout } = fleet;
  const { afterSession, startTimeoutMs, stopGraceMs, warmUpMs, coolDownMs, maxLifetimeMs } = fleet;
  return {
    name,
    version: fleet.version ?? programVersion(fleet),
    program,
    rollout: { ...rollout, canary: rollout.canary, abort: rollout.abort || undefined },
    sites,
    labels,
    annotations,
    counters: fleet.counters,
    lists: Object.fromEntries(Object.entries(fleet.lists).map(([key, { capacity }]) => [key, { values: [], capacity }])),
    scaling,
    sessionsPerServer,
    policy: {
      afterSession,
      startTimeoutMs,
      stopGraceMs,
      warmUpMs,
      coolDownMs,
      maxLifetimeMs,
      healthPeriodMs: health.periodMs,
      healthFailures: health.failures,
    },
  };
}

/** A program of the user's own: told by its environment who it is, where Atlas is, and which ports it has. */
function programOf(fleet: FleetConfig, control: string, joinKeys: () => string, logs: GameServerLogs): FleetProgram {
  return {
    host: fleet.host,
    ports: fleet.ports.map(({ name, protocol, port }) => ({ name, protocol, ...(port === undefined ? {} : { port }) })),
    launch: ({ id, site, ports, spare }) => ({
      id,
      argv: withBundles(fleet.argv),
      // A script may leave its server to itself, which would then stay in the background.
      background: spare && fleet.argv[0] === process.execPath,
      cwd: fleet.cwd,
      logFile: logs.fileOf(fleet.name, id),
      wholeTree: true,
      env: {
        ...fleet.env,
        ATLAS_SERVER_ID: id,
        ATLAS_CONTROL: control,
        ATLAS_JOIN_KEYS: joinKeys(),
        ATLAS_FLEET: fleet.name,
        ATLAS_SITE: site,
        ATLAS_HOST: fleet.host,
        ...portVariables(ports),
      },
    }),
  };
}

function portVariables(ports: readonly GameServerPort[]): Record<string, string> {
  return Object.fromEntries(
    ports.map(({ name, port }) => [`ATLAS_PORT_${name.toUpperCase().replaceAll('-', '_')}`, String(port)]),
  );
}
