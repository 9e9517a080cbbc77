import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';

const pauseMs = 250;
const acknowledgement = z.object({ kind: z.literal('ack'), id: z.string() });

/**
 * Waits until somebody has seen a message acknowledged that was stored later than `since`, a database time: by the database's
 * own clock, since that of the people is only nearly the same. Whether that came within `limitMs`.
 */
export async function isWrittenAgain(
  client: pg.Pool,
  logFile: string,
  { since, limitMs }: { readonly since: string; readonly limitMs: number },
): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const { rowCount } = await client.query(
      'select from public.messages where id = any($1) and created_at > $2::timestamptz limit 1',
      [await acknowledgedIds(logFile), since],
    );
    if (rowCount === 1) return true;
    if (performance.now() > deadlineMs) return false;
    await sleep(pauseMs);
  }
}

/** From a log that is still written: its last line may be cut off. */
async function acknowledgedIds(logFile: string): Promise<readonly string[]> {
  const whole = (await readFile(logFile, 'utf8')).split('\n').slice(0, -1);
  return whole.flatMap((line) => acknowledgement.safeParse(JSON.parse(line)).data?.id ?? []);
}
