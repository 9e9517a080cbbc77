import { describe, expect, it } from 'vitest';
import { excerptOf } from '../../excerpt.ts';
import type { MessageRow } from '../../queries/message-row.ts';
import { links } from './links.ts';
import { recap } from './recap.ts';

const message = (seq: number, sender: string, body: string, threadId: string | null = null): MessageRow => ({
  id: `message-${seq}`,
  conversation_id: 'conversation',
  seq,
  sender_id: sender,
  sender_name: sender,
  thread_id: threadId,
  body,
  client_id: null,
  created_at: new Date(0),
  edited_at: null,
  deleted_at: null,
  edit_version: 0,
  version: seq,
  reactions: null,
  reply_count: 0,
  last_reply_at: null,
  repliers: null,
  pinned_at: null,
  attachments: null,
});

describe('recap', () => {
  it('counts who wrote how much and finds what was answered most', () => {
    const reply = recap.answer([
      message(1, 'Ana', 'Does anyone have the timetable?'),
      message(2, 'Bo', 'Line 7 is late'),
      message(3, 'Bo', 'I do', 'message-1'),
      message(4, 'Cem', 'Me too', 'message-1'),
      message(5, 'Ana', 'by how much?', 'message-2'),
    ]);
    expect(reply).toEqual({
      text: 'The last 5 messages: Ana 2, Bo 2, Cem 1. Answered most (2 times): Ana, “Does anyone have the timetable?”.',
      messageIds: ['message-1'],
    });
  });

  it('names five people and sums up the others', () => {
    const people = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
    const reply = recap.answer(people.map((name, index) => message(index + 1, name, 'hi')));
    expect(reply.text).toBe(
      'The last 7 messages: A 1, B 1, C 1, D 1, E 1, others 2. None of them was answered in a thread.',
    );
  });

  it('has nothing to say about an empty conversation', () => {
    expect(recap.answer([])).toEqual({ text: 'Nobody has written here yet.', messageIds: [] });
  });
});

describe('links', () => {
  it('lists each link once, the newest first, with who shared it last', () => {
    const reply = links.answer([
      message(1, 'Ana', 'see https://docs.example.com/a.'),
      message(2, 'Bo', '(https://docs.example.com/b) and <https://docs.example.com/a>!'),
      message(3, 'Cem', 'no link here: http is a protocol'),
    ]);
    expect(reply).toEqual({
      text: 'Shared lately:\nhttps://docs.example.com/b (Bo)\nhttps://docs.example.com/a (Bo)',
      messageIds: ['message-2'],
    });
  });

  it('says when there are none', () => {
    expect(links.answer([message(1, 'Ana', 'hello')]).messageIds).toEqual([]);
  });
});

describe('an excerpt', () => {
  it('is one line, cut between letters as people see them', () => {
    expect(excerptOf('two\n lines')).toBe('two lines');
    expect(excerptOf('👩‍👩‍👧'.repeat(10), 5)).toBe(`${'👩‍👩‍👧'.repeat(4)}…`);
  });
});
