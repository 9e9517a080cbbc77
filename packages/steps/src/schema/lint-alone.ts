import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';
import { alterCommandsOf } from './alter-commands.ts';
import { flagIn } from './flag-in.ts';
import { detachesConcurrently, isConcurrentReindex, runsInTransaction } from './transaction-block.ts';

/** Of what runs outside of a transaction, that which must not: it keeps people out for long, or cannot be resumed. */
export function lintAlone(file: string, statement: Statement): readonly string[] {
  const { node, line } = statement;
  const where = `${file}:${line}`;
  const keepsOut = keepingOut(node);
  if (keepsOut) return [`${where}: ${keepsOut}`];
  if (runsInTransaction(statement) || canBeResumed(node)) return [];
  return [`${where}: ${cutOffOf(node)}`];
}

function keepingOut(node: Node): string | undefined {
  if ('VacuumStmt' in node && flagIn(node.VacuumStmt.options, 'full')) {
    return 'VACUUM FULL keeps everybody out of the table until it is written anew';
  }
  const whole = wholeDatabaseOf(node);
  return whole && `${whole} keeps everybody out of one table after the other: name one index or table`;
}

function wholeDatabaseOf(node: Node): string | undefined {
  if ('ClusterStmt' in node && !node.ClusterStmt.relation) return 'CLUSTER without a table';
  if (!('ReindexStmt' in node) || node.ReindexStmt.relation || isConcurrentReindex(node)) return undefined;
  return `REINDEX ${`${node.ReindexStmt.kind}`.replace('REINDEX_OBJECT_', '')}`;
}

/**
 * It may be cut off when half of it is done, or all and nobody has noted it: whatever there is, doing it again must be right.
 * Indexes that are built or dropped CONCURRENTLY are looked for first.
 */
function canBeResumed(node: Node): boolean {
  if ('AlterSubscriptionStmt' in node) return repeatableKinds.has(node.AlterSubscriptionStmt.kind);
  return ['IndexStmt', 'DropStmt', 'VacuumStmt', 'AlterSystemStmt', 'DiscardStmt'].some(
    (kind) => kind in node,
  );
}

const repeatableKinds: ReadonlySet<string | undefined> = new Set([
  'ALTER_SUBSCRIPTION_REFRESH',
  'ALTER_SUBSCRIPTION_SET_PUBLICATION',
]);

function cutOffOf(node: Node): string {
  if (isConcurrentReindex(node)) {
    return (
      'REINDEX CONCURRENTLY leaves an invalid index behind when it is cut off, which nobody clears away: build a new index ' +
      'CONCURRENTLY, and drop the old one'
    );
  }
  const cannot = 'cannot be resumed when it is cut off';
  if (alterCommandsOf(node).some(detachesConcurrently)) {
    return `DETACH PARTITION CONCURRENTLY ${cannot}: leave out CONCURRENTLY, in a file that runs in one transaction`;
  }
  return `runs outside of a transaction and ${cannot}: do it before the plan, or after it`;
}
