/** docs/reference/cli.md: the `atlas` command as it describes itself. */
import type { Command } from 'commander';
import { exitCodeHelp } from '../../packages/cli/src/exit-codes.ts';
import { examplesOf } from '../../packages/cli/src/options.ts';
import { makeProgram } from '../../packages/cli/src/program.ts';
import { code, type GeneratedPage, madeFrom, table } from './generated-page.ts';

const source = 'packages/cli/src/commands';

export const cliPage: GeneratedPage = {
  file: 'docs/reference/cli.md',
  source,
  text() {
    const program = makeProgram();
    return `# The atlas command

\`atlas COMMAND --help\` says the same in a terminal. ${madeFrom(source)}

Options of the table below may stand before the command's name or after it, for the commands that have them.

${optionTable(program)}

Errors go to standard error with their code ([errors.md](errors.md)) and what to do; answers go to standard output. Tables fit the terminal: what matters less
is left out where it is narrow (\`COLUMNS\` decides for a pipe). JSON and YAML are what the API gives, whole; streams are one JSON value a line. Colours are only on a
terminal, and not with \`NO_COLOR\`. An id may be typed as its beginning as far as that is unique, as a name, or as a table shortened it.

## Exit codes

${table(
  ['Code', 'Meaning'],
  exitCodeHelp.map(([number, text]) => [String(number), text]),
)}
${program.commands.flatMap((command) => sectionsOf(command, 'atlas')).join('\n')}`;
  },
};

function sectionsOf(command: Command, parent: string): string[] {
  if (command.name() === 'help') return [];
  const name = `${parent} ${command.name()}`;
  return [sectionOf(command, name), ...shownCommands(command).flatMap((each) => sectionsOf(each, name))];
}

function sectionOf(command: Command, name: string): string {
  const args = command.registeredArguments
    .filter(({ description }) => description !== '')
    .map((argument) => [code(argument.name()), argument.description]);
  const options = optionTable(command);
  const examples = examplesOf(command);
  const width = Math.max(0, ...examples.map(([line]) => line.length));
  const lines = examples.map(([line, about]) => (about === '' ? line : `${line.padEnd(width)}  # ${about}`));
  return [
    `\n## ${name}\n`,
    `${sentence(command.description())}\n`,
    '```',
    `${name} ${command.usage()}`,
    '```',
    ...(args.length > 0 ? ['', table(['Argument', ''], args)] : []),
    ...(options === '' ? [] : ['', options]),
    ...(lines.length > 0 ? ['', '```sh', ...lines, '```'] : []),
  ].join('\n');
}

function optionTable(command: Command): string {
  const rows = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => [
      code(option.flags),
      option.description,
      defaultOf(option.defaultValueDescription ?? option.defaultValue, option.envVar, option.argChoices),
    ]);
  return rows.length === 0 ? '' : table(['Option', '', 'Default'], rows);
}

function defaultOf(value: unknown, env: string | undefined, choices: readonly string[] | undefined): string {
  const parts = [
    ...(value === undefined || value === true ? [] : [code(Array.isArray(value) ? value.join(' ') : String(value))]),
    ...(env === undefined ? [] : [`${code(env)} of the environment`]),
    ...(choices === undefined ? [] : [`one of ${choices.map(code).join(', ')}`]),
  ];
  return parts.join('; ');
}

function shownCommands(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
