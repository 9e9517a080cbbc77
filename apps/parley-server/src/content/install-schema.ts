import { readFile } from 'node:fs/promises';
import type { ClientBase } from 'pg';

const BATCH_1 = new URL('../../sql/batch-1.sql', import.meta.url);

/** Makes sure that Batch 1's tables are there. Content may be the first thing that a new database gets. */
export async function installSchema(client: ClientBase): Promise<void> {
  const sql = await readFile(BATCH_1, 'utf8');
  await inTransaction(client, async () => {
    await client.query(sql);
  });
}

/** Runs `work` in one transaction. A failed ROLLBACK must not hide the failure that led to it. */
export async function inTransaction<Result>(
  client: ClientBase,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: unknown) => {
      throw new Error(`could not roll back (${String(rollbackError)}) after: ${String(error)}`, {
        cause: error,
      });
    });
    throw error;
  }
}
