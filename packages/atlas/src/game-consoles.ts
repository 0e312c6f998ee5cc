/** What the API tells of consoles, and does at them; and logs as they are shown: without secrets of the servers. */
import type { ConsoleSource, LogSource, Outcome, Sources } from '@horizon-atlas/control';
import { AtlasError, type GameServerView } from '@horizon-atlas/protocol';
import type { EdgesPart } from './edges/edges-part.ts';
import type { GameServersPart } from './game-servers.ts';

/** `part`: absent until game servers are started. */
export function gameSources(
  logs: LogSource | undefined,
  part: () => GameServersPart | undefined,
  edges: Pick<EdgesPart, 'desk'>,
): Pick<Partial<Sources>, 'consoles' | 'games' | 'logs'> {
  // Nothing before there are fleets.
  const games = { games: async () => (await part()?.definitions?.games()) ?? [] };
  return { consoles: consoleSource(part, edges), games, ...(logs ? { logs: redactedLogs(logs, part) } : {}) };
}

function consoleSource(part: () => GameServersPart | undefined, edges: Pick<EdgesPart, 'desk'>): ConsoleSource {
  return {
    find(typed) {
      const found = find(part(), typed);
      if (!found.ok) return found;
      const { view, game } = found;
      // Without a definition nobody has said which port is the players', so it is the first.
      const port = game ? view.ports.find(({ name }) => game.ports[name]?.role === 'game') : view.ports[0];
      // By the edge, where one leads there without a token: who goes past it is held and counted by nobody.
      const way = edges.desk?.waysTo(view.id).find(({ name, token }) => name === port?.name && token === undefined);
      const reached = way ?? port;
      const console = {
        server: view.id,
        fleet: view.fleet,
        game: game?.name ?? '',
        state: view.state,
        players: view.players?.count ?? null,
        capacity: view.players?.capacity ?? null,
        address: reached ? `${reached.host}:${reached.port}` : '',
        accepts: game !== undefined && found.part.hasConsole(game),
      };
      return { ok: true, console };
    },
    type(typed, line) {
      const found = find(part(), typed);
      if (!found.ok) return found;
      const { games, view, game } = found;
      if (!game) return undefinedGame(view, 'CONSOLE_NONE');
      try {
        games.type(view.id, line);
        return { ok: true, shown: games.redacted(view.id, line) };
      } catch (error) {
        return refusal(error);
      }
    },
    async backup(typed) {
      const found = find(part(), typed);
      if (!found.ok) return found;
      if (!found.game) return undefinedGame(found.view, 'PROCESS_UNKNOWN');
      try {
        return { ok: true, folder: await found.games.backup(found.view.id) };
      } catch (error) {
        return refusal(error);
      }
    },
  };
}

/** Servers of games print their secrets now and then. */
function redactedLogs(logs: LogSource, part: () => GameServersPart | undefined): LogSource {
  const shown = (process: string, text: string) => part()?.games.redacted(process, text) ?? text;
  return {
    async tail(process, lines) {
      const outcome = await logs.tail(process, lines);
      if (!outcome.ok) return outcome;
      return { ok: true, lines: outcome.lines.map((line) => ({ ...line, text: shown(process, line.text) })) };
    },
    follow: (process, onLine, ended) =>
      logs.follow(process, (line) => onLine({ ...line, text: shown(process, line.text) }), ended),
  };
}

function find(part: GameServersPart | undefined, typed: string) {
  if (!part)
    return { ok: false, code: 'NOT_READY', message: 'this Atlas has no fleets, or they are still being started' } as const;
  const { service, games } = part;
  const one = service.get(typed);
  const views: readonly GameServerView[] = one ? [one] : service.list(typed);
  const [view] = views;
  if (!view) return { ok: false, code: 'PROCESS_UNKNOWN', message: `no game server or fleet is called ${typed}` } as const;
  if (views.length > 1) {
    const message = `the fleet ${typed} has ${views.length} servers: ${views
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ')}`;
    return { ok: false, code: 'ID_AMBIGUOUS', message } as const;
  }
  const game = games.launched(view.id)?.game.definition;
  return { ok: true, part, games, view, game } as const;
}

function undefinedGame({ id }: GameServerView, code: 'CONSOLE_NONE' | 'PROCESS_UNKNOWN'): Outcome<never> {
  return { ok: false, code, message: `${id} runs no game definition, or is just being started` };
}

function refusal(error: unknown): Outcome<never> {
  if (error instanceof AtlasError) return { ok: false, code: error.code, message: error.message };
  throw error;
}
