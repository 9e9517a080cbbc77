import type { ControlStore, FlagDocumentRow } from '@crossfade/engine';
import { Pool } from 'pg';
import { append } from './postgres/append.ts';
import { connectionSettings } from './postgres/connection-settings.ts';
import { createJournalGrowth } from './postgres/journal-growth.ts';
import { releaseLease, renewLease, takeLease } from './postgres/lease.ts';
import { migrate } from './postgres/migrate.ts';
import { loadPlan, savePlan } from './postgres/plans.ts';
import { readJournal } from './postgres/read-journal.ts';
import { addSegmentMembers } from './postgres/segments.ts';
import { sql } from './postgres/sql.ts';

const nowSql = sql('now');
const readHeadSeqSql = sql('read-head-seq');
const readFlagDocumentSql = sql('read-flag-document');

export interface PostgresStoreOptions {
  readonly connectionString: string;
  /** Shows in pg_stat_activity. */
  readonly applicationName?: string;
  /** Told of connections lost while idle; they are replaced by themselves. */
  readonly onProblem?: (error: Error) => void;
}

/**
 * Opens the control store in schema `crossfade`, which is created or brought up to date first.
 * @throws when the database cannot be reached, or was made by a newer Crossfade.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<ControlStore> {
  const { connectionString, applicationName = 'crossfade', onProblem = () => undefined } = options;
  const settings = connectionSettings(connectionString, applicationName);
  const pool = new Pool({ ...settings, max: 4, idleTimeoutMillis: 30_000 });
  pool.on('error', onProblem);
  try {
    await migrate(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return storeOn(
    pool,
    createJournalGrowth({ readHeadSeq: async () => await readHeadSeq(pool), settings, onProblem }),
  );
}

function storeOn(pool: Pool, growth: ReturnType<typeof createJournalGrowth>): ControlStore {
  let closing: Promise<void> | undefined;
  return {
    now: async () => await readNow(pool),
    takeLease: async (request) => await takeLease(pool, request),
    renewLease: async (token, ttlMs) => await renewLease(pool, token, ttlMs),
    releaseLease: async (token) => await releaseLease(pool, token),
    readJournal: async (afterSeq) => await readJournal(pool, afterSeq),
    append: async (request) => await append(pool, request),
    savePlan: async (digest, files) => await savePlan(pool, digest, files),
    loadPlan: async (digest) => await loadPlan(pool, digest),
    readFlagDocument: async () => await readFlagDocument(pool),
    addSegmentMembers: async (segment, keys, token) => await addSegmentMembers(pool, segment, keys, token),
    onJournalGrowth: (callback) => growth.subscribe(callback),
    close: async () => {
      closing ??= growth.stop().then(async () => await pool.end());
      await closing;
    },
  };
}

async function readNow(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ now_ms: string }>(nowSql);
  return Number(rows[0]?.now_ms);
}

async function readHeadSeq(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ seq: string }>(readHeadSeqSql);
  return Number(rows[0]?.seq ?? 0);
}

async function readFlagDocument(pool: Pool): Promise<FlagDocumentRow | undefined> {
  const { rows } = await pool.query<{ revision: string; digest: string; document: string }>(
    readFlagDocumentSql,
  );
  return rows[0] && { ...rows[0], revision: Number(rows[0].revision) };
}
