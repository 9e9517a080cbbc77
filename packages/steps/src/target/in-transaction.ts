import type { TargetConnection } from '@crossfade/engine';

export interface TransactionLimits {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly readOnly?: boolean;
  /** If we are stopped or cut off inside a transaction, its locks outlive us for so long. */
  readonly idleLimitMs?: number;
}

const usualIdleLimitMs = 10_000;

/**
 * Runs the work in one transaction whose time limits end with it. Rolls back when the work throws. Rows that a policy hides
 * from us are an error and not silently left out: a backfill that did not see them would call itself done.
 */
export async function inTransaction<T>(
  connection: TargetConnection,
  limits: TransactionLimits,
  work: () => Promise<T>,
): Promise<T> {
  // Said in full: the role's or the database's own defaults may be others.
  await connection.query(`begin isolation level read committed, read ${limits.readOnly ? 'only' : 'write'}`);
  let result: T;
  try {
    await connection.query(
      `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
              set_config('idle_in_transaction_session_timeout', $3, true), set_config('row_security', 'off', true)`,
      [limits.lockTimeoutMs, limits.statementTimeoutMs, limits.idleLimitMs ?? usualIdleLimitMs].map(String),
    );
    result = await work();
  } catch (error) {
    await rollBack(connection, error);
    throw error;
  }
  await connection.query('commit');
  return result;
}

async function rollBack(connection: TargetConnection, cause: unknown): Promise<void> {
  try {
    await connection.query('rollback');
  } catch (rollbackError) {
    // The connection is gone, and the transaction with it: what matters is why the work failed.
    if (cause instanceof Error && cause.cause === undefined) cause.cause = rollbackError;
  }
}
