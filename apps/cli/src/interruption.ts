/**
 * One Ctrl+C reaches us more than once: the terminal signals every process of its group, and npm and our launcher pass on to
 * their child what they got. What comes within this time is one wish to end.
 */
const samePressMs = 1_000;

export interface Interruption {
  /** The first signal: end in order. */
  readonly first: () => void;
  /** Asked for once more, by somebody who will not wait: end at once. */
  readonly again: () => void;
}

/** Listens for signals that ask this process to end. Returns how to stop listening. */
export function onInterruption(
  signals: readonly NodeJS.Signals[],
  { first, again }: Interruption,
): () => void {
  let firstMs: number | undefined;
  const hear = () => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      first();
    } else if (performance.now() - firstMs >= samePressMs) again();
  };
  for (const signal of signals) process.on(signal, hear);
  return () => {
    for (const signal of signals) process.off(signal, hear);
  };
}
