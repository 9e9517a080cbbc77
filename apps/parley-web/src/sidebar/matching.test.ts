import { describe, expect, it } from 'vitest';
import type { Conversation } from '../api/types.ts';
import { matching } from './matching.ts';

const named = (title: string, given: Partial<Conversation> = {}): Conversation => ({
  id: title,
  kind: 'channel',
  title,
  topic: '',
  lastSeq: 0,
  lastReadSeq: 0,
  unread: 0,
  version: 0,
  muted: false,
  mentions: 0,
  memberCount: 2,
  role: 'member',
  joinable: true,
  others: [],
  lastMessage: null,
  ...given,
});
const found = (all: readonly Conversation[], words: string): string[] =>
  matching(all, words, 5).map(({ title }) => title);

describe('jumping', () => {
  it('finds by letters without accents, those that begin with them first', () => {
    expect(found([named('design'), named('Inês Duarte'), named('machines')], 'ines')).toEqual([
      'Inês Duarte',
      'machines',
    ]);
  });

  it('offers what is new first when nothing has been typed', () => {
    const all = [
      named('a'),
      named('b', { unread: 3 }),
      named('c', { mentions: 1, unread: 1 }),
      named('d', { unread: 9, muted: true }),
    ];
    expect(found(all, '')).toEqual(['c', 'b', 'a', 'd']);
  });
});
