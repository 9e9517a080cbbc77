import type { CommandWords, OptionWords } from './vocabulary.ts';

/** Sourced by fish, or put into ~/.config/fish/completions/crossfade.fish. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, about, choices, options }) => {
    const within = `complete -c crossfade -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `${first} -f -a ${name} -d ${quoted(about)}`,
      ...choicesOf(name, choices),
      ...options.map((option) => `${within} ${specOf(option)}`),
    ];
  });
  const names = commands.map(({ name }) => name);
  return `# Completion of crossfade for fish. In ~/.config/fish/config.fish:
#   crossfade completion fish | source
${lines.join('\n')}
${first} -f -a help -d 'say how a command is used'
${choicesOf('help', names).join('\n')}
${first} -l help -s h -d 'say how it is used'
${first} -l version -s V -d 'say which version this is'
${first} -l no-color -d 'no colours, as with NO_COLOR'
`;
}

const first = 'complete -c crossfade -n __fish_use_subcommand';

/** Of the one argument; none once it is there. */
function choicesOf(command: string, choices: readonly string[]): string[] {
  if (choices.length === 0) return [];
  const words = choices.join(' ');
  const when = `__fish_seen_subcommand_from ${command}; and not __fish_seen_subcommand_from ${words}`;
  return [`complete -c crossfade -n ${quoted(when)} -f -a ${quoted(words)}`];
}

function specOf({ long, short, takesValue, about }: OptionWords): string {
  const parts = [
    `-l ${long.replace(/^--/, '')}`,
    short === null ? '' : `-s ${short.replace(/^-/, '')}`,
    takesValue ? '-r' : '',
    `-d ${quoted(about)}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}
