import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { compileFlagDocument } from '@crossfade/flags';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { FEATURES } from '../features.ts';
import { type Packed, REPOSITORY } from './packed-release.ts';
import { addressesOf, listening, type ParleyProcess, startProcess } from './parley-process.ts';

/** A database, and packed releases of Parley that work on it. */
export type ReleaseStage = {
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** One of its commands, to its end. */
  run(release: Packed, ...args: string[]): Promise<void>;
  /** @returns its address */
  serve(release: Packed): Promise<string>;
  stopServing(): Promise<void>;
  /** Takes the schema to Batch 2, as the plan's files have it. */
  migrate(): Promise<void>;
  /** Every flag is on for everybody, and the query cache may hold everything. */
  publishAllFlags(): Promise<void>;
  close(): Promise<void>;
};

const MIGRATIONS = path.join(REPOSITORY, 'plans', 'batch-2', 'sql');

export async function openReleaseStage(): Promise<ReleaseStage> {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.directUrl, max: 2 });
  pool.on('error', () => undefined);
  const sql = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await pool.query<Record<string, unknown>>(text, values)).rows;
  const start = ({ folder }: Packed, args: string[]): ParleyProcess =>
    startProcess(
      args,
      { ...addressesOf(database), LOG_LEVEL: 'error' },
      false,
      path.join(folder, 'server.js'),
    );
  const serving: ParleyProcess[] = [];
  const stopServing = async (): Promise<void> => {
    for (const { child, ended } of serving.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
  };
  return {
    sql,
    run: async (release, ...args) => {
      const { ended, stderr } = start(release, args);
      if ((await ended) !== 0) throw new Error(`${args.join(' ')}: ${stderr()}`);
    },
    serve: async (release) => {
      const web = path.join(release.folder, 'web');
      const server = start(release, ['serve', '--port', '0', '--sign-up', 'open', '--web', web]);
      serving.push(server);
      return await listening(server);
    },
    stopServing,
    migrate: async () => {
      for (const statement of await migrations()) await sql(statement);
    },
    publishAllFlags: async () => await publishAllFlags(sql),
    close: async () => {
      await stopServing();
      await pool.end();
      await database.drop();
    },
  };
}

/** What can only run by itself, one by one; all else file by file. */
async function migrations(): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).toSorted();
  const texts = await Promise.all(
    files.map(async (file) => await readFile(path.join(MIGRATIONS, file), 'utf8')),
  );
  return texts
    .map((text) => text.split('-- crossfade:undo')[0] ?? '')
    .flatMap((text) => (text.includes('CONCURRENTLY') ? text.split(/;\s*$/m) : [text]))
    .filter((statement) => statement.trim() !== '');
}

/** As Crossfade's store has them, as far as an application reads them. */
const FLAG_TABLES = `
CREATE SCHEMA IF NOT EXISTS crossfade;
CREATE TABLE IF NOT EXISTS crossfade.flag_documents (
  revision bigint PRIMARY KEY, digest text NOT NULL, document text NOT NULL, published_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS crossfade.segment_members (
  segment text, targeting_key text, since timestamptz NOT NULL DEFAULT now(), seq bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (segment, targeting_key))`;

async function publishAllFlags(sql: ReleaseStage['sql']): Promise<void> {
  const audiences = [{ segment: null, percentage: 100 }];
  const flags = Object.values(FEATURES).map((key) => ({ key, killed: false, audiences }));
  const parameters = [{ key: 'query_cache_share', value: 100 }];
  const { document, digest } = compileFlagDocument({ seed: 'test', flags, parameters });
  await sql(FLAG_TABLES);
  await sql('INSERT INTO crossfade.flag_documents (revision, digest, document) VALUES (1, $1, $2)', [
    digest,
    document,
  ]);
}
