import type { Random } from './random.ts';

/** What a name in braces stands for. Asked once a mention; scenes remember the answer. */
export type Slots = (name: string) => string;

const INNERMOST_CHOICE = /\[([^[\]]*\|[^[\]]*)\]/;

/**
 * A sentence from a pattern: `[a|b]` is one of them (also nested, also empty), `{stop}` what the slot gives.
 * Slots come last, so what they bring (code, say) may hold brackets and braces.
 */
export function fill(pattern: string, slots: Slots, random: Random): string {
  let text = pattern;
  for (let choice = INNERMOST_CHOICE.exec(text); choice !== null; choice = INNERMOST_CHOICE.exec(text)) {
    const options = (choice[1] ?? '').split('|');
    text = text.slice(0, choice.index) + random.pick(options) + text.slice(choice.index + choice[0].length);
  }
  return text.replaceAll(
    /(^|[.!?…] )?\{([a-zA-Z0-9]+)\}/g,
    (_whole, before: string | undefined, name: string) =>
      before === undefined ? slots(name) : before + capital(slots(name)),
  );
}

/** A word at the beginning of a sentence; names of services (`feed-merger`) are written as they are. */
function capital(word: string): string {
  return /^[a-z]+-/.test(word) ? word : word.charAt(0).toUpperCase() + word.slice(1);
}
