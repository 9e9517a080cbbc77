import { describe, expect, it } from 'vitest';
import { Seeded } from './seeded.ts';

describe('Seeded', () => {
  it('decides the same for the same seed, and otherwise for another', () => {
    const decide = (seed: number) => new Seeded(seed).several(5, 1, 1_000);
    expect(decide(1)).toEqual(decide(1));
    expect(decide(1)).not.toEqual(decide(2));
  });

  it('reaches both ends, and nothing beyond', () => {
    const random = new Seeded(3);
    const seen = new Set(Array.from({ length: 200 }, () => random.between(2, 4)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
    expect(random.several(3, 2, 4)).toEqual([2, 3, 4]);
    expect(() => random.several(4, 2, 4)).toThrow('no 4 distinct numbers from 2 to 4');
  });
});
