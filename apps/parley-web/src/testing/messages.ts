import type { Message } from '../api/types.ts';

/** A message as the server tells it; what a test is about is given. */
export function aMessage(seq: number, given: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    conversationId: 'c1',
    seq,
    version: seq,
    senderId: 'maja',
    senderName: 'Maja Lind',
    threadId: null,
    body: `message ${seq}`,
    clientId: null,
    createdAt: new Date(Date.UTC(2026, 10, 20, 9, 0, seq)).toISOString(),
    editedAt: null,
    deletedAt: null,
    editVersion: 0,
    reactions: [],
    replyCount: 0,
    lastReplyAt: null,
    repliers: [],
    pinnedAt: null,
    attachments: [],
    ...given,
  };
}

export const messagesFrom = (first: number, last: number): Message[] =>
  Array.from({ length: last - first + 1 }, (_, at) => aMessage(first + at));
