import { describe, expect, it } from 'vitest';
import { reacted } from './reacted.ts';

const party = { emoji: '🎉', count: 2, mine: false };

describe('a reaction that is shown before the server has it', () => {
  it('joins in, or begins', () => {
    expect(reacted([party], '🎉', true)).toEqual([{ emoji: '🎉', count: 3, mine: true }]);
    expect(reacted([], '🎉', true)).toEqual([{ emoji: '🎉', count: 1, mine: true }]);
  });

  it('is taken back, and goes when it was the last', () => {
    expect(reacted([{ ...party, mine: true }], '🎉', false)).toEqual([
      { emoji: '🎉', count: 1, mine: false },
    ]);
    expect(reacted([{ emoji: '🎉', count: 1, mine: true }], '🎉', false)).toEqual([]);
  });

  it('counts once, however often it is pressed', () => {
    expect(reacted([{ ...party, mine: true }], '🎉', true)).toEqual([{ ...party, mine: true }]);
    expect(reacted([party], '🎉', false)).toEqual([party]);
  });
});
