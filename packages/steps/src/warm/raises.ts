interface Raising {
  readonly start: number;
  readonly increment: number;
  readonly target: number;
}

/** No plan needs more: each is journalled, and changes what the application reads. */
export const mostRaises = 1_000;

export function raised({ increment, target }: Raising, value: number): number {
  return Math.min(target, value + increment);
}

/**
 * Whether the target is reached in `mostRaises`, and one more for what rounding leaves over. Found by raising: an increment
 * too small for the number that it is added to changes nothing.
 */
export function reachesTarget(raising: Raising): boolean {
  let value = raising.start;
  for (let raises = 0; raises <= mostRaises && value < raising.target; raises += 1)
    value = raised(raising, value);
  return value >= raising.target;
}
