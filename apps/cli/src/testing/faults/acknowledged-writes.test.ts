import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compareWrites, promisesOf, type StoredMessage } from './acknowledged-writes.ts';

const hash = (body: string): string => createHash('sha256').update(body).digest('hex');

function told(
  kind: 'ack' | 'uncertain',
  write: 'send' | 'edit' | 'delete',
  id: string,
  body: string,
): Record<string, unknown> {
  const place = kind === 'ack' ? { seq: Number(id) } : {};
  return { kind, write, id, conversationId: 'c', bodyHash: hash(body), ...place };
}

function row(id: string, body: string, other: Partial<StoredMessage> = {}): StoredMessage {
  return { id, conversationId: 'c', seq: Number(id), bodyHash: hash(body), deleted: false, ...other };
}

function compared(lines: readonly object[], rows: readonly StoredMessage[]): unknown {
  return compareWrites(promisesOf([...lines, { kind: 'end' }], 'log'), rows);
}

const kept = { missing: [], changed: [], surplus: 0 };
const sent = told('ack', 'send', '1', 'a');
const failedSend = { kind: 'request', action: 'send', ok: false };

describe('what people were promised', () => {
  it.each([
    ['as it was sent', [sent], [row('1', 'a')]],
    ['as it was edited', [sent, told('ack', 'edit', '1', 'b')], [row('1', 'b')]],
    ['deleted, in its place', [sent, told('ack', 'delete', '1', '')], [row('1', '', { deleted: true })]],
    ['as before an edit that may have failed', [sent, told('uncertain', 'edit', '1', 'b')], [row('1', 'a')]],
    ['as after an edit that may have failed', [sent, told('uncertain', 'edit', '1', 'b')], [row('1', 'b')]],
    ['with one whose send went unanswered', [sent, failedSend], [row('1', 'a'), row('2', 'b')]],
    ['without that one', [sent, failedSend], [row('1', 'a')]],
  ])('is kept: %s', (_, lines, rows) => {
    expect(compared(lines, rows)).toEqual(kept);
  });

  it.each([
    ['a message is gone', [sent], [], { missing: ['1'] }],
    [
      'one that was deleted by its author is gone',
      [sent, told('ack', 'delete', '1', '')],
      [],
      { missing: ['1'] },
    ],
    ['it says something else', [sent], [row('1', 'A')], { changed: ['1'] }],
    ['an edit is gone', [sent, told('ack', 'edit', '1', 'b')], [row('1', 'a')], { changed: ['1'] }],
    ['a deletion is gone', [sent, told('ack', 'delete', '1', '')], [row('1', '')], { changed: ['1'] }],
    ['it is deleted', [sent], [row('1', '', { deleted: true })], { changed: ['1'] }],
    ['it has another number', [sent], [row('1', 'a', { seq: 2 })], { changed: ['1'] }],
    ['it is elsewhere', [sent], [row('1', 'a', { conversationId: 'd' })], { changed: ['1'] }],
    [
      'it is what no edit says',
      [sent, told('uncertain', 'edit', '1', 'b')],
      [row('1', 'c')],
      { changed: ['1'] },
    ],
    ['it is there twice', [sent], [row('1', 'a'), row('2', 'a')], { surplus: 1 }],
    [
      'an unanswered send is there twice',
      [sent, failedSend],
      [row('1', 'a'), row('2', 'b'), row('3', 'b')],
      { surplus: 1 },
    ],
    ['one id is there twice', [sent], [row('1', 'a'), row('1', 'a')], { surplus: 1 }],
  ])('is broken: %s', (_, lines, rows, broken) => {
    expect(compared(lines, rows)).toEqual({ ...kept, ...broken });
  });

  it('is not known when the people did not finish', () => {
    expect(() => promisesOf([sent], 'people.jsonl')).toThrow('people.jsonl has no line "end"');
    expect(() => promisesOf([told('uncertain', 'edit', '1', 'b')], 'people.jsonl')).toThrow(
      'people.jsonl, line 1: message 1 was changed before it was acknowledged',
    );
  });
});
