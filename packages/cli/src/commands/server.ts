/** `atlas server`: game servers that nobody here wrote: from a definition into the configuration, and at their consoles. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { nearest } from '@horizon-atlas/base';
import { type GameDefinition, importEgg, loadGame, shippedFolder, shippedGames } from '@horizon-atlas/games';
import { AtlasError } from '@horizon-atlas/protocol';
import type { Command } from 'commander';
import { connectionOf } from '../connection.ts';
import { addFleet } from '../fleet-entry.ts';
import { findConfig } from '../installation.ts';
import { untilInterrupted } from '../interrupt.ts';
import { printList } from '../list-command.ts';
import { examples, type Run, runOf, withOutput, withTarget } from '../options.ts';
import { renderLine } from '../output.ts';
import type { Column } from '../table.ts';
import { harmless, harmlessLine } from '../text-width.ts';

export function addServer(program: Command): void {
  const server = program.command('server').description('run dedicated servers of games: add, list, import, console, backup');
  addAdd(server);
  addList(server);
  addImport(server);
  addConsole(server);
  addBackup(server);
}

type EntryPort =
  | { readonly name: string; readonly port: number }
  | {
      readonly name: string;
      readonly edge: { readonly port: number; readonly source?: 'proxy-v2'; readonly amplification?: number };
    };

interface AddOptions {
  readonly name?: string;
  readonly port?: string;
  readonly var?: readonly string[];
  readonly copy?: boolean;
  readonly direct?: boolean;
}

function addAdd(server: Command): void {
  const command = server
    .command('add')
    .argument('<game>', `a definition that Atlas brings along (${shippedGames().join(', ')}), or the path of one`)
    .description('add a dedicated server to the configuration of this folder, or make one')
    .option('--name <name>', 'of the fleet; the game’s when absent')
    .option('--port <number>', 'that players join at; the game’s usual one when absent')
    .option(
      '--direct',
      'players reach the server itself, not Atlas’s edge: nobody is held while it sleeps, and nobody counts who comes',
    )
    .option('--var <name=value...>', 'values of the game’s variables')
    .option('--copy', 'copy the definition into this folder, to change it')
    .action(async (typed: string, options: AddOptions, self: Command) => {
      const { terminal, options: shared } = runOf(self);
      const game = await loadGame(typed, process.cwd());
      const { definition } = game;
      const named = configOf(shared.config);
      const name =
        options.name ??
        game.id
          .toLowerCase()
          .replace(/[^a-z0-9-]+/g, '-')
          .slice(0, 32);
      const copied = options.copy ? copyOf(game.file, join(dirname(named), `${game.id}.yaml`)) : undefined;
      const source = copied === undefined ? sourceOf(typed, named) : `./${basename(copied)}`;
      const entry = entryOf(name, source, definition, options);
      const number = entry.ports?.[0] && ('edge' in entry.ports[0] ? entry.ports[0].edge.port : entry.ports[0].port);
      const done = await addFleet(named, entry);
      terminal.print(`${done === 'made' ? 'Made' : 'Changed'} ${named}: the fleet ${name} runs ${definition.name}.`);
      if (copied !== undefined) terminal.print(`Its definition is ${copied}.`);
      const ways = Object.entries(definition.install ?? {}).map(([system, how]) => `  ${system}: ${how}`);
      if (ways.length > 0) terminal.print(['It needs to be installed, if it is not:', ...ways].join('\n'));
      terminal.print(`Next: atlas up${number === undefined ? '' : `, and players join 127.0.0.1:${number}`}`);
      if (!options.direct && number !== undefined)
        terminal.print("Players of other machines: edge: { listen: '0.0.0.0' } in the configuration.");
      terminal.print(`Then: atlas server console ${name}`);
    });
  examples(command, [
    ['atlas server add bzflag', ''],
    ['atlas server add openttd --port 4000 --var mapX=9 mapY=9', ''],
    ['atlas server add minetest --copy', 'with a definition of your own, to change it'],
    ['atlas server add bzflag --name ctf --port 5155 --var teams', 'a second one beside the first'],
  ]);
}

const gameColumns: readonly Column<{ id: string; name: string; about: string }>[] = [
  { title: 'GAME', rank: 0, cell: ({ id }) => id },
  { title: 'NAME', rank: 1, cell: ({ name }) => name },
  { title: 'ABOUT', rank: 2, min: 20, cell: ({ about }) => about },
];

function addList(server: Command): void {
  const command = server
    .command('list')
    .description('list the definitions that Atlas brings along')
    .action(async (_options: unknown, self: Command) => {
      const items = await Promise.all(
        shippedGames().map(async (id) => {
          const { name, about = '', install = {} } = (await loadGame(id, '.')).definition;
          return { id, name, about, install };
        }),
      );
      printList(runOf(self), { items, total: items.length }, gameColumns, 'Atlas brings no definition along.');
    });
  examples(withOutput(command), [['atlas server list', '']]);
}

/** As it is typed in this folder: a definition of one's own is named by a path. */
function shownPath(file: string): string {
  const path = relative('.', file);
  return path.startsWith('..') ? file : `./${path}`;
}

