import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What a transaction has done, by which its locks are: a change waits for those that it does not go together with. */
export type Holds = 'has read' | 'has written';

const whatItDid: Readonly<Record<Holds, string>> = {
  'has read': 'select count(*) from public.messages where id < 1000',
  // A row of its own: nobody else waits for that.
  'has written': `insert into public.messages (conversation_id, seq, body) values (0, 0, 'by a slow report')`,
};
const pauseMs = 500;

/** Somebody who holds a transaction over the table for some seconds, again and again. Resolves when the first is under way. */
export async function startSlowReport(
  url: string,
  holds: Holds,
  forMs: number,
): Promise<{ stop(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url, application_name: 'a slow report' });
  client.on('error', () => undefined); // The query that runs on a broken connection rejects too.
  await client.connect();
  const stop = new AbortController();
  const pass = async (ms: number): Promise<void> =>
    await sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);
  const begin = async (): Promise<unknown> => await client.query(`begin; ${whatItDid[holds]}`);
  const goOn = async (): Promise<void> => {
    for (;;) {
      await pass(forMs);
      await client.query('commit');
      await pass(pauseMs);
      if (stop.signal.aborted) break;
      await begin();
    }
    await client.end();
  };
  await begin();
  const ended = goOn();
  // Told by `stop`.
  ended.catch(() => undefined);
  return {
    async stop() {
      stop.abort();
      await ended;
    },
  };
}
