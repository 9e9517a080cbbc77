import { describe, expect, it } from 'vitest';
import { emojiOf } from './emoji.ts';

describe('an emoji', () => {
  it.each([
    ['🎉', '🎉'],
    ['❤', '❤\uFE0F'],
    ['❤\uFE0F', '❤\uFE0F'],
    ['⚓\uFE0F', '⚓'],
    ['👩‍🚀', '👩‍🚀'],
    ['🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
  ])('%s has one form under which it is counted', (given, counted) => {
    expect(emojiOf(given)).toBe(counted);
  });

  it.each(['', 'a', '🎉🎉', ':tada:', '\uFE0F', '<b>', '1', '👩‍🚀'.repeat(9)])('is not %j', (text) => {
    expect(emojiOf(text)).toBeUndefined();
  });
});
