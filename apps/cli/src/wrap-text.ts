import { stripVTControlCharacters } from 'node:util';

const graphemes = new Intl.Segmenter();
const wide =
  /\p{Emoji_Presentation}|\u{fe0f}|[\u{1100}-\u{115f}\u{2e80}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{ff01}-\u{ff60}]/u;

/** How many columns of a terminal a text takes: its colours none, an emoji and a letter of Chinese, Japanese or Korean two. */
export function visibleLength(text: string): number {
  const shown = stripVTControlCharacters(text);
  if (/^[\p{ASCII}]*$/u.test(shown)) return shown.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(shown)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/**
 * Breaks a line at blanks so that no part is wider than `width` columns; the second and later ones are indented by `indent`.
 * A word that is wider (a path, a URL) is left whole: half of it would help nobody.
 */
export function wrapText(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let used = line.length;
  let empty = true;
  for (const word of text.trimStart().split(' ')) {
    const length = visibleLength(word);
    if (!empty && used + 1 + length > width) {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent);
      used = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    used += empty ? length : length + 1;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}

/** How wide lines may be: COLUMNS, else the terminal; undefined in a pipe or a log, where whole lines are looked for. */
export function lineWidth(stream: NodeJS.WriteStream = process.stdout): number | undefined {
  const given = Number(process.env['COLUMNS']);
  const width = Number.isSafeInteger(given) && given > 0 ? given : stream.isTTY ? stream.columns : undefined;
  // Narrower than this there is nothing to wrap for.
  return width === undefined ? undefined : Math.max(40, width);
}
