import { describe, expect, it } from 'vitest';
import { wordsOf } from './words-of.ts';

describe('what is marked in a result', () => {
  it('are words and phrases, without operators and what was left out', () => {
    expect(wordsOf('tide "spring tide" from:maja -storm -"low water"')).toEqual(['tide', 'spring tide']);
    expect(wordsOf('  ')).toEqual([]);
  });
});
