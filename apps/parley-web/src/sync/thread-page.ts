import type { Message } from '../api/types.ts';

/** A message and its answers, as far back as they have been read. */
export interface ThreadPage {
  readonly root: Message;
  /** Ascending by seq. */
  readonly replies: readonly Message[];
  readonly hasMoreBefore: boolean;
}

/** With what changed of it. Applying the same twice changes nothing. */
export function withReplies(thread: ThreadPage, changed: readonly Message[]): ThreadPage {
  let { root } = thread;
  const replies = new Map(thread.replies.map((reply) => [reply.id, reply]));
  for (const message of changed) {
    if (message.id === root.id) root = message.version >= root.version ? message : root;
    else if (message.threadId === root.id) {
      const known = replies.get(message.id);
      if (known === undefined || message.version >= known.version) replies.set(message.id, message);
    }
  }
  return { ...thread, root, replies: [...replies.values()].toSorted((a, b) => a.seq - b.seq) };
}
