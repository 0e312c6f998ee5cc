/** Completion for zsh. */
import type { CommandModel, OptionModel, Values } from './model.ts';

export function zshScript(models: readonly CommandModel[]): string {
  const paths = models.map(({ path }) => path.replaceAll(' ', '/')).filter((path) => path !== '');
  return `#compdef atlas
# zsh completion for atlas
#   eval "$(atlas completion zsh)"      or write it to a folder of $fpath as _atlas
_atlas() {
  local cur=\${words[CURRENT]} prev='' at='' word i
  local -a all
  ((CURRENT > 1)) && prev=\${words[CURRENT - 1]}
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case " ${paths.join(' ')} " in
      *" \${at:+$at/}$word "*) at=\${at:+$at/}$word ;;
    esac
  done
  case "$at:$prev" in
${models.flatMap((model) => model.options.filter(({ takesValue }) => takesValue).map((option) => optionCase(model, option))).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${models.map(({ path, options }) => `      '${path.replaceAll(' ', '/')}') all=(${options.map(described).join(' ')}) ;;`).join('\n')}
    esac
    _describe option all
    return
  fi
  case "$at" in
${models.map((model) => `    '${model.path.replaceAll(' ', '/')}') ${positional(model)} ;;`).join('\n')}
  esac
}
# Sourced, or found by name in $fpath.
if [[ $funcstack[1] == _atlas ]]; then _atlas "$@"; else compdef _atlas atlas; fi
`;
}

/** A colon parts a word from what it means. */
const entry = (word: string, about: string) => `'${quoted(word.replaceAll(':', '\\:'))}:${quoted(about)}'`;
const quoted = (text: string) => text.replaceAll("'", "'\\''");

function described({ flags, about }: OptionModel): string {
  return flags.map((flag) => entry(flag, about)).join(' ');
}

function optionCase({ path }: CommandModel, { flags, values }: OptionModel): string {
  const at = path.replaceAll(' ', '/');
  return `    ${flags.map((flag) => `'${at}:${flag}'`).join(' | ')}) ${action(values)}; return ;;`;
}

function positional({ subcommands, values }: CommandModel): string {
  if (subcommands.length === 0) return action(values);
  return `all=(${subcommands.map(({ name, about }) => entry(name, about)).join(' ')}); _describe command all`;
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `compadd -- ${values.words.join(' ')}`;
    case 'files':
      return '_files';
    case 'ids':
      return `compadd -- \${(f)"$(\${words[1]} completion ids ${values.of} 2>/dev/null)"}`;
    case 'none':
      return ':';
  }
}
