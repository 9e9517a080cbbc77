import type { ClientBase } from 'pg';

/** Each statement of the transaction. Set in it, because a pooler takes no settings for a whole connection. */
const STATEMENT_TIMEOUT = '120s';

/** Runs `work` in one transaction. A failed ROLLBACK must not hide the failure that led to it. */
export async function inTransaction<Result>(
  client: ClientBase,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query(`BEGIN; SET LOCAL statement_timeout = '${STATEMENT_TIMEOUT}'`);
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
