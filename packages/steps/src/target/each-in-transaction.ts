import type { TargetConnection } from '@crossfade/engine';
import { inTransaction } from './in-transaction.ts';

const limits = { lockTimeoutMs: 10_000, statementTimeoutMs: 60_000 };

/**
 * The connection with every statement in a transaction of its own, and so within time limits that end with it. Limits of the
 * session would stay with a pooler's server connection, for whoever is given it next.
 */
export function eachInTransaction(connection: TargetConnection): TargetConnection {
  return {
    ...connection,
    query: async (text, parameters) =>
      await inTransaction(connection, limits, async () => await connection.query(text, parameters)),
  };
}
