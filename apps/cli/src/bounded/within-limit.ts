import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the work, and no longer than the limit: what comes later is not looked at. */
export async function withinLimit(limitMs: number, work: Promise<void>): Promise<void> {
  const settled = new AbortController();
  const alarm = sleep(limitMs, undefined, { signal: settled.signal }).catch((error: unknown) => {
    if (!settled.signal.aborted) throw error;
  });
  try {
    await Promise.race([work, alarm]);
  } finally {
    settled.abort();
  }
}
