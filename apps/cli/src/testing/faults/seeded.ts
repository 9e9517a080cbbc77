/** Chance that a seed decides: the same seed, the same decisions in the same order (mulberry32, public domain, T. Ettinger). */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<const T>(from: readonly [T, ...T[]]): T {
    return from[this.between(0, from.length - 1)] ?? from[0];
  }

  /** Distinct whole numbers from `low` to `high`, ascending. */
  several(count: number, low: number, high: number): readonly number[] {
    if (count > high - low + 1)
      throw new Error(`there are no ${count} distinct numbers from ${low} to ${high}`);
    const numbers = new Set<number>();
    while (numbers.size < count) numbers.add(this.between(low, high));
    return [...numbers].toSorted((a, b) => a - b);
  }
}
