/** Turns the rest of a line, or of a list of names, around: nobody is called by these. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;
const VISIBLE = /[^\p{C}\p{Z}]/u;

/** A line that people read, such as a name: without control characters, of a bearable length; '' when nothing shows. */
export function plainLine(text: string, longest: number): string {
  const line = text
    .slice(0, 4 * longest)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll(TURNING, '')
    .toWellFormed()
    .trim();
  return VISIBLE.test(line) ? Array.from(line).slice(0, longest).join('') : '';
}
