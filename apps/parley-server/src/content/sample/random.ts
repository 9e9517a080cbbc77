/** Random numbers that depend on the seed alone: the same on every machine. */
export type Random = {
  /** From 0 up to, not including, 1. */
  next: () => number;
  /** A whole number from `from` to `to`, both included. */
  between: (from: number, to: number) => number;
  chance: (probability: number) => boolean;
  pick: <Item>(items: readonly Item[]) => Item;
  /** Up to `count` different items in random order. */
  some: <Item>(items: readonly Item[], count: number) => Item[];
  /** A waiting time: mostly short, now and then long. */
  exponential: (mean: number) => number;
};

/** `label` keeps streams apart: one more number drawn for one channel changes nothing in the next. */
export function randomFrom(seed: number, label: string): Random {
  let state = seedOf(`${seed}/${label}`);
  const next = (): number => {
    // mulberry32: 32 bits of state are plenty for small talk.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new Error('cannot pick from an empty list');
      return item;
    },
    some: (items, count) => {
      const left = [...items];
      const taken: typeof left = [];
      while (taken.length < count && left.length > 0)
        taken.push(...left.splice(between(0, left.length - 1), 1));
      return taken;
    },
    exponential: (mean) => -Math.log(1 - next()) * mean,
  };
}

/** FNV-1a. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/** Draws items with given weights, each draw in logarithmic time. */
export function weighted<Item>(items: readonly Item[], weightOf: (item: Item, index: number) => number) {
  const ends: number[] = [];
  let total = 0;
  for (const [index, item] of items.entries()) ends.push((total += weightOf(item, index)));
  return (random: Random): Item => {
    const at = random.next() * total;
    let low = 0;
    let high = items.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? total) > at) high = middle;
      else low = middle + 1;
    }
    const item = items[low];
    if (item === undefined) throw new Error('cannot draw from an empty list');
    return item;
  };
}
