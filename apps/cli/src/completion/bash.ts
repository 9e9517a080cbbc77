import type { CommandWords } from './vocabulary.ts';

/** Sourced or eval-ed by bash, also by the old one of macOS: no associative arrays. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, choices, options }) => {
    const words = options.flatMap(({ long, short }) => [long, ...(short === null ? [] : [short])]);
    const valued = options.filter(({ takesValue }) => takesValue).map(({ long }) => long);
    return `    ${name})
      options='${words.join(' ')}'
      valued=' ${valued.join(' ')} '
      choices='${choices.join(' ')}' ;;`;
  });
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completion of crossfade for bash. In ~/.bashrc:
#   eval "$(crossfade completion bash)"
_crossfade() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command='' place=0 options='--help --version --no-color' valued='' choices='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      -*) ;;
      *) command="\${COMP_WORDS[index]}"; place=$index; break ;;
    esac
  done
  case "$command" in
    '') choices='${names} help' ;;
    help) options='' choices='${names}' ;;
${cases.join('\n')}
  esac
  COMPREPLY=()
  # The value of an option: files, which bash completes by itself.
  case "$valued" in *" $previous "*) return ;; esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -z "$command" || $COMP_CWORD -eq $((place + 1)) ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
  fi
}
complete -o default -F _crossfade crossfade
`;
}
