import type { CommandWords, OptionWords } from './vocabulary.ts';

/** Sourced by zsh, or put into its fpath as _crossfade. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(':', '\\:')}`)}`);
  const cases = commands.map(({ name, choices, options }) => {
    const first = choices.length > 0 ? quoted(`1:what:(${choices.join(' ')})`) : quoted('*:file:_files');
    const lines = [...options.map((option) => quoted(specOf(option))), first];
    return `    ${name})\n      _arguments ${lines.join(' \\\n        ')} ;;`;
  });
  return `#compdef crossfade
# Completion of crossfade for zsh. In ~/.zshrc, after compinit:
#   eval "$(crossfade completion zsh)"
_crossfade() {
  local -a commands
  commands=(
${names.join('\n')}
    'help:say how a command is used'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case "$words[1]" in
    help) _describe command commands ;;
${cases.join('\n')}
  esac
}
if [[ "$funcstack[1]" = _crossfade ]]; then
  _crossfade "$@"
else
  compdef _crossfade crossfade
fi
`;
}

function specOf({ long, takesValue, about }: OptionWords): string {
  const told = about.replaceAll(/[[\]:]/g, '\\$&');
  return `${long}[${told}]${takesValue ? ':value:_files' : ''}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
