import { suggestion } from '@crossfade/plan';
import { Argument } from 'commander';
import { Refusal } from './exit-codes.ts';

/** `<flag>`, `[flags...]`. */
export function argumentText(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** An argument that is one of a few words. Another one is refused, with the word that was probably meant. */
export function oneOf(name: string, about: string, choices: readonly string[]): Argument {
  return new Argument(`<${name}>`, about).choices(choices).argParser((word) => {
    if (choices.includes(word)) return word;
    throw new Refusal(`no ${name} ${word}: ${expectedWord(word, choices)}`);
  });
}

/** "expected list, disable or enable; did you mean enable?" */
export function expectedWord(word: string, choices: readonly string[]): string {
  const meant = suggestion(word, choices);
  const last = choices.at(-1) ?? '';
  const all = choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
  return `expected ${all}${meant === undefined ? '' : `; ${meant}`}`;
}
