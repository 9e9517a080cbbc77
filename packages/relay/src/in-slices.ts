/** Things to do for many, a few at a time. */
export interface Slices<Item> {
  /** Does it for each of them in turn; whoever is waiting for something keeps the place, and gets the newer thing only. */
  begin(items: Iterable<Item>, work: (item: Item) => void): void;
  isWaiting(this: void, item: Item): boolean;
  /** Nothing more is done for it. */
  forget(item: Item): void;
}

/**
 * The event loop gets to whatever else has come in between: a thousand writes in one go hold up every request for tens of
 * milliseconds. The first slice is done at once, when nothing else is under way.
 */
export function inSlices<Item>(itemsPerSlice: number): Slices<Item> {
  const waiting = new Map<Item, (item: Item) => void>();
  let isUnderWay = false;
  const next = (): void => {
    let left = itemsPerSlice;
    for (const [item, work] of waiting) {
      if (left === 0) break;
      left -= 1;
      waiting.delete(item);
      work(item);
    }
    isUnderWay = waiting.size > 0;
    if (isUnderWay) setImmediate(next);
  };
  return {
    begin(items, work) {
      for (const item of items) waiting.set(item, work);
      if (!isUnderWay) next();
    },
    isWaiting: (item) => waiting.has(item),
    forget: (item) => void waiting.delete(item),
  };
}
