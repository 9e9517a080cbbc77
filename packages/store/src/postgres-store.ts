import type { ControlStore, FlagDocumentRow } from '@crossfade/engine';
import type { Pool } from 'pg';
import { append } from './postgres/append.ts';
import { connectionSettings } from './postgres/connection-settings.ts';
import { createCuttablePool, type CuttablePool } from './postgres/cuttable-pool.ts';
import { createJournalGrowth, type JournalGrowth } from './postgres/journal-growth.ts';
import { readLeader, releaseLease, renewLease, takeLease } from './postgres/lease.ts';
import { readFlagUse } from './postgres/flag-use.ts';
import { isThere, migrate } from './postgres/migrate.ts';
import { showNotices } from './postgres/notices.ts';
import { loadPlan, savePlan } from './postgres/plans.ts';
import { readJournal } from './postgres/read-journal.ts';
import { addSegmentMembers, readMemberships, readSegmentMembers } from './postgres/segments.ts';
import { sql } from './postgres/sql.ts';
import { read } from './postgres/transact.ts';

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
  const opening = prepare(options);
  await withPool(opening.cuttable, async (pool) => await migrate(pool));
  return storeOn(opening);
}

/**
 * Opens the control store that is there, and creates or changes nothing, for whoever may only look, or has been led to the
 * wrong database; undefined where there is none.
 * @throws when the database cannot be reached, or another version of Crossfade has made the store.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<ControlStore | undefined> {
  const opening = prepare(options);
  if (await withPool(opening.cuttable, isThere)) return storeOn(opening);
  await opening.cuttable.end();
  return undefined;
}

interface Opening {
  readonly cuttable: CuttablePool;
  readonly growth: JournalGrowth;
}

function prepare(options: PostgresStoreOptions): Opening {
  const { connectionString, applicationName = 'crossfade', onProblem = () => undefined } = options;
  const settings = connectionSettings(connectionString, applicationName);
  const cuttable = createCuttablePool({ ...settings, max: 4, idleTimeoutMillis: 30_000 });
  cuttable.pool.on('error', onProblem);
  const askForHead = async () => await readHeadSeq(cuttable.pool);
  return { cuttable, growth: createJournalGrowth({ readHeadSeq: askForHead, settings, onProblem }) };
}

async function withPool<T>({ pool, end }: CuttablePool, work: (pool: Pool) => Promise<T>): Promise<T> {
  try {
    return await work(pool);
  } catch (error) {
    await end();
    throw error;
  }
}

function storeOn({ cuttable: { pool, end }, growth }: Opening): ControlStore {
  let closing: Promise<unknown> | undefined;
  return {
    now: async () => await readNow(pool),
    takeLease: async (request) => await takeLease(pool, request),
    renewLease: async (token, ttlMs) => await renewLease(pool, token, ttlMs),
    releaseLease: async (token) => await releaseLease(pool, token),
    readLease: async () => await readLeader(pool),
    readJournal: async (afterSeq) => await readJournal(pool, afterSeq),
    append: async (request) => await append(pool, request),
    savePlan: async (digest, files) => await savePlan(pool, digest, files),
    loadPlan: async (digest) => await loadPlan(pool, digest),
    readFlagDocument: async () => await readFlagDocument(pool),
    addSegmentMembers: async (segment, keys, token) => await addSegmentMembers(pool, segment, keys, token),
    readSegmentMembers: async (segment) => await readSegmentMembers(pool, segment),
    readFlagUse: async (span) => await readFlagUse(pool, span),
    readMemberships: async (targetingKey) => await readMemberships(pool, targetingKey),
    showNotices: async (notices, token) => await showNotices(pool, notices, token),
    onJournalGrowth: (callback) => growth.subscribe(callback),
    close: async () => {
      closing ??= Promise.all([growth.stop(), end()]);
      await closing;
    },
  };
}

async function readNow(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ now_ms: string }>(nowSql);
  return Number(rows[0]?.now_ms);
}

async function readHeadSeq(pool: Pool): Promise<number> {
  const [row] = await read<{ seq: string }>(pool, readHeadSeqSql);
  return Number(row?.seq ?? 0);
}

async function readFlagDocument(pool: Pool): Promise<FlagDocumentRow | undefined> {
  const [row] = await read<{ revision: string; digest: string; document: string }>(pool, readFlagDocumentSql);
  return row && { ...row, revision: Number(row.revision) };
}
