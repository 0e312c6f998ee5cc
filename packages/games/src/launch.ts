/** From a definition, values and ports to what a Runner starts: argv without a shell, environment, files, steps to end it. */
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { ServerSpec, StopStep } from '@horizon-atlas/ports';
import { AtlasError, type GameServerPort } from '@horizon-atlas/protocol';
import type { GameDefinition } from './core/definition-schema.ts';
import { filled, namesIn } from './core/placeholders.ts';
import type { Game } from './definition.ts';
import type { FolderFile } from './server-folder.ts';

export interface LaunchInput {
  readonly id: string;
  readonly fleet: string;
  readonly game: Game;
  /** Of every variable. */
  readonly values: ReadonlyMap<string, string>;
  readonly ports: readonly GameServerPort[];
  readonly host: string;
  readonly folder: string;
  /** Of the configuration: where npm packages are looked for. */
  readonly project: string;
  readonly logFile: string;
}

export interface Launch {
  readonly spec: ServerSpec;
  readonly files: readonly FolderFile[];
}

/** Debian keeps games apart from other programs; a service's PATH often lacks them. */
const furtherPath = ['/usr/games', '/usr/local/games', '/usr/sbin', '/usr/local/sbin'];

/** Throws GAME_PROGRAM_MISSING. */
export function makeLaunch({ id, fleet, game, values, ports, host, folder, logFile, project }: LaunchInput): Launch {
  const { definition, file } = game;
  const known = new Map([
    ...values,
    ['host', host],
    ['dir', folder],
    ['home', dirname(file)],
    ['project', project],
    ...definition.modules.map((name): [string, string] => [`module.${name}`, findModule(name, definition, project)]),
    ['id', id],
    ['fleet', fleet],
    ...ports.map(({ name, port }): [string, string] => [`port.${name}`, String(port)]),
  ]);
  const fill = (text: string) => filled(text, known);
  const isSet = (name: string) => !['', 'false'].includes(values.get(name) ?? '');
  const [program = '', ...args] = definition.argv
    .flatMap((arg) => {
      if (typeof arg === 'string') return [arg];
      if ('when' in arg) return isSet(arg.when) ? arg.args : [];
      return existsSync(join(folder, arg.whenFile)) ? arg.args : arg.otherwise;
    })
    .map(fill);
  const cwd = definition.cwd === undefined ? folder : resolve(folder, fill(definition.cwd));
  const { logMb, cpus, memoryMb, processes } = definition.limits;
  const limits = {
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryMb === undefined ? {} : { memoryBytes: memoryMb * 2 ** 20 }),
    ...(processes === undefined ? {} : { processes }),
  };
  const spec: ServerSpec = {
    id,
    argv: [findProgram(program, definition, file), ...args],
    cwd,
    env: Object.fromEntries(Object.entries(definition.env).map(([name, value]) => [name, fill(value)])),
    logFile,
    logBytesMax: logMb * 1024 * 1024,
    wholeTree: true,
    stop: stopSteps(definition, fill),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(definition.cleanExits.length > 0 ? { cleanExits: definition.cleanExits } : {}),
    ...(hasConsole(definition) ? { console: true } : {}),
    ...(definition.user === undefined ? {} : { user: definition.user }),
  };
  const secrets = new Set(Object.entries(definition.variables).flatMap(([name, { secret }]) => (secret ? [name] : [])));
  const files = definition.files.map(({ path, text, when }) => ({
    path,
    text: fill(text),
    when,
    secret: namesIn(text).some((name) => secrets.has(name)),
  }));
  return { spec, files };
}

export function hasConsole({ console, stop, saves }: GameDefinition): boolean {
  return console ?? (saves?.write !== undefined || (stop ?? []).some((step) => 'write' in step));
}

/** How long all steps may take, and a second to be gone. */
export function stopGraceMs({ stop }: GameDefinition): number {
  return (stop ?? [{ waitMs: 10_000 }]).reduce((sum, { waitMs }) => sum + waitMs, 1000);
}

/** @param fill what stands for placeholders; they stay where it is absent */
export function stopSteps({ stop }: GameDefinition, fill = (text: string) => text): StopStep[] {
  const steps = stop ?? [{ signal: 'SIGTERM' as const, waitMs: 10_000 }];
  return steps.map((step) =>
    'write' in step
      ? { kind: 'write', text: `${fill(step.write)}\n`, waitMs: step.waitMs }
      : { kind: 'signal', signal: step.signal, waitMs: step.waitMs },
  );
}

/** A name is looked for in PATH; a path is relative to the definition's file. `node` is the one that Atlas runs on. */
function findProgram(program: string, { install, name }: GameDefinition, file: string): string {
  if (program === 'node') return process.execPath;
  if (program.includes('/')) {
    const path = isAbsolute(program) ? program : resolve(dirname(file), program);
    if (isExecutable(path)) return path;
  } else {
    const folders = [...(process.env.PATH ?? '').split(delimiter).filter((each) => each !== ''), ...furtherPath];
    for (const folder of folders) if (isExecutable(join(folder, program))) return join(folder, program);
  }
  throw new AtlasError(
    'GAME_PROGRAM_MISSING',
    `${name} needs the program ${program}, which is not installed here${waysOf(install)}`,
  );
}

function findModule(module: string, { install, name }: GameDefinition, project: string): string {
  try {
    return createRequire(join(project, 'package.json')).resolve(module);
  } catch {
    const where = `npm's package ${module}, which is not installed in ${project}`;
    throw new AtlasError('GAME_PROGRAM_MISSING', `${name} needs ${where}${waysOf(install)}`);
  }
}

function waysOf(install: GameDefinition['install']): string {
  return Object.entries(install ?? {})
    .map(([system, how]) => `\n  ${system}: ${how}`)
    .join('');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
