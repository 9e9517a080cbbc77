/** A seeded source of chance: the same seed gives the same numbers everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    // A 32-bit counter through an avalanche of multiplications: short, fast and even enough for people's whims.
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both possible. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('Random.pick: expected a list with at least one item');
    return item;
  }

  /** Prefers the front of the list, as a few conversations get most of the attention. */
  pickNearFront<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() ** 2.5 * items.length)];
    if (item === undefined) throw new Error('Random.pickNearFront: expected a list with at least one item');
    return item;
  }

  /** Waiting time of a Poisson process with one arrival per unit on average. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }

  /** An independent source, so that what one part draws does not shift what another one gets. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
