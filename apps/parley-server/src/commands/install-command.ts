import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { databaseUrl } from './database-url.ts';

const BATCH_1 = new URL('../../sql/batch-1.sql', import.meta.url);

export async function run(argv: string[]): Promise<void> {
  parseArgs({ args: argv, options: {} });
  await installBatch1(databaseUrl());
  process.stdout.write(`${JSON.stringify({ installed: 'batch-1' })}\n`);
}

/** Any number of times, also by two processes at once: the second waits, and finds everything in place. */
export async function installBatch1(connectionString: string): Promise<void> {
  const sql = await readFile(BATCH_1, 'utf8');
  const client = new pg.Client({
    connectionString,
    application_name: 'parley',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
  });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('parley install', 0))");
    await client.query(sql);
    await client.query('COMMIT');
  } finally {
    // Ending the connection also ends a transaction that failed.
    await client.end();
  }
}
