import type { TargetConnection } from '@crossfade/engine';

export interface TransactionLimits {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly readOnly?: boolean;
}

/** If we are stopped inside a transaction, its locks must not outlive us for long. */
const idleLimitMs = 60_000;

/** Runs the work in one transaction whose time limits end with it. Rolls back when the work throws. */
export async function inTransaction<T>(
  connection: TargetConnection,
  limits: TransactionLimits,
  work: () => Promise<T>,
): Promise<T> {
  await connection.query(limits.readOnly ? 'begin read only' : 'begin');
  let result: T;
  try {
    await connection.query(
      `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
              set_config('idle_in_transaction_session_timeout', $3, true)`,
      [String(limits.lockTimeoutMs), String(limits.statementTimeoutMs), String(idleLimitMs)],
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
