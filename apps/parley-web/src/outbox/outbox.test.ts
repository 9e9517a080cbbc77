import { describe, expect, it } from 'vitest';
import { Refused, Unreachable } from '../api/request.ts';
import type { Message } from '../api/types.ts';
import { aMessage } from '../testing/messages.ts';
import { Outbox, type OutboxOptions } from './outbox.ts';
import type { Pending } from './pending.ts';

const written = (clientId: string, writtenAtMs = 0): Pending => ({
  clientId,
  conversationId: 'c1',
  threadId: null,
  body: `words of ${clientId}`,
  attachments: [],
  writtenAtMs,
});

/** An outbox over a server that answers what a test says, and a store that outlives the page. */
function anOutbox(send: (pending: Pending) => Promise<Message>, stored = new Map<string, Pending>()) {
  const sent: Message[] = [];
  const pauses: number[] = [];
  const options: OutboxOptions = {
    store: {
      all: async () => [...stored.values()],
      put: async (pending) => void stored.set(pending.clientId, pending),
      remove: async (clientId) => void stored.delete(clientId),
    },
    send,
    onSent: (message) => sent.push(message),
    exclusively: async (work) => await work(),
    tellOthers: () => undefined,
    pause: async (ms) => {
      pauses.push(ms);
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
  return { outbox: new Outbox(options), options, sent, stored, pauses };
}

const acknowledged = (clientId: string): Message => aMessage(1, { clientId });
const settled = async (outbox: Outbox): Promise<void> => {
  for (
    let turn = 0;
    turn < 200 && outbox.state().pending.some(({ refusal }) => refusal === undefined);
    turn += 1
  )
    await new Promise((resolve) => setTimeout(resolve));
};

describe('the outbox', () => {
  it('sends in the order of writing, and forgets what was acknowledged', async () => {
    const order: string[] = [];
    const { outbox, sent, stored } = anOutbox(async ({ clientId }) => {
      order.push(clientId);
      return acknowledged(clientId);
    });
    for (const id of ['a', 'b', 'c']) await outbox.add(written(id));
    await settled(outbox);
    expect(order).toEqual(['a', 'b', 'c']);
    expect(sent).toHaveLength(3);
    expect(stored.size).toBe(0);
  });

  it('tries again for as long as nobody answers, later each time, with the same id', async () => {
    const tried: string[] = [];
    const { outbox, pauses } = anOutbox(async ({ clientId }) => {
      tried.push(clientId);
      if (tried.length < 5) throw new Unreachable('no connection');
      return acknowledged(clientId);
    });
    await outbox.add(written('a'));
    await settled(outbox);
    expect(tried).toEqual(['a', 'a', 'a', 'a', 'a']);
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(outbox.state()).toMatchObject({ pending: [], isStuck: false });
  });

  it('takes up after a reload what was never acknowledged, the oldest first', async () => {
    const stored = new Map([
      ['late', written('late', 2)],
      ['early', written('early', 1)],
    ]);
    const order: string[] = [];
    const { outbox } = anOutbox(async ({ clientId }) => {
      order.push(clientId);
      return acknowledged(clientId);
    }, stored);
    await outbox.reload();
    await settled(outbox);
    expect(order).toEqual(['early', 'late']);
  });

  it('loses nothing that is written while it looks at what an earlier page has left', async () => {
    const { options, sent, stored } = anOutbox(async ({ clientId }) => acknowledged(clientId));
    let release: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const outbox = new Outbox({
      ...options,
      store: {
        ...options.store,
        put: async (pending) => {
          await slow;
          await options.store.put(pending);
        },
      },
    });
    const looking = outbox.reload();
    const adding = outbox.add(written('a'));
    await looking;
    release?.();
    await adding;
    await settled(outbox);
    expect(sent.map(({ clientId }) => clientId)).toEqual(['a']);
    expect(stored.size).toBe(0);
  });

  it('leaves to its author what was refused, and sends what comes after it', async () => {
    let isFixed = false;
    const { outbox, sent, stored } = anOutbox(async ({ clientId }) => {
      if (clientId === 'a' && !isFixed)
        throw new Refused(403, { code: 'forbidden', message: 'You left this conversation' });
      return acknowledged(clientId);
    });
    await outbox.add(written('a'));
    await outbox.add(written('b'));
    await settled(outbox);
    expect(sent.map(({ clientId }) => clientId)).toEqual(['b']);
    expect(outbox.state().pending).toMatchObject([{ clientId: 'a', refusal: 'You left this conversation' }]);
    expect(stored.get('a')?.refusal).toBeDefined();
    isFixed = true;
    await outbox.retry('a');
    await settled(outbox);
    expect(sent).toHaveLength(2);
  });

  it('waits for its author to sign in again when the session has ended', async () => {
    let isIn = false;
    const { outbox, pauses } = anOutbox(async ({ clientId }) => {
      if (!isIn) {
        isIn = true;
        throw new Refused(401, { code: 'unauthenticated', message: 'No valid session' });
      }
      return acknowledged(clientId);
    });
    await outbox.add(written('a'));
    await settled(outbox);
    expect(pauses).toEqual([30_000]);
    expect(outbox.state().pending).toEqual([]);
  });

  it('still sends where nothing can be stored, and says that it would be lost', async () => {
    const { options } = anOutbox(async ({ clientId }) => acknowledged(clientId));
    const full = new Error('QuotaExceededError');
    const forgetful = new Outbox({
      ...options,
      store: {
        all: async () => await Promise.reject(full),
        put: async () => await Promise.reject(full),
        remove: async () => await Promise.reject(full),
      },
    });
    await forgetful.reload();
    await forgetful.add(written('a'));
    await settled(forgetful);
    expect(forgetful.state()).toMatchObject({ pending: [], isForgetful: true });
  });
});
