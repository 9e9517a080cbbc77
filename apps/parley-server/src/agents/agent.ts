import type { MessageRow } from '../queries/message-row.ts';

type AgentReply = {
  text: string;
  /** What the text was taken from. */
  messageIds: string[];
};

/** Answers from a conversation's newest messages by rules: it puts together what people wrote, and writes nothing of its own. */
export type Agent = {
  id: string;
  title: string;
  about: string;
  /** @param messages ascending by seq, without deleted ones */
  answer(messages: readonly MessageRow[]): AgentReply;
};

/** Cuts between what people see as letters, never inside an emoji. */
const LETTERS = new Intl.Segmenter();

/** The beginning of a message on one line. */
export function excerptOf(body: string, characters = 120): string {
  const line = body.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= characters) return line;
  const cut = [...LETTERS.segment(line)].slice(0, characters - 1);
  return `${cut.map(({ segment }) => segment).join('')}…`;
}
