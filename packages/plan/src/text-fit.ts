/**
 * What no plan may hold: control characters (they move a terminal's cursor, and Postgres stores no NUL), halves of surrogate
 * pairs (no text at all), and marks that turn the direction of writing, so that text reads otherwise than it is.
 */
const unfit = /[\p{Cc}\p{Cs}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;
const lineBreaksAndTab = '\n\t';

export interface UnfitCharacter {
  readonly offset: number;
  /** `\u{1b}` */
  readonly name: string;
}

/** The first character of a text that a plan may not hold; `\r` only as part of a line break, where line breaks are left as written. */
export function unfitCharacter(text: string): UnfitCharacter | undefined {
  for (const { 0: character, index } of text.matchAll(unfit)) {
    if (lineBreaksAndTab.includes(character)) continue;
    if (character === '\r' && text[index + 1] === '\n') continue;
    return { offset: index, name: `\\u{${character.codePointAt(0)?.toString(16)}}` };
  }
  return undefined;
}
