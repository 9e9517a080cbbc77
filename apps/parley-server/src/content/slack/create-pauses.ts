import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';

/** How many records may pass before others have their turn; fewer, when one of them takes long. */
const RECORDS_AT_ONCE = 2_000;
const LONGEST_MS = 20;

export type PauseOptions = { recordsAtOnce?: number; now?: () => number };

/**
 * What a long loop awaits for each of its records, so that everything else in this process goes on, above all the hearing
 * of a signal that asks it to stop.
 * @returns a function that rejects with the signal's reason once that is aborted
 */
export function createPauses(
  signal: AbortSignal | undefined,
  { recordsAtOnce = RECORDS_AT_ONCE, now = () => performance.now() }: PauseOptions = {},
): () => Promise<void> {
  let records = 0;
  let sinceMs = now();
  return async () => {
    records += 1;
    if (records < recordsAtOnce && now() - sinceMs < LONGEST_MS) return;
    await othersHadTheirTurn();
    signal?.throwIfAborted();
    records = 0;
    sinceMs = now();
  };
}
