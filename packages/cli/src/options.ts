/**
 * Options that commands share. They may stand before the command's name or after it; after it wins. Values that were not given come from the
 * environment: ATLAS_API, ATLAS_TOKEN, NO_COLOR.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type OutputFormat, outputFormats } from './output.ts';
import { type Terminal, terminalOf } from './terminal.ts';

export interface Options {
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
  readonly api: string | undefined;
  readonly token: string | undefined;
  readonly output: OutputFormat;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

const target = () => [
  new Option('-c, --config <file>', 'the configuration that it was started with'),
  new Option('--data-dir <folder>', 'its data directory, if there is no configuration'),
  new Option('--api <url>', 'ask this API, such as http://127.0.0.1:7700').env('ATLAS_API'),
  new Option('--token <token>', 'admin token or API key').env('ATLAS_TOKEN'),
];
const output = () => [
  new Option('-o, --output <format>', 'the form of the answer').choices(outputFormats),
  new Option('--json', 'short for --output json'),
];
const color = () => new Option('--no-color', 'no colours, whatever the terminal can do');

/** A command about an Atlas that runs. */
export function withTarget(command: Command): Command {
  return added(command, [...target(), color()]);
}

/** A command with an answer that programs may read. */
export function withOutput(command: Command): Command {
  return added(command, output());
}

/** A command that does something to players. */
export function withConsent(command: Command): Command {
  return added(command, [
    new Option('-y, --yes', 'do not ask'),
    new Option('--dry-run', 'only tell what would happen to players'),
  ]);
}

export function withColor(command: Command): Command {
  return added(command, [color()]);
}

/** All that may also stand before the command's name. */
export function withShared(program: Command): Command {
  return added(program, [...target(), ...output(), color()]);
}

export interface Run {
  readonly options: Options;
  readonly terminal: Terminal;
}

export function runOf(command: Command): Run {
  const value = <T>(name: string): T | undefined => givenValue(command, name);
  return {
    options: {
      config: value('config'),
      dataDir: value('dataDir'),
      api: value('api'),
      token: value('token'),
      output: value('json') === true ? 'json' : (value<OutputFormat>('output') ?? 'table'),
      yes: value('yes') === true,
      dryRun: value('dryRun') === true,
    },
    terminal: terminalOf(value('color') !== false),
  };
}

/** The nearest one that was given; then from the environment. */
function givenValue<T>(command: Command, name: string): T | undefined {
  const chain = [command, ...ancestors(command)];
  for (const given of ['cli', 'env'])
    for (const each of chain) if (each.getOptionValueSource(name) === given) return each.getOptionValue(name) as T;
  return undefined;
}

function ancestors(command: Command): Command[] {
  return command.parent ? [command.parent, ...ancestors(command.parent)] : [];
}

function added(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

export type Example = readonly [line: string, about: string];
const examplesByCommand = new WeakMap<Command, readonly Example[]>();

/** The examples below a command's help, and in its page of the reference. */
export function examples(command: Command, lines: readonly Example[]): Command {
  examplesByCommand.set(command, lines);
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, about]) => `  ${about === '' ? line : `${line.padEnd(width)}  ${about}`}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}

export function examplesOf(command: Command): readonly Example[] {
  return examplesByCommand.get(command) ?? [];
}

export function portOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => wholeNumber(text, 0, 65_535, 'A port'));
}

/** A whole number within bounds, or a usage error that says so. */
export function wholeNumber(text: string, least: number, most: number, what = 'It'): number {
  const n = Number(text);
  if (!/^-?\d+$/.test(text) || n < least || n > most)
    throw new InvalidArgumentError(`${what} is a number from ${least} to ${most}.`);
  return n;
}

/** An option in seconds whose default is shown with its unit. */
export function timeOption(flags: string, description: string, most: number, usualS?: number): Option {
  const option = new Option(flags, description).argParser((text) => seconds(text, most));
  return usualS === undefined ? option : option.default(usualS, `${usualS}s`);
}

/** A figure within bounds; `90s`, `5m` and `1h` are seconds. */
function seconds(text: string, most: number): number {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const n = found ? Number(found[1]) * { ms: 0.001, s: 1, m: 60, h: 3600 }[(found[2] ?? 's') as 's'] : Number.NaN;
  if (!(n >= 0 && n <= most)) throw new InvalidArgumentError(`It is a time such as 30s, 5m or 1h, up to ${most} s.`);
  return n;
}
