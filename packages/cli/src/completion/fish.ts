/** Completion for fish. */
import type { CommandModel, OptionModel, Values } from './model.ts';

export function fishScript(models: readonly CommandModel[]): string {
  const top = models.filter(({ path }) => path !== '' && !path.includes(' ')).map(({ path }) => path);
  return `# fish completion for atlas
#   atlas completion fish | source      or write it to ~/.config/fish/completions/atlas.fish
complete -c atlas -f
${models.flatMap((model) => linesOf(model, top)).join('\n')}
`;
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function linesOf({ path, options, subcommands, values }: CommandModel, top: readonly string[]): string[] {
  const when = conditionOf(
    path,
    subcommands.map(({ name }) => name),
    top,
  );
  return [
    ...subcommands.map(({ name, about }) => `complete -c atlas -n ${quoted(when.open)} -a ${name} -d ${quoted(about)}`),
    ...options.map((option) => `complete -c atlas -n ${quoted(when.at)} ${flagsOf(option)}`),
    ...(subcommands.length === 0 && values.kind !== 'none'
      ? [`complete -c atlas -n ${quoted(when.at)} ${completed(values)}`]
      : []),
  ];
}

/** `at`: within the command; `open`: within it and none of its own commands was chosen. */
function conditionOf(path: string, own: readonly string[], top: readonly string[]): { at: string; open: string } {
  const none = `not __fish_seen_subcommand_from ${top.join(' ')}`;
  if (path === '') return { at: none, open: none };
  const at = path
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
  return { at, open: own.length === 0 ? at : `${at}; and not __fish_seen_subcommand_from ${own.join(' ')}` };
}

function flagsOf({ flags, about, takesValue, values }: OptionModel): string {
  const shown = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
  const value = takesValue ? ` -r ${values.kind === 'none' ? '' : completed(values)}`.trimEnd() : '';
  return `${shown}${value} -d ${quoted(about)}`;
}

function completed(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-a ${quoted(values.words.join(' '))}`;
    case 'files':
      return '-F';
    case 'ids':
      return `-a ${quoted(`(atlas completion ids ${values.of} 2>/dev/null)`)}`;
    case 'none':
      return '';
  }
}
