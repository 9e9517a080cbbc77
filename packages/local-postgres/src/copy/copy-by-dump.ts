import type { Client } from 'pg';
import { withDatabase } from '../database-url.ts';
import type { EmbeddedPostgres } from '../embedded-postgres.ts';
import { withClient } from '../with-client.ts';
import { copyRoles, copySessionSettings } from './copy-roles.ts';
import { copySample } from './copy-sample.ts';
import type { SampleSize } from './copy-selected.ts';
import type { DumpPrograms } from './dump-programs.ts';
import { piped } from './piped.ts';

export type DumpOptions = {
  /** The server itself, past any pooler. */
  sourceUrl: string;
  /** A new cluster, as new as the source or newer. */
  target: EmbeddedPostgres;
  programs: DumpPrograms;
  /** Not all rows: so many of each table, and those that they refer to. */
  sample: SampleSize | undefined;
  signal: AbortSignal;
};

/** Statements of ours in the source and the copy; counting and analysing a large table takes a while. */
const ANSWERED_WITHIN_MS = 3_600_000;
/** Its own limits are for an application's sessions: this one waits while others of ours read in its snapshot. */
const READING = `begin isolation level repeatable read read only; set local search_path = pg_catalog;
  set local idle_in_transaction_session_timeout = 0; set local statement_timeout = 0`;
/** Publications of others are not followed by a copy. */
const DUMP = [
  '--format=custom',
  '--compress=0',
  '--no-password',
  '--no-subscriptions',
  '--lock-wait-timeout=10s',
];
const RESTORE = ['--exit-on-error', '--no-password'];

/**
 * Copies a database into a new embedded cluster with Postgres' own programs. The source is read in one read-only snapshot.
 * @returns the URL of the copy, as the role that we are in the source.
 * @throws Error that names extensions which the embedded Postgres does not have, or says what the programs said.
 */
export async function copyByDump(options: DumpOptions): Promise<string> {
  const { sourceUrl, target } = options;
  const database = decodeURIComponent(new URL(sourceUrl).pathname.slice(1)) || 'postgres';
  const targetUrl = await target.ensureDatabase(database);
  return await inBoth(sourceUrl, targetUrl, async (source, copy) => {
    await source.query(READING);
    await assertExtensions(source, copy);
    const { user, password } = await copyRoles(source, copy, database);
    await copyContents(options, source, copy, targetUrl);
    await copySessionSettings(source, copy);
    await cutOffForeignServers(copy);
    await copy.query('analyze');
    await source.query('rollback');
    return asUser(targetUrl, user, password);
  });
}

async function inBoth<T>(
  sourceUrl: string,
  targetUrl: string,
  work: (source: Client, copy: Client) => Promise<T>,
): Promise<T> {
  return await withClient(
    sourceUrl,
    async (source) =>
      await withClient(targetUrl, async (copy) => await work(source, copy), ANSWERED_WITHIN_MS),
    ANSWERED_WITHIN_MS,
  );
}

async function copyContents(
  { sourceUrl, programs, sample, signal }: DumpOptions,
  source: Client,
  copy: Client,
  targetUrl: string,
): Promise<void> {
  const { rows } = await source.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
  const snapshot = rows[0]?.snapshot ?? '';
  const copySection = async (...which: readonly string[]): Promise<void> => {
    const name = decodeURIComponent(new URL(targetUrl).pathname.slice(1));
    await piped(
      { command: [programs.pgDump, ...DUMP, `--snapshot=${snapshot}`, ...which], url: sourceUrl },
      {
        command: [programs.pgRestore, ...RESTORE, `--dbname=dbname='${name.replaceAll(/['\\]/g, '\\$&')}'`],
        url: targetUrl,
        ours: true,
      },
      signal,
    );
  };
  if (sample === undefined) {
    await copySection();
    return;
  }
  // Constraints come after the rows: until all rows are there to which others refer, they do not hold.
  await copySection('--section=pre-data');
  await copySample({ source, copy, sourceUrl, targetUrl, psql: programs.psql, snapshot, sample, signal });
  await copySection('--section=post-data');
}

async function assertExtensions(source: Client, copy: Client): Promise<void> {
  const used = await source.query<{ name: string }>('select extname as name from pg_extension order by 1');
  const available = await copy.query<{ name: string }>('select name from pg_available_extensions');
  const known = new Set(available.rows.map(({ name }) => name));
  const missing = used.rows.map(({ name }) => name).filter((name) => !known.has(name));
  if (missing.length === 0) return;
  throw new Error(
    `the database uses extensions that the embedded Postgres does not have, so that it cannot be copied into one: ${missing.join(', ')}`,
  );
}

/** Whatever the plan does with foreign tables must not reach those who are behind them: nobody knows a password there any more. */
export async function cutOffForeignServers(copy: Client): Promise<void> {
  const { rows } = await copy.query<{ statement: string }>(
    `select format('drop user mapping for %s server %I', case when umuser = 0 then 'public' else quote_ident(usename) end, srvname)
              as statement from pg_user_mappings`,
  );
  for (const { statement } of rows) await copy.query(statement);
}

function asUser(url: string, user: string, password: string | undefined): string {
  if (password === undefined) return url;
  const changed = new URL(withDatabase(url, decodeURIComponent(new URL(url).pathname.slice(1))));
  changed.username = encodeURIComponent(user);
  changed.password = password;
  return changed.href;
}
