/** What the API tells of game definitions: those that fleets run, and those that come with Atlas. Nothing of it changes while Atlas runs. */
import { dirname, relative } from 'node:path';
import type { GameSource, Game as ShownGame } from '@horizon-atlas/control';
import {
  conditionsOf,
  type Game,
  type GameFleet,
  hasConsole,
  loadGame,
  shippedFolder,
  shippedGames,
  stopSteps,
  withinMsOf,
} from '@horizon-atlas/games';

/** @param configFile what paths of one's own definitions are told relative to */
export function gameSource(fleets: readonly GameFleet[], configFile: string): GameSource {
  let games: Promise<readonly ShownGame[]> | undefined;
  return {
    games() {
      games ??= read(fleets, dirname(configFile));
      return games;
    },
  };
}

async function read(fleets: readonly GameFleet[], home: string): Promise<readonly ShownGame[]> {
  const byFile = new Map<string, { readonly game: Game; readonly fleets: string[] }>();
  for (const { name, game } of fleets) {
    const known = byFile.get(game.file);
    if (known) known.fleets.push(name);
    else byFile.set(game.file, { game, fleets: [name] });
  }
  for (const name of shippedGames()) {
    const game = await loadGame(name, home);
    if (!byFile.has(game.file)) byFile.set(game.file, { game, fleets: [] });
  }
  const ids = new Set<string>();
  return [...byFile.values()].map((each) => {
    const id = freeId(each.game.id, ids);
    ids.add(id);
    return shown(id, each.game, each.fleets, home);
  });
}

/** Two files of one name are two games. */
function freeId(wanted: string, taken: ReadonlySet<string>): string {
  for (let i = 1; ; i++) {
    const id = i === 1 ? wanted : `${wanted}-${i}`;
    if (!taken.has(id)) return id;
  }
}

function shown(id: string, { definition, file }: Game, fleets: readonly string[], home: string): ShownGame {
  const { name, about, install, user, ports, query, players, health, sleep, realIp, saves, limits, variables, files } =
    definition;
  const shipped = dirname(file) === shippedFolder;
  return {
    id,
    name,
    about: about ?? '',
    shipped,
    file: shipped ? '' : relative(home, file),
    fleets: [...fleets],
    install: { ...install },
    command: definition.argv.map(argText),
    user: user ?? '',
    ports: Object.entries(ports).map(([port, { protocol, role, port: number, offset }]) => ({
      name: port,
      protocol,
      role,
      port: number ?? null,
      offset: offset ?? null,
    })),
    ready: {
      of: definition.ready?.any ? 'any' : 'all',
      conditions: (definition.ready?.any ?? conditionsOf(definition)).map((condition) =>
        'log' in condition
          ? { kind: 'log', what: condition.log }
          : 'bound' in condition
            ? { kind: 'bound', what: condition.bound }
            : { kind: 'query', what: '' },
      ),
      withinMs: withinMsOf(definition),
    },
    query: query ?? null,
    players: {
      countedBy: [...(players?.join || players?.list ? (['log'] as const) : []), ...(query ? (['query'] as const) : [])],
      capacity: players?.capacity ?? null,
    },
    health: { failures: health.failures, silenceMs: health.silenceMs ?? null, log: health.log ?? '', graceMs: health.graceMs },
    console: hasConsole(definition),
    stop: stopSteps(definition).map((step) => ({
      kind: step.kind,
      what: step.kind === 'write' ? step.text.trimEnd() : step.signal,
      waitMs: step.waitMs,
    })),
    sleep: sleep ?? null,
    realIp,
    switch: definition.switch,
    saves: saves ? { paths: saves.paths, write: saves.write ?? '', keep: saves.keep } : null,
    limits: {
      cpus: limits.cpus ?? null,
      memoryMb: limits.memoryMb ?? null,
      processes: limits.processes ?? null,
      logMb: limits.logMb,
    },
    variables: Object.entries(variables).map(([variable, each]) => ({
      name: variable,
      type: each.type,
      description: each.description ?? '',
      default: each.secret ? null : (each.default ?? null),
      enum: each.enum ?? [],
      minimum: each.minimum ?? null,
      maximum: each.maximum ?? null,
      secret: each.secret ?? false,
    })),
    files: files.map(({ path, when }) => ({ path, when })),
  };
}

/** What stands there at times only is in brackets. */
function argText(arg: Game['definition']['argv'][number]): string {
  if (typeof arg === 'string') return arg;
  return `[${arg.args.join(' ')}]`;
}
