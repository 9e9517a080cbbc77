import { setTimeout as sleep } from 'node:timers/promises';

/** What a look at the server has shown. "No room": the pooler has no connection for us to look with. */
export type Sign = 'at work' | 'not at work' | 'no answer' | 'no room';

interface Watch {
  /** Over in bounded time. */
  readonly look: () => Promise<Sign>;
  readonly intervalMs: number;
  /** Lets go of the connection, so that the work fails with the reason. */
  readonly cut: (reason: Error) => void;
}

/**
 * One look may meet a busy moment, or an answer that is on its way; a pool may be full for many minutes while the statement is
 * at work. Those in a row are added up.
 */
const doubts: Readonly<Record<Sign, number>> = {
  'at work': 0,
  'no room': 1,
  'not at work': 30,
  'no answer': 30,
};
const mostDoubts = 90;

/**
 * Waits for a statement's answer for as long as the server is seen to be at work on it: a statement may take hours, and a
 * network that swallows everything must not take as long to be found out.
 */
export async function whileAlive<T>(work: Promise<T>, watch: Watch): Promise<T> {
  const settled = new AbortController();
  const watching = keepLooking(watch, settled.signal);
  try {
    return await work;
  } finally {
    settled.abort();
    await watching;
  }
}

async function keepLooking({ look, intervalMs, cut }: Watch, settled: AbortSignal): Promise<void> {
  let doubted = 0;
  const seen = new Set<Sign>();
  while (doubted < mostDoubts) {
    await pause(intervalMs, settled);
    if (settled.aborted) return;
    const sign = (await Promise.race([look(), pause(3_600_000, settled)])) ?? 'no answer';
    if (settled.aborted) return;
    if (sign === 'at work') {
      doubted = 0;
      seen.clear();
    } else {
      doubted += doubts[sign];
      seen.add(sign);
    }
  }
  cut(new Error(`the connection to the database ${reasonFor(seen)}`));
}

function reasonFor(seen: ReadonlySet<Sign>): string {
  if (seen.has('not at work'))
    return 'is dead: the server has ended the statement, and its answer never came';
  if (seen.has('no answer')) return 'is dead: the server gives no sign of life';
  return 'was given up: for minutes the pooler had no other one to look with whether the server is at work';
}

async function pause(durationMs: number, settled: AbortSignal): Promise<undefined> {
  try {
    await sleep(durationMs, undefined, { signal: settled });
  } catch (error) {
    if (!settled.aborted) throw error;
  }
}
