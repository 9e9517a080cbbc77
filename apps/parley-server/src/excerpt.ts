import { withNames } from './mentions.ts';

/** Cuts between what people see as letters, never inside an emoji. */
const LETTERS = new Intl.Segmenter();

/** The beginning of a text on one line. */
export function excerptOf(body: string, characters = 120): string {
  const line = body.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= characters) return line;
  const cut = [...LETTERS.segment(line)].slice(0, characters - 1);
  return `${cut.map(({ segment }) => segment).join('')}…`;
}

/** The beginning of a message as the database gives it (`queries/excerpts.ts`), with the names of whom it mentions. */
export function excerptOfMessage(
  { beginning, names }: { beginning: string; names: Readonly<Record<string, string>> | null },
  characters: number,
): string {
  return excerptOf(withNames(beginning, names ?? {}).replace(HALF_A_MENTION, ''), characters);
}

/** Where the database cut. */
const HALF_A_MENTION = /<@[0-9a-f-]*$/i;
