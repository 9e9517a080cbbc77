import { describe, expect, it } from 'vitest';
import { oneLine, pathText, valueText } from './finding.ts';
import { suggestion } from './suggest.ts';

const known = ['threshold', 'health', 'rollout', 'wait', 'warm', 'a'];

describe('did you mean', () => {
  it.each([
    ['treshold', 'threshold'],
    ['thresholds', 'threshold'],
    ['thershold', 'threshold'],
    ['tresholt', 'threshold'],
    ['HEALTH', 'health'],
    ['helath', 'health'],
    ['waitt', 'wait'],
    ['wiat', 'wait'],
    ['wart', 'wait'],
    ['b', 'a'],
  ])('%s → %s', (word, meant) => {
    expect(suggestion(word, known)).toBe(`did you mean ${meant}?`);
  });

  it.each(['nothing', 'wxyz', 'rollback', 'hth', ''])('nothing, where no word is near: "%s"', (word) => {
    expect(suggestion(word, known.slice(0, 5))).toBeUndefined();
  });

  it('takes the nearest of several, and the first of those as near', () => {
    expect(suggestion('search', ['starchy', 'serch', 'searchs'])).toBe('did you mean serch?');
    expect(suggestion('cat', ['bat', 'hat'])).toBe('did you mean bat?');
  });

  it('allows one mistake in a short word, and four in a long one at most', () => {
    expect(suggestion('abcde', ['abxye'])).toBeUndefined();
    expect(suggestion('abcdef', ['abxyef'])).toBe('did you mean abxyef?');
    expect(suggestion('a'.repeat(30), [`bbbb${'a'.repeat(26)}`])).toBeDefined();
    expect(suggestion('a'.repeat(30), [`bbbbb${'a'.repeat(25)}`])).toBeUndefined();
  });

  it('looks at no word that is too long to be one, and at the first five hundred', () => {
    const longest = 'x'.repeat(64);
    expect(suggestion(longest, [`${longest.slice(1)}y`])).toBeDefined();
    expect(suggestion(`${longest}x`, [longest])).toBeUndefined();
    expect(suggestion(longest, [`${longest}x`])).toBeUndefined();
    const many = Array.from({ length: 500 }, (_, index) => `other-${index}-word`);
    expect(suggestion('wait', [...many.slice(1), 'waits'])).toBe('did you mean waits?');
    expect(suggestion('wait', [...many, 'waits'])).toBeUndefined();
  });
});

describe('what a finding shows', () => {
  it.each([
    [[], ''],
    [['phases', 1, 'steps', 0, 'at'], 'phases[1].steps[0].at'],
    [['gates', 'fast'], 'gates.fast'],
    [['gates', 'two words'], 'gates["two words"]'],
    [['1st'], '["1st"]'],
    [['_a-b', 'c.d'], '_a-b["c.d"]'],
  ])('the path %j as "%s"', (path, text) => {
    expect(pathText(path)).toBe(text);
  });

  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [-0.5, '-0.5'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    ['text', '"text"'],
    [true, 'true'],
    [[], 'an empty list'],
    [[1, 2], 'a list of 2'],
    [{}, 'an empty map'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }, 'a map with a, b, c, d, e, f'],
    [Symbol('s'), 'nothing'],
    ['x'.repeat(99), `"${'x'.repeat(58)}…`],
  ])('the value %s as %s', (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  it('text in one line that a terminal can show, cut at its end where it is too long', () => {
    expect(oneLine('a\n b\t\tc', 20)).toBe('a b c');
    expect(oneLine('a\u001b[2Jb\u202ec', 40)).toBe('a\\u{1b}[2Jb\\u{202e}c');
    expect(oneLine('abcdef', 6)).toBe('abcdef');
    expect(oneLine('abcdefg', 6)).toBe('abcde…');
  });

  it('no half of a character', () => {
    expect(oneLine('abcd😀fg', 6)).toBe('abcd…');
    expect(oneLine('abc😀fgh', 6)).toBe('abc😀…');
  });
});
