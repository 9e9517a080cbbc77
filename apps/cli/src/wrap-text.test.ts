import pc from 'picocolors';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fitted } from './output.ts';
import { lineWidth, visibleLength, wrapText } from './wrap-text.ts';

const { green, bold } = pc.createColors(true);

describe('wrapText', () => {
  it('breaks at blanks, and indents what follows', () => {
    expect(wrapText('one two three four', 9, 2)).toEqual(['one two', '  three', '  four']);
  });

  it('leaves a line that fits as it is, to the last column', () => {
    expect(wrapText('one two', 7)).toEqual(['one two']);
    expect(wrapText('one two', 6)).toEqual(['one', 'two']);
  });

  it('leaves a word whole that is wider than a line: half of a URL helps nobody', () => {
    expect(wrapText('see http://127.0.0.1:3000/metrics now', 12)).toEqual([
      'see',
      'http://127.0.0.1:3000/metrics',
      'now',
    ]);
  });

  it('keeps the indentation of the line, and counts no colour as a column', () => {
    expect(wrapText(`  ${green('one')} ${bold('two')} three`, 9, 4)).toEqual([
      `  ${green('one')} ${bold('two')}`,
      '    three',
    ]);
    expect(visibleLength(green('✔ done'))).toBe(6);
  });

  it.each([
    ['Größe', 5],
    ['Gro\u{308}ße', 5],
    ['日本語', 6],
    ['👩‍👩‍👧 ok', 5],
    ['⚠️', 2],
    ['━━ ●○▸✔✘↩', 9],
  ])('counts %j as a terminal shows it: %i columns', (text, columnsOfIt) => {
    expect(visibleLength(text)).toBe(columnsOfIt);
  });
});

describe('how wide lines may be', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is what COLUMNS says, and unlimited in a pipe, where programs look for whole lines', () => {
    vi.stubEnv('COLUMNS', '72');
    expect(lineWidth()).toBe(72);
    vi.stubEnv('COLUMNS', 'many');
    const pipe = Object.assign(Object.create(process.stdout) as NodeJS.WriteStream, { isTTY: false });
    expect(lineWidth(pipe)).toBeUndefined();
  });

  it('wraps each line of a text by itself', () => {
    expect(fitted('  one two three\nfour', 2, 10)).toBe('  one two\n    three\nfour');
    expect(fitted('one two three', 2, undefined)).toBe('one two three');
  });
});
