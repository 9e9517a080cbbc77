import pg from 'pg';
import { serveBench } from '../flags/live/client-process.ts';
import { monotonicMs } from '../flags/live/monotonic-ms.ts';

export interface ForegroundGiven {
  readonly url: string;
  readonly rows: number;
  readonly perSecond: number;
}

export interface ForegroundResult {
  /** When each query was due, and how long it then took until its answer; both on the machine's own clock. */
  readonly dueMs: readonly number[];
  readonly tookMs: readonly number[];
  readonly failures: readonly { readonly dueMs: number; readonly why: string }[];
}

const connections = 16;
/** How often in a hundred, and what people do with messages: see one, see a page of them, change one, write one. */
const queries = [
  { share: 40, text: 'select * from public.messages where id = $1' },
  {
    share: 20,
    text: 'select * from public.messages where conversation_id = $1 % 1000 order by seq desc limit 50',
  },
  { share: 30, text: 'update public.messages set body = body where id = $1' },
  {
    share: 10,
    text: `insert into public.messages (conversation_id, seq, body) values ($1 % 1000, -$1, 'a new one')`,
  },
] as const;

/**
 * An open loop: queries are due at fixed times, whether or not earlier ones have been answered, and are timed from when they
 * were due. Whoever only asked again after an answer would see one slow query where a whole site stands still.
 */
serveBench(async ({ url, rows, perSecond }: ForegroundGiven) => {
  const pool = new pg.Pool({ connectionString: url, max: connections, application_name: 'foreground' });
  pool.on('error', () => undefined); // The query that runs on a broken connection rejects too.
  await Promise.all(Array.from({ length: connections }, async () => await pool.query('select 1')));
  const result = {
    dueMs: [] as number[],
    tookMs: [] as number[],
    failures: [] as { dueMs: number; why: string }[],
  };
  const open = new Set<Promise<void>>();
  let number = 0;
  const ask = async (dueMs: number): Promise<void> => {
    number += 1;
    try {
      await pool.query(chosen(number), [1 + ((number * 7_919) % rows)]);
      result.dueMs.push(dueMs);
      result.tookMs.push(monotonicMs() - dueMs);
    } catch (error) {
      result.failures.push({ dueMs, why: error instanceof Error ? error.message : String(error) });
    }
  };
  let dueMs = monotonicMs();
  const timer = setInterval(() => {
    for (; dueMs <= monotonicMs(); dueMs += 1_000 / perSecond) {
      const asked = ask(dueMs).finally(() => open.delete(asked));
      open.add(asked);
    }
  }, 1);
  return async () => {
    clearInterval(timer);
    await Promise.all(open);
    await pool.end();
    return result;
  };
});

function chosen(number: number): string {
  let place = (number * 31) % 100;
  for (const { share, text } of queries) {
    if (place < share) return text;
    place -= share;
  }
  return queries[0].text;
}
