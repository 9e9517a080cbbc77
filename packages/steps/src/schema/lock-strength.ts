import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';
import { alterCommandsOf, type AlterCommand } from './alter-commands.ts';
import { isForeignKey } from './explain/lock-modes.ts';
import { createdBy } from './created-and-dropped.ts';
import type { KeepsOut, StatementLocks } from '../target/lock-holders.ts';
import { relationsIn } from './statement-facts.ts';

/** Statements that lock a table, or rows of it, against those who write; readers go on. */
const againstWriters = [
  'IndexStmt',
  'CreateTrigStmt',
  'CreateStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
] as const;

/** Those that lock it against readers too, and those of which nobody can know. */
const againstEverybody = [
  'AlterTableStmt',
  'RenameStmt',
  'AlterObjectSchemaStmt',
  'TruncateStmt',
  'LockStmt',
  'ClusterStmt',
  'CreatePolicyStmt',
  'AlterPolicyStmt',
  'RuleStmt',
  'ReindexStmt',
  'RefreshMatViewStmt',
  'DropStmt',
  'DoStmt',
  'CallStmt',
] as const;

/** Parts of ALTER TABLE that work for long and let everybody go on meanwhile. */
const letsEverybodyGoOn: ReadonlySet<string | undefined> = new Set([
  'AT_ValidateConstraint',
  'AT_SetStatistics',
]);

const order: readonly KeepsOut[] = ['everybody', 'writers'];

/** A foreign key keeps writers out of both tables. */
function kindOfCommand({ subtype, def }: AlterCommand): KeepsOut {
  if (letsEverybodyGoOn.has(subtype)) return 'nobody';
  return subtype === 'AT_AddConstraint' && isForeignKey(def) ? 'writers' : 'everybody';
}

function kindOf(node: Node): KeepsOut {
  if ('AlterTableStmt' in node) {
    const kinds = alterCommandsOf(node).map(kindOfCommand);
    return order.find((kind) => kinds.includes(kind)) ?? 'nobody';
  }
  if (againstEverybody.some((kind) => kind in node)) return 'everybody';
  return againstWriters.some((kind) => kind in node) ? 'writers' : 'nobody';
}

/** Whether nobody who reads or writes queues behind a statement while it waits for its lock: it may wait long then. */
export function waitsAlone({ node }: Statement): boolean {
  return 'AlterTableStmt' in node && kindOf(node) === 'nobody';
}

/** What each statement locks; a table that an earlier statement of the same transaction created is nobody else's yet. */
export function locksOf(statements: readonly Statement[]): readonly StatementLocks[] {
  const created = new Set<string>();
  return statements.map((statement) => {
    for (const name of createdBy(statement)) created.add(name);
    const relations = relationsIn(statement).filter(({ name }) => !created.has(`table ${name}`));
    const { node } = statement;
    const blind = 'DropStmt' in node || 'DoStmt' in node || 'CallStmt' in node;
    const keepsOut = relations.length > 0 || blind ? kindOf(node) : 'nobody';
    return { keepsOut, relations, drops: 'DropStmt' in node };
  });
}
