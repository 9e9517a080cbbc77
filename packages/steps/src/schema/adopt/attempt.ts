import type { TargetConnection } from '@crossfade/engine';
import { isPermanent, messageOf } from '../../target/sql-state.ts';

/** Inside a transaction that goes on in either case. Null when it went well; else why it cannot, and nothing of it is left. */
export async function attempt(connection: TargetConnection, text: string): Promise<string | null> {
  await connection.query('savepoint attempt');
  try {
    await connection.query(text);
    await connection.query('release savepoint attempt');
    return null;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    await connection.query('rollback to savepoint attempt');
    return messageOf(error);
  }
}
