import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** How much of a backlog is worked off before answers get their turn. */
const BACKLOG_TURN = 50;

/**
 * Calls `arrive` with each intended time when it has come, until the signal. Where this process was held up, those
 * who should have come meanwhile come at once, with the times at which they should have: their waiting is counted.
 * @param offsetsMs ascending, from now.
 */
export async function atTheirTimes(
  offsetsMs: Iterable<number>,
  clock: Clock,
  signal: AbortSignal,
  arrive: (intendedMs: number) => void,
): Promise<void> {
  const startMs = clock.nowMs();
  let backlog = 0;
  for (const offsetMs of offsetsMs) {
    const intendedMs = startMs + offsetMs;
    const waitMs = intendedMs - clock.nowMs();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(ignoreAbort);
    else if (++backlog % BACKLOG_TURN === 0) await nextTurn();
    if (signal.aborted) return;
    arrive(intendedMs);
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
