import type { MessageRow } from '../../queries/message-row.ts';

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
