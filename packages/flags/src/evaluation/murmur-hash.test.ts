import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmurHash, murmurHashAfter } from './murmur-hash.ts';

const ascii = fc.string({ maxLength: 60 });
const any = fc.string({ unit: 'binary', maxLength: 12 });

test('a text behind a prefix has the hash of both, whatever their lengths and letters, also when it is asked for twice', () => {
  fc.assert(
    fc.property(fc.oneof(ascii, any), fc.array(fc.oneof(ascii, any), { maxLength: 4 }), (prefix, texts) => {
      const hash = murmurHashAfter(prefix);
      for (const text of [...texts, ...texts.toReversed()])
        expect(hash(text)).toBe(murmurHash(prefix + text));
    }),
    { numRuns: 2_000 },
  );
});

test('prefixes of any number are hashed', () => {
  for (let number = 0; number < 2_500; number += 1) {
    expect(murmurHashAfter(`plan-${number}:`)('anna')).toBe(murmurHash(`plan-${number}:anna`));
  }
});
