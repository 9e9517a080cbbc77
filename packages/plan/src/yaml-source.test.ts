import { describe, expect, it } from 'vitest';
import type { DocumentPath } from './finding.ts';
import { readYaml } from './yaml-source.ts';

const text = `first: &thing
  size: 1
second: *thing
list: [a, { b: c }]
flow: { bare, quoted: "x" }
empty:
`;

const placeOf = (path: DocumentPath, what: 'value' | 'key' = 'value'): string => {
  const { line, column } = readYaml(text).placeOf(path, what);
  return `${line}:${column}`;
};

describe('the place of a value', () => {
  it.each<[DocumentPath, string]>([
    [[], '1:1'],
    [['first', 'size'], '2:9'],
    [['list', 1, 'b'], '4:16'],
    [['empty'], '6:7'],
  ])('%j is where it stands: %s', (path, place) => {
    expect(placeOf(path)).toBe(place);
  });

  it('is looked for where an alias points to', () => {
    expect(placeOf(['second'])).toBe('3:9');
    expect(placeOf(['second', 'size'])).toBe('2:9');
  });

  it.each<[string, DocumentPath, string]>([
    ['a key that is missing', ['first', 'colour'], '2:3'],
    ['an item that is missing', ['list', 7], '4:7'],
    ['a part of a text', ['list', 0, 'part'], '4:8'],
    ['a value that is missing behind its key', ['flow', 'bare'], '5:9'],
    ['a part of what is missing', ['none', 'at', 'all'], '1:1'],
  ])('is that of the nearest thing for %s', (_what, path, place) => {
    expect(placeOf(path)).toBe(place);
  });

  it('may be that of its key', () => {
    expect(placeOf(['first', 'size'], 'key')).toBe('2:3');
    expect(placeOf(['flow', 'quoted'], 'key')).toBe('5:15');
  });
});

it('shows of a wrong line no more than its own rest', () => {
  expect(readYaml('title: "a" b\nname: c\n').problems).toMatchObject([{ value: 'b' }]);
});
