import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { inTransaction } from './in-transaction.ts';

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 30_000, readOnly: true };

interface Database {
  readonly name: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  /** `database`, `user`, `configuration file`, … */
  readonly setBy: string | null;
}

/**
 * Asked before anything is written. Whoever has made transactions read-only by default has a reason, such as a full disk:
 * ours would say "read write" and get past it.
 * @throws TerminalError for a database that takes no writes of ours; Error for a standby, which may be about to be promoted.
 */
export async function refuseUnwritable(connection: TargetConnection, stepId: string): Promise<void> {
  const ask = async () => (await connection.query<Database>(question)).rows[0];
  const database = await inTransaction(connection, limits, ask);
  if (!database) throw new Error('the server does not say which database this is');
  const where = `step ${stepId}: the database "${database.name}"`;
  if (database.isStandby) {
    throw new Error(
      `${where} is a standby, which takes no writes: expected the primary, or that it is promoted`,
    );
  }
  if (database.isReadOnly) {
    throw new TerminalError(
      `${where} is in read-only mode (default_transaction_read_only is on, by ${database.setBy ?? 'somebody'}): expected ` +
        'one that takes writes; find out why it is so, then set it to off there',
    );
  }
}

const question = `
  select current_database() as name, pg_is_in_recovery() as "isStandby",
         current_setting('default_transaction_read_only') = 'on' as "isReadOnly",
         (select source from pg_settings where name = 'default_transaction_read_only') as "setBy"`;
