import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonRecords } from './json-records.ts';

test.each(['[]', ' [ \n ] ', '[1]', '[{"a":"],[{\\"","b":["\\\\"]}, null ,"x\\\\\\"]", [[],[{}]] ]\n'])(
  'finds every record of a list, and nothing else: %j',
  (text) => {
    expect([...jsonRecords(text)]).toEqual(JSON.parse(text));
  },
);

test('reads any list as it is read as a whole', () => {
  const odd = fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ' ', 'a', '🚇') });
  const list = fc.array(fc.oneof(odd, fc.array(odd), fc.dictionary(odd, odd)), { maxLength: 5 });
  fc.assert(
    fc.property(list, fc.constantFrom(undefined, 1), (values, space) => {
      const text = JSON.stringify(values, undefined, space);
      expect([...jsonRecords(text)]).toEqual(JSON.parse(text));
    }),
  );
});

test('takes no list that is none as a whole', () => {
  const damaged = fc
    .tuple(
      fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }),
      fc.nat(),
      fc.constantFrom('', '"', ',', ']', '}', '[', '\\'),
    )
    .map(([values, place, put]) => {
      const text = JSON.stringify(values);
      const at = 1 + (place % text.length);
      return `${text.slice(0, at)}${put}${text.slice(at + 1)}`;
    });
  fc.assert(
    fc.property(damaged, (text) => {
      expect(outcomeOf(() => [...jsonRecords(text)])).toEqual(outcomeOf(() => JSON.parse(text) as unknown));
    }),
    { numRuns: 300 },
  );
});

function outcomeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return 'refused';
  }
}

describe('a broken list gives the records before the break, and says where it is', () => {
  test.each([
    ['[1, {"a":]', 'its list has no end behind record 1'],
    ['[1, 2 3]', 'record 1 is not valid JSON'],
    ['[1,]', 'record 1 is not valid JSON'],
    ['[1] 2', 'something follows its list'],
  ])('%s', (text, message) => {
    const records = jsonRecords(text);
    expect(records.next().value).toBe(1);
    expect(() => [...records]).toThrow(message);
  });
});

test('a record may have a quarter of a million values', () => {
  const record = (values: number): string => `[0,[${'0,'.repeat(values - 2)}0]]`;
  expect([...jsonRecords(record(250_000))]).toHaveLength(2);
  const refusal = 'record 1 has over 250000 values; expected no more';
  expect(() => [...jsonRecords(record(250_001))]).toThrow(refusal);
});
