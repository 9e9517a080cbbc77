import { setTimeout as sleep } from 'node:timers/promises';
import type { LockObserver, SeenLock } from './lock-observer.ts';
import { keyOf } from './lock-record.ts';

interface SampledLock {
  readonly lock: SeenLock;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Rhythm {
  /** Before the first look. */
  readonly afterMs: number;
  /** So many looks follow each other at once, for statements that are over soon. */
  readonly withoutPause: number;
  readonly everyMs: number;
}

export interface Sampling {
  /** Each lock from the look before it was first seen to the look after it was last seen: rather too long than too short. */
  stop(): Promise<readonly SampledLock[]>;
}

/** Looks again and again at the locks of a backend while it is at work on a statement. */
export function sampleLocks(observer: LockObserver, pid: number, rhythm: Rhythm): Sampling {
  const seen = new Map<string, SampledLock>();
  const over = new AbortController();
  const looking = look(observer, pid, rhythm, { seen, over: over.signal });
  looking.catch(() => undefined); // Told to whoever stops it.
  return {
    stop: async () => {
      over.abort();
      await looking;
      return [...seen.values()];
    },
  };
}

interface Work {
  readonly seen: Map<string, SampledLock>;
  readonly over: AbortSignal;
}

async function look(
  observer: LockObserver,
  pid: number,
  rhythm: Rhythm,
  { seen, over }: Work,
): Promise<void> {
  const { afterMs, withoutPause, everyMs } = rhythm;
  let lastMs = performance.now();
  if (afterMs > 0) await pause(afterMs, over);
  for (let looks = 0; !over.aborted; looks += 1) {
    const locks = await observer.locksOf(pid);
    const nowMs = performance.now();
    for (const lock of locks) {
      const fromMs = seen.get(keyOf(lock))?.fromMs ?? lastMs;
      seen.set(keyOf(lock), { lock, fromMs, toMs: nowMs + everyMs });
    }
    lastMs = nowMs;
    if (looks >= withoutPause) await pause(everyMs, over);
  }
}

async function pause(durationMs: number, over: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal: over });
  } catch (error) {
    if (!over.aborted) throw error;
  }
}
