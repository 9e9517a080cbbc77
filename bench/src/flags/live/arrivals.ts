/** A flip, and when the query that committed it had returned, by the machine's monotonic clock. */
export interface Flip {
  readonly revision: number;
  readonly committedMs: number;
}

/** When one client heard of a revision. */
export type Arrival = readonly [revision: number, atMs: number];

export interface Propagation {
  /** From the commit until the client knew of that flip or of a later one: one for each client and flip. */
  readonly latenciesMs: readonly number[];
  /** Flips that a client has not heard of, nor of a later one. */
  readonly missed: number;
}

/** What each of these clients heard, beside what was committed. */
export function propagationOf(flips: readonly Flip[], clients: readonly (readonly Arrival[])[]): Propagation {
  const latenciesMs: number[] = [];
  let missed = 0;
  for (const arrivals of clients) {
    for (const { revision, committedMs } of flips) {
      const heard = arrivals.find(([heardOf]) => heardOf >= revision);
      if (heard === undefined) missed += 1;
      else latenciesMs.push(heard[1] - committedMs);
    }
  }
  return { latenciesMs, missed };
}
