import { createStore, del, entries, set } from 'idb-keyval';
import { api } from '../api/endpoints.ts';
import type { Message } from '../api/types.ts';
import { release } from '../this-release.ts';
import { Outbox } from './outbox.ts';
import type { Pending } from './pending.ts';

/** The outbox of one person in this browser, shared by all of its tabs. */
export function openOutbox(
  userId: string,
  onSent: (message: Message) => void,
): { outbox: Outbox; close: () => void } {
  const store = createStore('parley-outbox', 'pending');
  const keyOf = (clientId: string): string => `${userId} ${clientId}`;
  const others = new BroadcastChannel(`parley-outbox ${userId}`);
  const wake = new EventTarget();
  const tryNow = (): void => void wake.dispatchEvent(new Event('now'));
  const outbox = new Outbox({
    store: {
      all: async () => {
        const kept = await entries<string, Pending>(store);
        return kept.filter(([key]) => key.startsWith(`${userId} `)).map(([, pending]) => pending);
      },
      put: async (pending) => await set(keyOf(pending.clientId), pending, store),
      remove: async (clientId) => await del(keyOf(clientId), store),
    },
    send: async ({ conversationId, clientId, body, threadId, attachments }) => {
      const attachmentIds = attachments.map(({ id }) => id);
      const done = release.startTiming('message_send');
      const { message } = await api.send(conversationId, { clientId, body, threadId, attachmentIds });
      done();
      return message;
    },
    onSent,
    exclusively: async (work) => await navigator.locks.request(`parley-outbox ${userId}`, work),
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none: it is of this origin
    tellOthers: () => others.postMessage('changed'),
    pause: async (ms) =>
      await new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          wake.removeEventListener('now', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        wake.addEventListener('now', done);
      }),
  });
  others.addEventListener('message', () => void outbox.reload());
  window.addEventListener('online', tryNow);
  window.addEventListener('parley-try-now', tryNow);
  void outbox.reload();
  return {
    outbox,
    close: () => {
      outbox.close();
      tryNow();
      others.close();
      window.removeEventListener('online', tryNow);
      window.removeEventListener('parley-try-now', tryNow);
    },
  };
}

/** Ends the wait of whatever is on its way: a connection is back, or somebody pressed "Try now". */
export const tryNow = (): void => void window.dispatchEvent(new Event('parley-try-now'));
