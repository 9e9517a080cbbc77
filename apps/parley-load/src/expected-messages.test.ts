import { describe, expect, it } from 'vitest';
import { ExpectedMessages } from './expected-messages.ts';
import { message } from './testing/message.ts';

describe('ExpectedMessages', () => {
  it('accepts an acknowledged message as it was sent, and no other way', () => {
    const expected = new ExpectedMessages();
    expected.sent(message({ body: 'Hello' }));
    const askedAt = expected.moment();
    expect(expected.check(message({ body: 'Hello' }), askedAt)).toBeUndefined();
    expect(expected.check(message({ body: 'hello' }), askedAt)?.violation).toBe('changed');
    expect(expected.check(message({ body: '', deleted: true }), askedAt)?.violation).toBe('changed');
    expect(expected.check(message({ senderId: 'bob' }), askedAt)?.violation).toBe('changed');
    expect(expected.check(message({ id: 'm1', seq: 2 }), askedAt)?.violation).toBe('outOfOrder');
  });

  it('has no opinion on what others wrote', () => {
    const expected = new ExpectedMessages();
    expect(expected.check(message({ id: 'unknown' }), expected.moment())).toBeUndefined();
  });

  it('lets a reader see either body while an edit is on its way, and only the new one after the yes', () => {
    const expected = new ExpectedMessages();
    expected.sent(message({ body: 'old' }));
    const before = expected.moment();
    const acknowledge = expected.changing('m1', 'new');
    const during = expected.moment();
    acknowledge();
    const after = expected.moment();
    for (const askedAt of [before, during]) {
      expect(expected.check(message({ body: 'old' }), askedAt)).toBeUndefined();
      expect(expected.check(message({ body: 'new' }), askedAt)).toBeUndefined();
    }
    expect(expected.check(message({ body: 'new' }), after)).toBeUndefined();
    expect(expected.check(message({ body: 'old' }), after)?.violation).toBe('changed');
  });

  it('does not know whether an edit without an answer took place', () => {
    const expected = new ExpectedMessages();
    expected.sent(message({ body: 'old' }));
    expected.changing('m1', 'new');
    const later = expected.moment();
    expect(expected.check(message({ body: 'old' }), later)).toBeUndefined();
    expect(expected.check(message({ body: 'new' }), later)).toBeUndefined();
    expect(expected.check(message({ body: 'other' }), later)?.violation).toBe('changed');
  });

  it('expects a deleted message to stay in its place, without its text', () => {
    const expected = new ExpectedMessages();
    expected.sent(message({ body: 'secret' }));
    expected.changing('m1', null)();
    const after = expected.moment();
    expect(expected.check(message({ body: '', deleted: true }), after)).toBeUndefined();
    expect(expected.check(message({ body: 'secret', deleted: true }), after)?.violation).toBe('changed');
  });

  it('finds a second copy of what was sent, unless a send without an answer explains it', () => {
    const expected = new ExpectedMessages();
    expected.sending('c', 'ada', 'Hello').acknowledged();
    expected.sent(message({ seq: 1, body: 'Hello' }));
    const stored = [message({ seq: 1, body: 'Hello' }), message({ seq: 2, body: 'Hello' })];
    expect(expected.findCopies(stored)).toMatchObject([{ violation: 'duplicated', id: 'm2' }]);
    expect(expected.findCopies([message({ id: 'x', senderId: 'bob', body: 'Hello' })])).toEqual([]);
    expected.sending('c', 'ada', 'Hello');
    expect(expected.findCopies(stored)).toEqual([]);
  });

  it('knows how far each conversation reaches, and lists what to look for in order', () => {
    const expected = new ExpectedMessages();
    expected.sent(message({ seq: 9 }));
    expected.sent(message({ seq: 7 }));
    expected.heardOf('c', 12);
    expect(expected.knownLastSeq('c')).toBe(12);
    expect(expected.knownLastSeq('d')).toBe(0);
    expect(
      expected
        .byConversation()
        .get('c')
        ?.map(({ seq }) => seq),
    ).toEqual([7, 9]);
  });
});
