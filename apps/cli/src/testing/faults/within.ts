import { setTimeout as sleep } from 'node:timers/promises';

/** What the work comes to; undefined when it has not after `limitMs`. It is not ended then. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  const settled = new AbortController();
  try {
    return await Promise.race([
      work,
      sleep(limitMs, undefined, { signal: settled.signal }).catch(() => undefined),
    ]);
  } finally {
    settled.abort();
  }
}