function addImport(server: Command): void {
  const command = server
    .command('import <egg>')
    .description(
      'make a game definition of an egg of Pterodactyl or Pelican (JSON or YAML), and say what could not be carried over',
    )
    .option('--out <file>', 'where; named after the egg in this folder when absent')
    .option('--force', 'replace a file that is there')
    .action(async (egg: string, { out, force }: { out?: string; force?: boolean }, self: Command) => {
      const { terminal } = runOf(self);
      if (!existsSync(egg)) throw new AtlasError('EGG_INVALID', `there is no file ${resolve(egg)}`);
      const { definition, yaml, notes } = importEgg(readFileSync(egg, 'utf8'));
      const id =
        definition.name
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-|-$/g, '') || 'game';
      const file = resolve(out ?? `${id}.yaml`);
      if (existsSync(file) && !force) throw new AtlasError('FOLDER_NOT_EMPTY', `${file} is there already; --force replaces it`);
      writeFileSync(file, yaml);
      terminal.print(`Wrote ${file}.`);
      terminal.print(['Not carried over, or assumed:', ...notes.map((note) => `  - ${harmlessLine(note)}`)].join('\n'));
      terminal.print(`Next: look through it, then atlas server add ${shownPath(file)}`);
    });
  examples(command, [['atlas server import egg-teeworlds.json', '']]);
}

function addConsole(server: Command): void {
  const command = server
    .command('console')
    .argument('<server>', 'a fleet’s name, or a game server’s id')
    .description('show what a game server prints, and type at its console; ends with Ctrl-C')
    .action(async (typed: string, _options: unknown, self: Command) => openConsole(runOf(self), typed));
  examples(withTarget(command), [
    ['atlas server console bzflag', ''],
    ["echo 'save backup' | atlas server console openttd", 'from a script: ends with its input'],
  ]);
}

async function openConsole({ options, terminal }: Run, typed: string): Promise<void> {
  const { admin } = await connectionOf(options);
  const found = await admin.console(typed);
  const playing = found.players === null ? '' : `, ${found.players} playing`;
  terminal.note(
    `${harmless(found.game)} (${found.server}) is ${found.state}${playing}.${found.accepts ? '' : ' It reads nothing that is typed.'}`,
  );
  for (const line of await admin.logs(found.server, 20)) terminal.print(harmlessLine(line.text));
  const interrupted = untilInterrupted();
  await new Promise<void>((done, fail) => {
    const stop = admin.followLogs(
      found.server,
      (line) => terminal.print(harmlessLine(line.text)),
      (error) => end(error),
    );
    const input = createInterface({ input: process.stdin, terminal: false });
    const typing = new Set<Promise<void>>();
    const end = (error?: Error) => {
      stop();
      input.close();
      process.stdin.unref?.();
      if (error) fail(error);
      else done();
    };
    interrupted.addEventListener('abort', () => end());
    input.on('line', (line) => {
      if (line.trim() === '') return;
      const sent = admin
        .typeConsole(found.server, line)
        .catch((error: unknown) => terminal.note(error instanceof Error ? error.message : String(error)))
        .finally(() => typing.delete(sent));
      typing.add(sent);
    });
    // A script's input ends; a moment later its answers have come.
    input.on('close', () => void Promise.all(typing).then(() => setTimeout(end, process.stdin.isTTY ? 0 : 1000)));
  });
}

