import type { JournalEntry } from '@crossfade/engine';
import type { Pool } from 'pg';
import { readEntry } from '../stored-entry.ts';
import { sql } from './sql.ts';
import { read } from './transact.ts';

const readHead = sql('read-head');
const readPage = sql('read-journal-page');
const pageSize = 5_000;

interface HeadRow {
  readonly seq: string;
  readonly hash: string;
}

interface Row {
  readonly seq: string;
  readonly body: string;
  readonly previous: string;
  readonly hash: string;
}

/**
 * Page by page, so that no single statement grows with the journal. The journal only grows: pages fit together.
 * @throws Error when the whole journal was asked for and does not reach its head: a chain cannot show that its end is missing.
 */
export async function readJournal(pool: Pool, afterSeq: number): Promise<readonly JournalEntry[]> {
  const head = afterSeq === 0 ? (await read<HeadRow>(pool, readHead))[0] : undefined;
  const entries: JournalEntry[] = [];
  for (;;) {
    const after = entries.at(-1)?.seq ?? afterSeq;
    const rows = await read<Row>(pool, readPage, [after, pageSize]);
    for (const row of rows) entries.push(readEntry({ ...row, seq: Number(row.seq) }));
    if (rows.length < pageSize) break;
  }
  if (head) assertReaches(entries, head);
  return entries;
}

function assertReaches(entries: readonly JournalEntry[], { seq, hash }: HeadRow): void {
  const newest = entries.findLast((entry) => entry.seq <= Number(seq));
  if (seq === '0' || (newest?.seq === Number(seq) && newest.hash === hash)) return;
  const found = newest ? `entry ${newest.seq} (${newest.hash.slice(0, 12)}…)` : 'no entry';
  throw new Error(
    `crossfade.journal ends with ${found}, crossfade.head says ${seq} (${hash.slice(0, 12)}…): its end was removed or replaced`,
  );
}
