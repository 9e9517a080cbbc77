import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { inTransaction } from './in-transaction.ts';

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 30_000, readOnly: true };

interface Database {
  readonly name: string;
  readonly role: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  /** `database`, `user`, `configuration file`, … */
  readonly setBy: string | null;
  readonly mayKeepLedger: boolean;
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
  if (!database.mayKeepLedger) {
    const grant = `grant create on database ${quoteIdentifier(database.name)} to ${quoteIdentifier(database.role)}`;
    throw new TerminalError(
      `${where}: role "${database.role}" may not keep the ledger (schema crossfade_ledger) in it: ${grant}`,
    );
  }
}

const question = `
  select current_database() as name, current_user::text as role, pg_is_in_recovery() as "isStandby",
         current_setting('default_transaction_read_only') = 'on' as "isReadOnly",
         (select source from pg_settings where name = 'default_transaction_read_only') as "setBy",
         coalesce((select has_schema_privilege(oid, 'USAGE') from pg_namespace where nspname = 'crossfade_ledger'),
                  has_database_privilege(current_database(), 'CREATE')) as "mayKeepLedger"`;
