import type { Command, Option } from 'commander';

/** What can be typed after `crossfade`, as the commands declare it. */
export interface CommandWords {
  readonly name: string;
  readonly about: string;
  /** Of the first argument, where it is one of a few words. */
  readonly choices: readonly string[];
  readonly options: readonly OptionWords[];
}

export interface OptionWords {
  /** With its dashes. */
  readonly long: string;
  readonly short: string | null;
  readonly takesValue: boolean;
  readonly about: string;
}

export function vocabularyOf(program: Command): readonly CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    about: command.description(),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    options: [...command.options.map(wordsOf), help],
  }));
}

const help: OptionWords = { long: '--help', short: '-h', takesValue: false, about: 'say how it is used' };

function wordsOf({ long, short, required, optional, description }: Option): OptionWords {
  if (long === undefined || long === null) throw new Error(`an option has no long name: ${description}`);
  return { long, short: short ?? null, takesValue: required || optional, about: description };
}
