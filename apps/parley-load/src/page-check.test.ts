import { describe, expect, it } from 'vitest';
import { checkPage, type PageKey } from './page-check.ts';
import type { Message, Page } from './parley-shapes.ts';
import { message } from './testing/message.ts';

function page(seqs: readonly number[], other: Partial<Page> = {}): Page {
  const messages: Message[] = seqs.map((seq) => message({ seq }));
  return {
    messages,
    lastSeq: 10,
    version: 10,
    hasMoreBefore: true,
    hasMoreAfter: true,
    windowed: false,
    ...other,
  };
}

function kinds(asked: PageKey, answer: Page, knownLastSeq = 0): string[] {
  return checkPage('c', asked, answer, knownLastSeq).map(({ violation }) => violation);
}

describe('checkPage', () => {
  it.each<[string, PageKey, Page]>([
    ['newest', { key: 'newest' }, page([8, 9, 10], { hasMoreAfter: false })],
    ['newest of an empty conversation', { key: 'newest' }, page([], { lastSeq: 0, hasMoreBefore: false })],
    ['after', { key: 'after', seq: 3 }, page([4, 5])],
    ['after the last one', { key: 'after', seq: 10 }, page([], { hasMoreAfter: false })],
    ['before', { key: 'before', seq: 6 }, page([4, 5])],
    ['before the first one', { key: 'before', seq: 1 }, page([], { hasMoreBefore: false })],
    ['around', { key: 'around', seq: 5 }, page([4, 5, 6])],
    ['reading while others write', { key: 'newest' }, page([10, 11, 12], { hasMoreAfter: false })],
  ])('has nothing to say about a good page: %s', (_title, asked, answer) => {
    expect(checkPage('c', asked, answer, answer.lastSeq)).toEqual([]);
  });

  it('finds a gap, a repetition and a wrong order within a page', () => {
    expect(kinds({ key: 'before', seq: 8 }, page([4, 6, 7]))).toEqual(['missing']);
    expect(kinds({ key: 'before', seq: 6 }, page([4, 5, 4, 5]))).toContain('outOfOrder');
    const twice = [message({ seq: 4, id: 'm' }), message({ seq: 5, id: 'm' })];
    expect(kinds({ key: 'before', seq: 6 }, page([], { messages: twice }))).toEqual(['duplicated']);
    const sentTwice = [message({ seq: 4, clientId: 'k' }), message({ seq: 5, clientId: 'k' })];
    expect(kinds({ key: 'before', seq: 6 }, page([], { messages: sentTwice }))).toEqual(['duplicated']);
  });

  it('finds a page that does not begin or end where it was asked to', () => {
    expect(kinds({ key: 'after', seq: 3 }, page([5, 6]))).toEqual(['missing']);
    expect(kinds({ key: 'after', seq: 3 }, page([3, 4]))).toEqual(['outOfOrder']);
    expect(kinds({ key: 'before', seq: 6 }, page([3, 4]))).toEqual(['missing']);
    expect(kinds({ key: 'around', seq: 9 }, page([3, 4]))).toEqual(['missing']);
    expect(kinds({ key: 'before', seq: 6 }, page([4, 5], { hasMoreBefore: false }))).toEqual(['missing']);
  });

  it('lets the newest page say itself that more has come meanwhile', () => {
    expect(kinds({ key: 'newest' }, page([8, 9], { lastSeq: 10, hasMoreAfter: true }), 9)).toEqual([]);
  });

  it('finds a stale page: one that ends before what was known when it was asked for', () => {
    expect(kinds({ key: 'newest' }, page([8, 9, 10], { hasMoreAfter: false }), 11)).toEqual(['missing']);
    expect(kinds({ key: 'after', seq: 10 }, page([], { hasMoreAfter: false }), 11)).toEqual(['missing']);
    expect(kinds({ key: 'after', seq: 8 }, page([9], { hasMoreAfter: false }))).toEqual(['missing']);
  });
});
