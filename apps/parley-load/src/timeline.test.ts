import { describe, expect, it } from 'vitest';
import type { Page } from './parley-shapes.ts';
import { message } from './testing/message.ts';
import { Timeline } from './timeline.ts';

function page(...seqs: number[]): Page {
  const messages = seqs.map((seq) => message({ seq }));
  return { messages, lastSeq: 100, version: 1, hasMoreBefore: true, hasMoreAfter: true, windowed: false };
}

describe('Timeline', () => {
  it('is behind from an announcement until the message is seen', () => {
    const timeline = new Timeline('c', page(8, 9, 10));
    expect(timeline.isBehind).toBe(false);
    timeline.announce(12);
    expect(timeline.isBehind).toBe(true);
    timeline.see(page(11));
    expect(timeline.isBehind).toBe(true);
    timeline.see(page(12));
    expect(timeline.isBehind).toBe(false);
  });

  it('is behind, for all one knows, while no events come', () => {
    const timeline = new Timeline('c', page(8, 9, 10));
    timeline.mayHaveMissed();
    timeline.see({ ...page(8), hasMoreAfter: true });
    expect(timeline.isBehind).toBe(true);
    timeline.see({ ...page(), hasMoreAfter: false });
    expect(timeline.isBehind).toBe(false);
  });

  it('does not jump over a gap, and never goes back', () => {
    const timeline = new Timeline('c', page(10));
    timeline.see(page(20, 21));
    expect(timeline.seenSeq).toBe(10);
    expect(timeline.isBehind).toBe(true);
    timeline.see(page(11, 12));
    timeline.see(page(9, 10, 11));
    expect(timeline.seenSeq).toBe(12);
  });

  it('notices another message in the place of one it has seen', () => {
    const timeline = new Timeline('c', page(8, 9));
    expect(timeline.see(page(9, 10))).toEqual([]);
    const other = { ...page(), messages: [message({ seq: 9, id: 'other' })] };
    expect(timeline.see(other)).toMatchObject([
      { violation: 'changed', seq: 9, id: 'other', found: 'other' },
    ]);
  });
});
