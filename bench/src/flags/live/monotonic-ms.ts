/** The machine's monotonic clock, in ms: unlike `performance.now()`, every process and thread of one machine reads the same. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}
