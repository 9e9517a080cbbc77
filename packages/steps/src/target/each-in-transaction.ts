import type { TargetConnection } from '@crossfade/engine';
import { inTransaction } from './in-transaction.ts';

const limits = { lockTimeoutMs: 10_000, statementTimeoutMs: 60_000 };

/**
 * The connection with every statement in a transaction of its own, and so within time limits that end with it. Limits of the
 * session would stay with a pooler's server connection, for whoever is given it next; where it is our own and has them, the
 * statement goes alone, which is a third of the way.
 */
export function eachInTransaction(connection: TargetConnection): TargetConnection {
  if (connection.hasLimits) return connection;
  return {
    ...connection,
    query: async (text, parameters) =>
      await inTransaction(connection, limits, async () => await connection.query(text, parameters)),
  };
}

/** Gives a session of our own the limits that each of its statements has by itself. What a pooler stands before has none. */
export async function withLimits(connection: TargetConnection): Promise<TargetConnection> {
  if (connection.pooled) return connection;
  await setLimits(connection);
  return { ...connection, hasLimits: true };
}

/** Once more, after a statement that needed others. */
export async function setLimits(connection: TargetConnection): Promise<void> {
  await connection.query(
    `select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false),
            set_config('row_security', 'off', false)`,
    [String(limits.lockTimeoutMs), String(limits.statementTimeoutMs)],
  );
}
