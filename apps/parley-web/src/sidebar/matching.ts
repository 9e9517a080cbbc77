import type { Conversation } from '../api/types.ts';

/** Without accents, in small letters: "Inês" is found by "ines". */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Those whose title has the words; such as begin with them first, then those where something is new. Without words, the newest. */
export function matching(
  conversations: readonly Conversation[],
  words: string,
  most: number,
): Conversation[] {
  const wanted = plain(words.trim());
  if (wanted === '') return conversations.toSorted((a, b) => weight(b) - weight(a)).slice(0, most);
  const rank = (title: string): number => {
    const text = plain(title);
    if (text.startsWith(wanted)) return 2;
    return text.includes(wanted) ? 1 : 0;
  };
  return conversations
    .filter(({ title }) => rank(title) > 0)
    .toSorted(
      (a, b) => rank(b.title) - rank(a.title) || weight(b) - weight(a) || a.title.localeCompare(b.title),
    )
    .slice(0, most);
}

/** A stable sort leaves those of one weight in the order in which somebody wrote there last. */
const weight = ({ mentions, unread, muted }: Conversation): number =>
  mentions > 0 ? 2 : unread > 0 && !muted ? 1 : 0;
