/**
 * Fleets whose servers know nothing of Atlas: their game definitions are read beside the configuration, and the games service launches and speaks for them.
 */
import { dirname, join } from 'node:path';
import { hostUser } from '@horizon-atlas/adapter-process';
import { makeQueries } from '@horizon-atlas/adapter-query';
import { nearest } from '@horizon-atlas/base';
import type { FleetProgram } from '@horizon-atlas/fleet';
import {
  checkVariables,
  type GameFleet,
  type Games,
  loadGame,
  makeGames,
  portWishes,
  stopGraceMs,
  withinMsOf,
} from '@horizon-atlas/games';
import type { Clock, Probe, Runner } from '@horizon-atlas/ports';
import { AtlasError, type GameServers } from '@horizon-atlas/protocol';
import type { AtlasConfig, FleetConfig } from './config.ts';
import type { DataDir } from './data-dir.ts';
import type { GameServerLogs } from './game-server-logs.ts';

export interface GamesHost {
  readonly config: AtlasConfig;
  readonly dir: DataDir;
  readonly clock: Clock;
  readonly probe: Probe;
  readonly runner: Runner;
  readonly servers: GameServers;
}

/** Rejects with GAME_UNKNOWN, GAME_INVALID, GAME_VARIABLE_INVALID or CONFIG_INVALID. */
export async function gameFleetsOf(config: AtlasConfig): Promise<GameFleet[]> {
  const queries = makeQueries();
  const fleets: GameFleet[] = [];
  for (const { name, game: source, vars, host, ports, sleep } of config.fleets) {
    if (source === undefined) continue;
    const game = await loadGame(source, dirname(config.file));
    const fleet = { name, game, variables: vars, host, ...(sleep ? { sleep: { how: sleep.how, ...afterOf(sleep) } } : {}) };
    checkVariables(fleet);
    const known = Object.keys(game.definition.ports);
    const wrong = ports.find((port) => !known.includes(port.name));
    if (wrong)
      throw new AtlasError(
        'CONFIG_INVALID',
        `the fleet ${name} gives the port ${wrong.name}; ${game.definition.name} has ${known.join(', ')}`,
      );
    const kind = game.definition.query?.type;
    if (kind !== undefined && !(await queries.knows(kind))) {
      const close = nearest(kind, await queries.kinds());
      throw new AtlasError(
        'GAME_INVALID',
        `${game.file}: there is no query ${kind}${close === undefined ? '' : `; did you mean ${close}?`}`,
      );
    }
    fleets.push(fleet);
  }
  return fleets;
}

export function openGames({ config, dir, clock, probe, runner, servers }: GamesHost, fleets: readonly GameFleet[]): Games {
  const root = join(dir.root, 'servers');
  const project = dirname(config.file);
  return makeGames({ clock, probe, queries: makeQueries(), runner, servers, root, project, userOf: hostUser }, fleets);
}

/** How the fleet runs a game's servers. @param games absent until all fleets are made */
export function gameProgram(
  games: () => Games | undefined,
  { game }: GameFleet,
  { name, host, ports }: FleetConfig,
  logs: GameServerLogs,
): FleetProgram {
  const wanted = Object.fromEntries(ports.flatMap((each) => (each.port === undefined ? [] : [[each.name, each.port]])));
  return {
    host,
    ports: portWishes(game.definition, wanted),
    launch({ id, ports: given }) {
      const launch = games()?.launch({ id, fleet: name, ports: given }, logs.fileOf(name, id));
      if (!launch) throw new AtlasError('NOT_READY');
      return launch;
    },
  };
}

/** A game's own time to start, with a little more, so that its voice says what is missing. */
export function timesOf(fleet: FleetConfig, { game }: GameFleet): FleetConfig {
  const startTimeoutMs = Math.max(fleet.startTimeoutMs, withinMsOf(game.definition) + 3000);
  return { ...fleet, startTimeoutMs, stopGraceMs: Math.max(fleet.stopGraceMs, stopGraceMs(game.definition)) };
}

/** The longest that one of them may take to save and end. */
export function stopGraceOf(fleets: readonly GameFleet[]): number {
  return Math.max(0, ...fleets.map(({ game }) => stopGraceMs(game.definition)));
}

function afterOf({ afterMs }: { readonly afterMs?: number | undefined }): { afterMs?: number } {
  return afterMs === undefined ? {} : { afterMs };
}
