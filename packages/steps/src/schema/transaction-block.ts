import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';
import { alterCommandsOf, type AlterCommand } from './alter-commands.ts';
import { flagIn } from './flag-in.ts';

/** ANALYZE, which is a VacuumStmt too, could; but it would keep what a transaction has locked for as long as it takes. */
const neverInside = [
  'VacuumStmt',
  'AlterSystemStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'DropSubscriptionStmt',
] as const;

/**
 * Whether a statement can be carried out inside a transaction block: Postgres refuses the others there. Of those that it
 * refuses only for what they meet in the database, such as DROP SUBSCRIPTION for one with a slot, the worse is assumed.
 */
export function runsInTransaction({ node }: Statement): boolean {
  if ('IndexStmt' in node) return !node.IndexStmt.concurrent;
  if ('DropStmt' in node) return !node.DropStmt.concurrent;
  if ('AlterTableStmt' in node) return !alterCommandsOf(node).some(detachesConcurrently);
  if ('ReindexStmt' in node) return node.ReindexStmt.relation !== undefined && !isConcurrentReindex(node);
  if ('ClusterStmt' in node) return node.ClusterStmt.relation !== undefined;
  if ('DiscardStmt' in node) return node.DiscardStmt.target !== 'DISCARD_ALL';
  if ('AlterDatabaseStmt' in node) return flagIn(node.AlterDatabaseStmt.options, 'tablespace') === undefined;
  if ('CreateSubscriptionStmt' in node) {
    const { options } = node.CreateSubscriptionStmt;
    return flagIn(options, 'connect') === false || flagIn(options, 'create_slot') === false;
  }
  if ('AlterSubscriptionStmt' in node) return !refreshes(node.AlterSubscriptionStmt);
  return !neverInside.some((kind) => kind in node);
}

export function isConcurrentReindex(node: Node): boolean {
  return 'ReindexStmt' in node && flagIn(node.ReindexStmt.params, 'concurrently') === true;
}

export function detachesConcurrently({ subtype, def }: AlterCommand): boolean {
  if (subtype !== 'AT_DetachPartition' || !def || !('PartitionCmd' in def)) return false;
  return def.PartitionCmd.concurrent === true;
}

type AlterSubscription = Extract<Node, { AlterSubscriptionStmt: unknown }>['AlterSubscriptionStmt'];

function refreshes({ kind, options }: AlterSubscription): boolean {
  if (kind === 'ALTER_SUBSCRIPTION_REFRESH') return true;
  return `${kind}`.endsWith('_PUBLICATION') && flagIn(options, 'refresh') !== false;
}
