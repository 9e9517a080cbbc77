/** One login seen from here: `sentMs` and `receivedMs` by our clock, `serverMs` by the database's. */
export interface TimeSample {
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly serverMs: number;
}

/** Our time, which never jumps, and the database's, in which the log is written. */
export class Clock {
  #offsetMs = 0;

  /** Milliseconds since 1970 by our own clock, monotonic: good for differences. */
  nowMs(): number {
    return performance.timeOrigin + performance.now();
  }

  /** The database's time for a moment of ours, in whole ms since 1970. */
  toServerMs(ownMs: number): number {
    return Math.round(ownMs + this.#offsetMs);
  }

  setOffset(samples: readonly TimeSample[]): void {
    this.#offsetMs = serverOffsetMs(samples);
  }
}

/**
 * What to add to our time to get the database's: the median over the quicker half of the samples (a slow answer
 * says little about when on its way the time was read), with half the round trip taken off each.
 */
export function serverOffsetMs(samples: readonly TimeSample[]): number {
  if (samples.length === 0) throw new Error('serverOffsetMs: expected at least one log-in to measure with');
  const byRoundTrip = samples.toSorted((a, b) => a.receivedMs - a.sentMs - (b.receivedMs - b.sentMs));
  const offsets = byRoundTrip
    .slice(0, Math.ceil(samples.length / 2))
    .map(({ sentMs, receivedMs, serverMs }) => serverMs - (receivedMs - (receivedMs - sentMs) / 2))
    .toSorted((a, b) => a - b);
  const middle = Math.floor(offsets.length / 2);
  const upper = offsets[middle] ?? 0;
  return offsets.length % 2 === 1 ? upper : (upper + (offsets[middle - 1] ?? upper)) / 2;
}
