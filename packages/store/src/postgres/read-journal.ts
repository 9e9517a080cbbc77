import type { JournalEntry } from '@crossfade/engine';
import type { Pool } from 'pg';
import { readEntry } from '../stored-entry.ts';
import { sql } from './sql.ts';

const readPage = sql('read-journal-page');
const pageSize = 5_000;

interface Row {
  readonly seq: string;
  readonly body: string;
  readonly previous: string;
  readonly hash: string;
}

/** Page by page, so that no single statement grows with the journal. The journal only grows: pages fit together. */
export async function readJournal(pool: Pool, afterSeq: number): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const after = entries.at(-1)?.seq ?? afterSeq;
    const { rows } = await pool.query<Row>(readPage, [after, pageSize]);
    for (const row of rows) entries.push(readEntry({ ...row, seq: Number(row.seq) }));
    if (rows.length < pageSize) return entries;
  }
}
