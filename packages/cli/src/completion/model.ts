/** What a shell has to know to complete a command line: the commands, options and arguments as commander has them, nothing of their own. */
import type { Argument, Command, Option } from 'commander';

export interface OptionModel {
  /** `-o`, `--output`. */
  readonly flags: readonly string[];
  readonly about: string;
  readonly takesValue: boolean;
  readonly values: Values;
}

/** What may stand somewhere: fixed words, files, or ids of a running world, which are asked for when they are needed. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'ids'; readonly of: string }
  | { readonly kind: 'none' };

export interface CommandModel {
  /** Words after `atlas`: `keys create`. Empty for atlas itself. */
  readonly path: string;
  readonly about: string;
  readonly options: readonly OptionModel[];
  readonly subcommands: readonly { readonly name: string; readonly about: string }[];
  /** Of the arguments: the first one's, because the others are seldom of another kind. */
  readonly values: Values;
}

export function commandModels(program: Command): CommandModel[] {
  const inner = (command: Command, path: string): CommandModel[] => [
    modelOf(command, path),
    ...command.commands.flatMap((each) => inner(each, `${path} ${each.name()}`.trim())),
  ];
  return inner(program, '');
}

function modelOf(command: Command, path: string): CommandModel {
  const visible = command.createHelp();
  const [first] = command.registeredArguments;
  const subcommands = visible.visibleCommands(command).map((each) => ({ name: each.name(), about: each.description() }));
  const help = path === 'help' || path === '';
  return {
    path,
    about: command.description(),
    options: visible.visibleOptions(command).map(optionOf),
    subcommands,
    values: help ? { kind: 'none' } : first ? valuesOf(first.name(), choicesOf(first)) : { kind: 'none' },
  };
}

function optionOf(option: Option): OptionModel {
  const takesValue = option.required || option.optional;
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    about: option.description,
    takesValue,
    values: takesValue ? valuesOf(option.attributeName(), option.argChoices ?? []) : { kind: 'none' },
  };
}

function choicesOf(argument: Argument): readonly string[] {
  return argument.argChoices ?? [];
}

const files = new Set(['config', 'dataDir', 'folder', 'file', 'script', 'ca', 'tokens']);
/** Names of arguments and options that stand for ids, and of what. */
const ids: Readonly<Record<string, string>> = {
  words: 'any',
  process: 'process',
  player: 'player',
  region: 'region',
  key: 'key',
};

function valuesOf(name: string, choices: readonly string[]): Values {
  if (choices.length > 0) return { kind: 'words', words: choices };
  if (files.has(name)) return { kind: 'files' };
  const of = ids[name];
  return of === undefined ? { kind: 'none' } : { kind: 'ids', of };
}
