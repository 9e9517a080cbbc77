import { excerptOf } from '../../excerpt.ts';
import type { MessageRow } from '../../queries/message-row.ts';
import type { Agent } from './agent.ts';

const MOST_NAMED = 5;

/** Who wrote how much lately, and what was answered most. */
export const recap: Agent = {
  id: 'recap',
  title: 'Recap',
  about:
    'Counts who wrote how much of the last 200 messages and finds the one that was answered most. By rules.',
  answer: (messages) => {
    if (messages.length === 0) return { text: 'Nobody has written here yet.', messageIds: [] };
    const most = mostAnswered(messages);
    const answered =
      most === undefined
        ? 'None of them was answered in a thread.'
        : `Answered most (${most.answers} times): ${most.message.sender_name}, “${excerptOf(most.message.body)}”.`;
    return {
      text: `The last ${messages.length} messages: ${shares(messages)}. ${answered}`,
      messageIds: most === undefined ? [] : [most.message.id],
    };
  },
};

function shares(messages: readonly MessageRow[]): string {
  const counts = new Map<string, { name: string; count: number }>();
  for (const { sender_id: id, sender_name: name } of messages) {
    counts.set(id, { name, count: (counts.get(id)?.count ?? 0) + 1 });
  }
  const sorted = [...counts.values()].toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const named = sorted.slice(0, MOST_NAMED).map(({ name, count }) => `${name} ${count}`);
  const others = sorted.slice(MOST_NAMED).reduce((sum, { count }) => sum + count, 0);
  return (others === 0 ? named : [...named, `others ${others}`]).join(', ');
}

/** Only answers and originals that both lie within these messages. */
function mostAnswered(messages: readonly MessageRow[]): { message: MessageRow; answers: number } | undefined {
  const answers = new Map<string, number>();
  for (const { thread_id: threadId } of messages) {
    if (threadId !== null) answers.set(threadId, (answers.get(threadId) ?? 0) + 1);
  }
  const candidates = messages.flatMap((message) => {
    const count = answers.get(message.id);
    return count === undefined ? [] : [{ message, answers: count }];
  });
  return candidates.toSorted((a, b) => b.answers - a.answers || b.message.seq - a.message.seq)[0];
}
