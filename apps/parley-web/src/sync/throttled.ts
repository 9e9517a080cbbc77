/**
 * Calls `work` at once, and then at most once in so many milliseconds. The last call of a busy time is done at its end, unless
 * it is of no use late (`dropsLate`).
 */
export function throttled<Given extends unknown[]>(
  everyMs: number,
  work: (...given: Given) => void,
  dropsLate = false,
): (...given: Given) => void {
  let isResting = false;
  let waiting: Given | undefined;
  const rest = (): void => {
    isResting = true;
    setTimeout(() => {
      isResting = false;
      if (waiting === undefined) return;
      const given = waiting;
      waiting = undefined;
      work(...given);
      rest();
    }, everyMs);
  };
  return (...given) => {
    if (isResting) {
      if (!dropsLate) waiting = given;
      return;
    }
    work(...given);
    rest();
  };
}
