import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planDigest } from './plan-digest.ts';

it('is 64 hex digits that do not depend on the order of the files', () => {
  expect(planDigest({ a: '1', b: '2' })).toMatch(/^[0-9a-f]{64}$/);
  expect(planDigest({ a: '1', b: '2' })).toBe(planDigest({ b: '2', a: '1' }));
});

it('differs whenever a name or a text differs', () => {
  const files = fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 3 });
  fc.assert(
    fc.property(files, files, (one, other) => {
      const same =
        Object.keys(one).length === Object.keys(other).length &&
        Object.entries(one).every(([name, text]) => Object.hasOwn(other, name) && other[name] === text);
      expect(planDigest(one) === planDigest(other)).toBe(same);
    }),
  );
});
