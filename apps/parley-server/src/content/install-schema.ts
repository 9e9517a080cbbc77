import { readFile } from 'node:fs/promises';
import type { ClientBase } from 'pg';
import { inTransaction } from '../in-transaction.ts';
import { SQL_FOLDER } from '../sql-folder.ts';

/** In this order: each may use what the ones before it have made. */
const FILES = ['batch-1.sql', 'people.sql', 'messages.sql', 'attachments.sql', 'notices.sql'].map(
  (name) => new URL(name, SQL_FOLDER),
);

/**
 * Makes Batch 1's tables, or what of them is missing. Any number of times, also by two processes at once: the second
 * waits, and finds everything in place. Where people use Parley already, it gives up (55P03) rather than let them
 * queue behind a lock for long.
 */
export async function installSchema(client: ClientBase): Promise<void> {
  const parts = await Promise.all(FILES.map(async (file) => await readFile(file, 'utf8')));
  await inTransaction(client, async () => {
    await client.query("SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '60s'");
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('parley install', 0))");
    for (const sql of parts) await client.query(sql);
  });
}

/** Content may be the first thing that a new database gets. One where all of it is installed is not locked again. */
export async function ensureSchema(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('parley.installation') IS NOT NULL AND to_regclass('parley.notifications') IS NOT NULL AS there`,
  );
  if (rows[0]?.there !== true) await installSchema(client);
}
