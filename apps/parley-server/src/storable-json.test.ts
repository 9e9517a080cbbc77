import { expect, it } from 'vitest';
import { isStorableJson } from './storable-json.ts';

it('takes what JSON is made of', () => {
  expect(isStorableJson({ theme: 'dark', sizes: [1, 2.5, null, true], emoji: '🎉', at: { '': {} } })).toBe(
    true,
  );
});

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

it('refuses what would be changed on the way, and what would take all of the stack', () => {
  expect(isStorableJson(nested(32))).toBe(true);
  for (const bad of [nested(33), nested(30_000), '\u0000', ['\ud800'], { '\udc00': 1 }, { a: Infinity }]) {
    expect(isStorableJson(bad)).toBe(false);
  }
});
