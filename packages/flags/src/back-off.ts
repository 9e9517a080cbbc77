const firstMs = 100;
const longestMs = 10_000;

/**
 * How long to wait after so many failures in a row: doubling, up to ten seconds, of which a random half is kept, so
 * that the processes that a database lost at the same moment do not all come back at the same moment.
 */
export function backOffMs(failures: number, random: () => number = Math.random): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
  return fullMs * (0.5 + random() / 2);
}
