/** Distinct whole numbers from `low` to `high`, ascending, the same for the same seed (mulberry32, public domain, T. Ettinger). */
export function seededNumbers(seed: number, count: number, low: number, high: number): readonly number[] {
  const size = high - low + 1;
  if (count > size) throw new Error(`there are no ${count} distinct numbers from ${low} to ${high}`);
  const numbers = new Set<number>();
  let state = seed;
  while (numbers.size < count) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    numbers.add(low + (((mixed ^ (mixed >>> 14)) >>> 0) % size));
  }
  return [...numbers].toSorted((a, b) => a - b);
}
