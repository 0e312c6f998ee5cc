/**
 * Fleets of game servers in this Atlas: the service with processes behind its runner and links to its servers, the keys of join tokens, and what
 * each fleet's program is as a command.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  type FleetProgram,
  type FleetSettings,
  type GameServersService,
  makeGameServers,
  openJoinTokens,
} from '@horizon-atlas/fleet';
import type { Clock, Entropy, Links, Probe, Runner, Store } from '@horizon-atlas/ports';
import type { GameServerPort, JoinTokens, PortProtocol } from '@horizon-atlas/protocol';
import type { AtlasConfig, FleetConfig } from './config.ts';
import type { DataDir } from './data-dir.ts';
import { GameServerLogs } from './game-server-logs.ts';
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
}

/** The socket of match servers. One of its own, so that who dials is clear before the first message. */
export const matchSocket = 'matches.sock';

export class GameServersPart {
  readonly service: GameServersService;
  readonly tokens: JoinTokens;
  readonly #links: MatchLinks;

  /** Makes the service and listens for its servers; nothing is started yet. Rejects as `openJoinTokens`, and with LINK_…. */
  static async open(host: GameServersHost): Promise<GameServersPart> {
    const { config, dir, clock, entropy, probe, store, links, runner } = host;
    const tokens = await openJoinTokens(store, entropy, clock.wall());
    const logs = new GameServerLogs(dir.logs);
    for (const { id, logFile } of await runner.list()) if (logFile !== undefined) logs.found(id, logFile);
    const matchLinks = new MatchLinks();
    const control = unixAddress(dir, matchSocket);
    const service = makeGameServers(
      { clock, entropy, store, runner, probe, isPortFree, tell: (server, message) => matchLinks.tell(server, message) },
      {
        fleets: config.fleets.map((fleet) => settingsOf(fleet, programOf(fleet, control, logs))),
        portRange: config.serverPorts,
      },
    );
    service.watch(({ id }, gone) => {
      if (gone) logs.gone(id);
    });
    const part = new GameServersPart(service, tokens, matchLinks);
    await matchLinks.open({ links, probe, address: control }, service, tokens);
    return part;
  }

  constructor(service: GameServersService, tokens: JoinTokens, links: MatchLinks) {
    this.service = service;
    this.tokens = tokens;
    this.#links = links;
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.#links.close();
  }
}

export function settingsOf(fleet: FleetConfig, program: FleetProgram): FleetSettings {
  const { name, version, sites, labels, annotations, scaling, sessionsPerServer, health } = fleet;
  const { afterSession, startTimeoutMs, stopGraceMs, warmUpMs, coolDownMs, maxLifetimeMs } = fleet;
  return {
    name,
    version,
    program,
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
function programOf(fleet: FleetConfig, control: string, logs: GameServerLogs): FleetProgram {
  return {
    host: fleet.host,
    ports: fleet.ports.map(({ name, protocol, port }) => ({ name, protocol, ...(port === undefined ? {} : { port }) })),
    launch: ({ id, site, ports }) => ({
      id,
      argv: fleet.argv,
      cwd: fleet.cwd,
      logFile: logs.fileOf(fleet.name, id),
      wholeTree: true,
      env: {
        ...fleet.env,
        ATLAS_SERVER_ID: id,
        ATLAS_CONTROL: control,
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

/** Bound by nobody, as far as binding it shows. */
export async function isPortFree(host: string, port: number, protocol: PortProtocol): Promise<boolean> {
  if (protocol !== 'udp' && !(await binds(host, port))) return false;
  return protocol === 'tcp' || protocol === 'ws' || (await bindsUdp(host, port));
}

function binds(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function bindsUdp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

/** Where the runner of game servers keeps its records. */
export function matchRunnerFolder(dir: DataDir): string {
  return join(dir.run, 'matches');
}
