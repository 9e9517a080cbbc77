import type { Message } from '../parley-shapes.ts';

/** A message for a test that says only what matters to it. */
export function message(given: Partial<Message>): Message {
  const seq = given.seq ?? 1;
  return {
    id: `m${seq}`,
    conversationId: 'c',
    seq,
    senderId: 'ada',
    body: 'Hello',
    clientId: null,
    deleted: false,
    editVersion: 0,
    version: seq,
    ownReactions: [],
    replyCount: 0,
    ...given,
  };
}
