import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { excessOf } from './yaml-lexemes.ts';
import { readYaml } from './yaml-source.ts';

const nearlyLargest = 990_000;
const filled = (pattern: string) => pattern.repeat(nearlyLargest / pattern.length);
const tooDeep = { message: 'The document is nested too deeply.', expected: 'at most 60 levels' };
const tooLarge = { message: 'The document is too large.', expected: 'at most 200000 lexemes of YAML' };

const bombs = [
  { pattern: '[', line: 1, column: 61, value: filled('[').slice(0, 40), ...tooDeep },
  { pattern: '{a: ', line: 1, column: 241, value: filled('{a: ').slice(0, 40), ...tooDeep },
  { pattern: '[,,,', line: 1, column: 241, value: filled('[,,,').slice(0, 40), ...tooDeep },
  { pattern: '"', line: 1, column: 399_999, value: filled('"').slice(0, 40), ...tooLarge },
  { pattern: '&a ', line: 1, column: 300_000, value: filled(' &a').slice(0, 40), ...tooLarge },
];

describe('a text near the size limit', () => {
  it.each(bombs)('of nothing but $pattern is told by its first lexeme too many', ({ pattern, ...told }) => {
    const { line, column, ...problem } = told;
    const { value, problems } = readYaml(filled(pattern));
    expect(value).toBeUndefined();
    expect(problems).toEqual([{ path: [], place: { line, column }, ...problem }]);
  });

  it.each([
    ['LF', '\n', 200_001],
    ['CRLF', '\r\n', 200_001],
    ['comments', '# x\n', 100_001],
  ])('of nothing but lines is told by their number: %s', (_what, pattern, lines) => {
    expect(readYaml(filled(pattern)).problems).toMatchObject([
      { place: { line: lines, column: 1 }, ...tooLarge },
    ]);
  });

  // Composed, each of them takes more than this.
  const heapMb = 192;
  const script = `
    const { readYaml } = await import(${JSON.stringify(new URL('yaml-source.ts', import.meta.url).href)});
    const pattern = process.argv[1];
    const { problems } = readYaml(pattern.repeat(${nearlyLargest} / pattern.length));
    process.stdout.write(problems.map(({ message }) => message).join());
  `;

  it.each(bombs)('of nothing but $pattern is read within little memory', ({ pattern, message }) => {
    const flags = [`--max-old-space-size=${heapMb}`, '--input-type=module', '--eval', script, '--', pattern];
    const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
    expect(stderr).not.toContain('FATAL ERROR');
    expect(stdout).toBe(message);
  });
});

describe('what is counted as depth', () => {
  const nested = (levels: number) => `deep: ${'['.repeat(levels)}${']'.repeat(levels)}\n`;

  it('is that of brackets which are open at the same time', () => {
    expect(excessOf(nested(60).repeat(3))).toBeUndefined();
    expect(excessOf(`one: 1\n${nested(61)}`)).toEqual({
      offset: 'one: 1\ndeep: '.length + 60,
      message: 'The document is nested too deeply',
      expected: 'at most 60 levels',
    });
  });

  it.each([
    ['text in quotes', `- "[" `],
    ['text as it stands', '- a[[ b\n'],
    ['a block of text', '- |\n  [\n'],
    ['a block of text at the margin', '--- |\n[\n'],
    ['a comment', '# [\n'],
    ['a list that breaks off', 'a: [[\n'],
  ])('is not that of brackets in %s', (_what, line) => {
    expect(excessOf(line.repeat(100))).toBeUndefined();
  });
});

it('says of what is nested too deeply without brackets how deep it may be', () => {
  expect(readYaml('- '.repeat(20_000)).problems[0]).toMatchObject({
    message: 'The lists and maps are nested too deeply.',
    expected: 'at most 60 levels',
  });
});
