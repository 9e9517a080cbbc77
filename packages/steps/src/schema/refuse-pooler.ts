import { TerminalError, type TargetConnection } from '@crossfade/engine';
import type { Statement } from '../sql/parse-statements.ts';
import { runsInTransaction } from './transaction-block.ts';

/**
 * Outside of a transaction a pooler leaves nothing to hold on to: time limits would stay on a server connection that the next
 * client is given, and a build that was cut off could not be told from others' work. Asked before any of them is done.
 * @throws TerminalError naming the first such statement.
 */
export function refusePooler(
  { pooled }: TargetConnection,
  file: string,
  statements: readonly Statement[],
): void {
  const apart = statements.find((statement) => !runsInTransaction(statement));
  if (!pooled || !apart) return;
  throw new TerminalError(
    `${file}:${apart.line}: runs outside of a transaction, which cannot be done safely through a connection pooler: ` +
      'set DATABASE_DIRECT_URL to the address of the Postgres server behind it',
  );
}
