import { describe, expect, it } from 'vitest';
import { aMessage } from '../testing/messages.ts';
import { rowsOf, type Row } from './rows.ts';

const shown = { pending: [], newAfterSeq: undefined, meId: 'me', withReplies: false };
const kinds = (rows: readonly Row[]): string[] => rows.map(({ kind }) => kind);
const at = (iso: string) => ({ createdAt: iso });

describe('the rows of a list of messages', () => {
  it('begin every day with its name', () => {
    const messages = [aMessage(1, at('2026-11-19T12:00:00Z')), aMessage(2, at('2026-11-21T12:00:00Z'))];
    expect(kinds(rowsOf({ ...shown, messages }))).toEqual(['day', 'message', 'day', 'message']);
  });

  it('name an author once for what was written within five minutes', () => {
    const messages = [
      aMessage(1, at('2026-11-20T12:00:00Z')),
      aMessage(2, at('2026-11-20T12:04:00Z')),
      aMessage(3, at('2026-11-20T12:10:00Z')),
      aMessage(4, { ...at('2026-11-20T12:10:10Z'), senderId: 'kenji' }),
    ];
    const first = rowsOf({ ...shown, messages })
      .filter((row) => row.kind === 'message')
      .map(({ isFirst }) => isFirst);
    expect(first).toEqual([true, false, true, true]);
  });

  it('put a line before the first new message of somebody else, and count those', () => {
    const messages = [aMessage(1), aMessage(2, { senderId: 'me' }), aMessage(3), aMessage(4)];
    const rows = rowsOf({ ...shown, messages, newAfterSeq: 1 });
    expect(kinds(rows)).toEqual(['day', 'message', 'message', 'new', 'message', 'message']);
    expect(rows.find(({ kind }) => kind === 'new')).toMatchObject({ count: 2 });
  });

  it('leave answers to their threads', () => {
    const messages = [aMessage(1), aMessage(2, { threadId: 'm1' })];
    expect(kinds(rowsOf({ ...shown, messages }))).toEqual(['day', 'message']);
    expect(kinds(rowsOf({ ...shown, messages, withReplies: true }))).toEqual(['day', 'message', 'message']);
  });

  it('show what is on its way once, under the key that it keeps when it has been sent', () => {
    const pending = [
      {
        clientId: 'a',
        conversationId: 'c1',
        threadId: null,
        body: 'on its way',
        attachments: [],
        writtenAtMs: 0,
      },
    ];
    const [before] = rowsOf({ ...shown, messages: [], pending });
    const after = rowsOf({ ...shown, messages: [aMessage(1, { clientId: 'a', senderId: 'me' })], pending });
    expect(before).toMatchObject({ kind: 'pending', key: 'a' });
    expect(after.map(({ key, kind }) => [kind, key]).at(-1)).toEqual(['message', 'a']);
  });
});
