import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../sql/identifiers.ts';

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
  let result: T;
  try {
    await connection.query(beginning(limits, connection.transactionName));
    result = await work();
  } catch (error) {
    await rollBack(connection, error);
    throw error;
  }
  await connection.query('commit');
  return result;
}

/**
 * One message, one way there and back. Said in full: the role's or the database's own defaults may be others.
 * @throws RangeError for what Postgres would read as no limit, or not at all.
 */
function beginning(
  { lockTimeoutMs, statementTimeoutMs, readOnly = false, idleLimitMs = usualIdleLimitMs }: TransactionLimits,
  transactionName: string | undefined,
): string {
  const times = {
    lock_timeout: lockTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleLimitMs,
  };
  const limits = Object.entries(times).map(([name, ms]) => {
    if (!Number.isInteger(ms) || ms < 1) throw new RangeError(`${name} ${ms}: expected whole ms above 0`);
    return `set local ${name} = ${ms};`;
  });
  const mode = readOnly ? 'only' : 'write';
  const named =
    transactionName === undefined ? '' : `; set local application_name = ${quoteIdentifier(transactionName)}`;
  return `begin isolation level read committed, read ${mode}; ${limits.join(' ')} set local row_security = off${named}`;
}

async function rollBack(connection: TargetConnection, cause: unknown): Promise<void> {
  try {
    await connection.query('rollback');
  } catch (rollbackError) {
    // The connection is gone, and the transaction with it: what matters is why the work failed.
    if (cause instanceof Error && cause.cause === undefined) cause.cause = rollbackError;
  }
}
