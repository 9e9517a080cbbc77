import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSearchQuery } from './search-query.ts';

const NOTHING = { text: null, from: null, in: null, before: null, after: null };

it.each([
  ['tram', { ...NOTHING, text: 'tram' }],
  ['from:ana tram in:#general', { ...NOTHING, text: 'tram', from: 'ana', in: 'general' }],
  ['from:"Ana Maria" "two words" -not', { ...NOTHING, text: '"two words" -not', from: 'Ana Maria' }],
  ['before:2026-03-01 after:2026-01-31', { ...NOTHING, before: '2026-03-01', after: '2026-01-31' }],
  ['FROM:@Bo', { ...NOTHING, from: 'Bo' }],
  ['before:2026-02-30', { ...NOTHING, text: 'before:2026-02-30' }],
  ['before:soon', { ...NOTHING, text: 'before:soon' }],
  ['from: in:', { ...NOTHING, text: 'from: in:' }],
  ['https://example.com/in:side', { ...NOTHING, text: 'https://example.com/in:side' }],
  ['  ', NOTHING],
  ['"open', { ...NOTHING, text: '"open' }],
])('understands %j', (input, expected) => {
  expect(parseSearchQuery(input)).toEqual(expected);
});

it('takes anything at all', () => {
  const dates = fc.property(fc.string({ unit: 'binary' }), (input) => {
    const { before, after } = parseSearchQuery(input);
    return [before, after].every((date) => date === null || !Number.isNaN(Date.parse(date)));
  });
  expect(() => fc.assert(dates)).not.toThrow();
});
