import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';
import { alterCommandsOf, type AlterCommand } from './alter-commands.ts';
import { sessionStateOf } from './session-state.ts';

/**
 * Whether a statement passes where all is already as it would make it: one that says IF NOT EXISTS or OR REPLACE, or that sets
 * what may be set twice. One that renames, adds, attaches or creates fails there. (Of drops, see `lintReverted`.)
 */
export function isRepeatable(statement: Statement): boolean {
  const { node } = statement;
  // Gone before anything could be done twice.
  if (sessionStateOf(statement)) return true;
  if ('AlterTableStmt' in node) return alterCommandsOf(node).every(isRepeatablePart);
  // IF EXISTS speaks of the table, not of the column in it.
  if ('RenameStmt' in node)
    return node.RenameStmt.missing_ok === true && node.RenameStmt.subname === undefined;
  if ('AlterObjectSchemaStmt' in node) return node.AlterObjectSchemaStmt.missing_ok === true;
  if ('AlterEnumStmt' in node) return node.AlterEnumStmt.skipIfNewValExists === true;
  if ('SelectStmt' in node) return node.SelectStmt.intoClause === undefined;
  return !creates(node) || passesOver(node);
}

const onceOnly: ReadonlySet<string | undefined> = new Set([
  'AT_AddConstraint',
  'AT_AddInherit',
  'AT_DropInherit',
  'AT_AddOf',
  'AT_DropOf',
  'AT_AttachPartition',
  'AT_DetachPartition',
  'AT_DetachPartitionFinalize',
  'AT_AddIdentity',
]);
const onceOnlyUnlessTold: ReadonlySet<string | undefined> = new Set([
  'AT_AddColumn',
  'AT_DropIdentity',
  'AT_DropExpression',
]);

function isRepeatablePart({ subtype, missing_ok: missingOk }: AlterCommand): boolean {
  if (onceOnly.has(subtype)) return false;
  return missingOk === true || !onceOnlyUnlessTold.has(subtype);
}

function creates(node: Node): boolean {
  return Object.keys(node).some((kind) => /^(Create|Index|View|Rule|Define|CompositeType)/.test(kind));
}

function passesOver(node: Node): boolean {
  return Object.values(node).some(
    (statement: object) =>
      ('if_not_exists' in statement && statement.if_not_exists === true) ||
      ('replace' in statement && statement.replace === true),
  );
}
