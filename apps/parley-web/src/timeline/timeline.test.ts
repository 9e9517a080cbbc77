import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message, MessagePage } from '../api/types.ts';
import { aMessage, messagesFrom } from '../testing/messages.ts';
import { timelineOf, trimmed, withChanges, withMessage, withPage, type Timeline } from './timeline.ts';

const page = (first: number, last: number, all: number, version = all): MessagePage => ({
  messages: messagesFrom(first, last),
  lastSeq: all,
  version,
  hasMoreBefore: first > 1,
  hasMoreAfter: last < all,
});
const numbers = ({ messages }: Timeline): number[] => messages.map(({ seq }) => seq);

describe('a timeline', () => {
  it('grows at either end by pages that touch it', () => {
    const middle = timelineOf(page(40, 60, 100));
    const older = withPage(middle, page(20, 39, 100), 'before');
    const both = withPage(older, page(61, 80, 100), 'after');
    expect(numbers(both)).toEqual(messagesFrom(20, 80).map(({ seq }) => seq));
    expect(both).toMatchObject({ hasBefore: true, hasAfter: true });
  });

  it('takes no page that would leave a gap', () => {
    const middle = timelineOf(page(40, 60, 100));
    expect(withPage(middle, page(10, 20, 100), 'before')).toBe(middle);
    expect(withPage(middle, page(70, 80, 100), 'after')).toBe(middle);
  });

  it('takes a page that overlaps it once', () => {
    const middle = timelineOf(page(40, 60, 100));
    expect(numbers(withPage(middle, page(30, 45, 100), 'before'))).toEqual(
      messagesFrom(30, 60).map(({ seq }) => seq),
    );
  });

  it('keeps its older version when a newer page comes in, so that what changed in between is still asked for', () => {
    const middle = timelineOf(page(40, 60, 100, 150));
    expect(withPage(middle, page(20, 39, 100, 170), 'before').version).toBe(150);
  });

  it('appends a new message at its end, and not where something is missing in between', () => {
    const end = timelineOf(page(90, 100, 100));
    expect(numbers(withMessage(end, aMessage(101))).at(-1)).toBe(101);
    const gap = withMessage(end, aMessage(105));
    expect(numbers(gap).at(-1)).toBe(100);
    expect(gap).toMatchObject({ hasAfter: true, lastSeq: 105 });
  });

  it('never takes an older state of a message for a newer one', () => {
    const edited = withMessage(
      timelineOf(page(90, 100, 100)),
      aMessage(95, { version: 120, body: 'new words' }),
    );
    const late = withMessage(edited, aMessage(95, { version: 110, body: 'old words' }));
    expect(late.messages.find(({ seq }) => seq === 95)?.body).toBe('new words');
  });

  it('is the same however often changes come, and in whatever pieces', () => {
    const edit = fc.record({ seq: fc.integer({ min: 1, max: 40 }), step: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        (edits, pieceLength) => {
          // The server's side: 20 messages, then sends and edits, each at a version of its own.
          let version = 20;
          const stored = new Map<number, Message>(messagesFrom(1, 20).map((one) => [one.seq, one]));
          for (const { seq, step } of edits) {
            version += step;
            const at = seq > stored.size ? stored.size + 1 : seq;
            stored.set(at, aMessage(at, { version, body: `as of ${version}` }));
          }
          const changed = [...stored.values()]
            .filter((one) => one.version > 20)
            .toSorted((a, b) => a.version - b.version);
          // The client's side: the changes in pieces, each of them twice.
          let timeline = timelineOf(page(1, 20, 20));
          while (timeline.version < version) {
            const piece = changed.filter((one) => one.version > timeline.version).slice(0, pieceLength);
            const isLast = piece.length === 0 || piece.at(-1) === changed.at(-1);
            const changes = { messages: piece, version, lastSeq: stored.size, hasMore: !isLast };
            timeline = withChanges(withChanges(timeline, changes), changes);
            // Sends that an edit has overtaken leave a gap for a moment: it is read as a page.
            if (timeline.hasAfter) {
              const after = timeline.messages.length;
              const rest = [...stored.values()]
                .filter(({ seq }) => seq > after)
                .toSorted((a, b) => a.seq - b.seq);
              timeline = withPage(
                timeline,
                { messages: rest, lastSeq: stored.size, version, hasMoreBefore: true, hasMoreAfter: false },
                'after',
              );
            }
          }
          expect(timeline.messages).toEqual([...stored.values()].toSorted((a, b) => a.seq - b.seq));
        },
      ),
    );
  });

  it('lets go of what is far away when it has grown very long', () => {
    const long = timelineOf(page(1, 5_000, 5_000));
    expect(trimmed(long, 'end')).toMatchObject({ hasBefore: true, hasAfter: false });
    expect(numbers(trimmed(long, 'end'))[0]).toBe(1_001);
    expect(numbers(trimmed(long, 'start')).at(-1)).toBe(4_000);
  });
});
