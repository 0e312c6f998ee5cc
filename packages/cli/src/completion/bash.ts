/** Completion for bash 4 and newer, without the bash-completion package. */
import type { CommandModel, OptionModel, Values } from './model.ts';

export function bashScript(models: readonly CommandModel[]): string {
  const paths = models.map(({ path }) => path).filter((path) => path !== '');
  return `# bash completion for atlas
#   eval "$(atlas completion bash)"
_atlas() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev='' path='' word words='' values='' i
  ((COMP_CWORD > 0)) && prev=\${COMP_WORDS[COMP_CWORD - 1]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case " ${paths.map((path) => path.replaceAll(' ', '/')).join(' ')} " in
      *" \${path:+$path/}$word "*) path=\${path:+$path/}$word ;;
    esac
  done
  case "$path:$prev" in
${models.flatMap((model) => model.options.filter(({ takesValue }) => takesValue).map((option) => optionCase(model, option))).join('\n')}
  esac
  if [[ -z $values && $cur == -* ]]; then
    case "$path" in
${models.map(({ path, options }) => `      ${caseOf(path)}) words='${options.flatMap(({ flags }) => flags).join(' ')}' ;;`).join('\n')}
    esac
  elif [[ -z $values ]]; then
    case "$path" in
${models.map((model) => `      ${caseOf(model.path)}) ${positional(model)} ;;`).join('\n')}
    esac
  fi
  case "$values" in
    files) COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null; return ;;
    ids:*) words=$("\${COMP_WORDS[0]}" completion ids "\${values#ids:}" 2>/dev/null) ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _atlas atlas
`;
}

function caseOf(path: string): string {
  return `'${path.replaceAll(' ', '/')}'`;
}

function optionCase({ path }: CommandModel, { flags, values }: OptionModel): string {
  return `    ${flags.map((flag) => `'${path.replaceAll(' ', '/')}:${flag}'`).join(' | ')}) ${assignment(values)} ;;`;
}

function positional({ subcommands, values }: CommandModel): string {
  const names = subcommands.map(({ name }) => name).join(' ');
  return names === '' ? assignment(values) : `words='${names}'`;
}

function assignment(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `words='${values.words.join(' ')}' values=words`;
    case 'files':
      return 'values=files';
    case 'ids':
      return `values=ids:${values.of}`;
    case 'none':
      return 'values=none';
  }
}