function addBackup(server: Command): void {
  const command = server
    .command('backup')
    .argument('<server>', 'a fleet’s name, or a game server’s id')
    .description('have a game server save, and copy what its definition says is worth keeping')
    .action(async (typed: string, _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      const backup = await admin.backup(typed);
      terminal.print(renderLine(options.output, backup, () => `Saved to ${backup.folder}`));
    });
  examples(withOutput(withTarget(command)), [['atlas server backup openttd', '']]);
}

/** What is written into the configuration. Players come by Atlas's edge, which holds them while the server wakes, unless somebody wants them not to. */
function entryOf(
  name: string,
  game: string,
  definition: GameDefinition,
  { port: typed, var: typedVars = [], direct }: AddOptions,
) {
  const [portName, port] = Object.entries(definition.ports).find(([, { role }]) => role === 'game') ?? [];
  const number = typed === undefined ? port?.port : portOf(typed);
  const vars = variablesOf(typedVars, definition.variables);
  const source = definition.realIp === 'proxy-v2' ? { source: 'proxy-v2' as const } : {};
  // Games' first answers are longer than the questions; QUIC allows as much. By TCP and UDP on one number a connection vouches for the datagrams.
  const amplification = port?.protocol === 'udp' ? { amplification: 3 } : {};
  const ports: EntryPort[] =
    portName === undefined || number === undefined
      ? []
      : [direct ? { name: portName, port: number } : { name: portName, edge: { port: number, ...source, ...amplification } }];
  return { name, game, ...(Object.keys(vars).length > 0 ? { vars } : {}), ...(ports.length > 0 ? { ports } : {}) };
}

function portOf(typed: string): number {
  const port = Number(typed);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new AtlasError('REQUEST_INVALID', `--port ${typed} is no port: a whole number from 1 to 65535`);
}

function configOf(named: string | undefined): string {
  try {
    return findConfig(named);
  } catch {
    return resolve('atlas.config.ts');
  }
}

function copyOf(from: string, to: string): string {
  if (existsSync(to)) throw new AtlasError('FOLDER_NOT_EMPTY', `${to} is there already`);
  copyFileSync(from, to);
  return to;
}

/** Paths are relative to the configuration. */
function sourceOf(typed: string, config: string): string {
  if (shippedGames().includes(typed) || existsSync(join(shippedFolder, `${typed}.yaml`))) return typed;
  const file = resolve(typed);
  return dirname(file) === dirname(config) ? `./${basename(file)}` : file;
}

/** Values as their types; what is wrong with them is said when the configuration is read. Throws GAME_VARIABLE_INVALID for a name that the game has not. */
function variablesOf(typed: readonly string[], known: Readonly<Record<string, { readonly type: string }>>) {
  return Object.fromEntries(
    typed.map((each) => {
      const at = each.indexOf('=');
      const name = at < 0 ? each : each.slice(0, at);
      const value = at < 0 ? 'true' : each.slice(at + 1);
      const variable = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!variable) {
        const close = nearest(name, Object.keys(known));
        const others = close === undefined ? `it has ${Object.keys(known).join(', ') || 'none'}` : `did you mean ${close}?`;
        throw new AtlasError('GAME_VARIABLE_INVALID', `--var ${name}: the game has no variable of that name; ${others}`);
      }
      if (variable.type === 'boolean') return [name, booleanOf(name, value)];
      if (variable.type === 'string') return [name, value];
      const number = Number(value);
      if (value.trim() === '' || !Number.isFinite(number))
        throw new AtlasError('GAME_VARIABLE_INVALID', `--var ${each}: ${name} is a number`);
      return [name, number];
    }),
  );
}

function booleanOf(name: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new AtlasError('GAME_VARIABLE_INVALID', `--var ${name}=${value}: ${name} is true or false`);
}
