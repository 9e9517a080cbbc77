import type { MessageRow } from '../../queries/message-row.ts';
import type { Agent } from './agent.ts';

const MOST_LISTED = 10;
const LINK = /https?:\/\/[^\s<>"'`)\]}]+/g;

type Shared = { url: string; message: MessageRow };

/** The links shared lately, newest first, each once. */
export const links: Agent = {
  id: 'links',
  title: 'Links',
  about: 'Lists the links that were shared in the last 200 messages, newest first. By rules.',
  answer: (messages) => {
    const found = newestLinks(messages);
    if (found.length === 0) return { text: 'Nobody has shared a link lately.', messageIds: [] };
    const lines = found.map(({ url, message }) => `${url} (${message.sender_name})`);
    return {
      text: `Shared lately:\n${lines.join('\n')}`,
      messageIds: [...new Set(found.map(({ message }) => message.id))],
    };
  },
};

function newestLinks(messages: readonly MessageRow[]): Shared[] {
  const byUrl = new Map<string, Shared>();
  for (const message of messages.toReversed()) {
    for (const match of message.body.matchAll(LINK)) {
      // A sentence may end with the link.
      const url = match[0].replace(/[.,;:!?]+$/, '');
      if (!byUrl.has(url)) byUrl.set(url, { url, message });
    }
  }
  return [...byUrl.values()].slice(0, MOST_LISTED);
}
