import type { Statement } from '../../sql/parse-statements.ts';
import { alterCommandsOf } from '../alter-commands.ts';

const commands: ReadonlySet<string | undefined> = new Set([
  'AT_AddColumn',
  'AT_AddConstraint',
  'AT_ValidateConstraint',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AlterColumnType',
  'AT_EnableRowSecurity',
]);

/**
 * Whether all that a statement does shows in the definitions of objects, so that it can be told whether it has been done. One
 * that says OR REPLACE or IF NOT EXISTS has said itself what to do with what is there.
 */
export function isComparable({ node }: Statement): boolean {
  if ('AlterTableStmt' in node) {
    const parts = alterCommandsOf(node);
    return (
      parts.length > 0 &&
      parts.every(({ subtype, missing_ok: passes }) => commands.has(subtype) && passes !== true)
    );
  }
  if ('IndexStmt' in node)
    return node.IndexStmt.if_not_exists !== true && node.IndexStmt.idxname !== undefined;
  if ('CreateStmt' in node)
    return node.CreateStmt.if_not_exists !== true && node.CreateStmt.relation?.relpersistence !== 't';
  if ('CreateFunctionStmt' in node) return node.CreateFunctionStmt.replace !== true;
  if ('CreateTrigStmt' in node) return node.CreateTrigStmt.replace !== true;
  if ('ViewStmt' in node) return node.ViewStmt.replace !== true && node.ViewStmt.view?.relpersistence !== 't';
  return 'CreateEnumStmt' in node;
}

/**
 * Whether a later statement can be tried out as well, for what it makes of tables, functions, views and types that have a copy:
 * it may also take away what was made, and say what to do with what is there.
 */
export function isComparableLater(statement: Statement): boolean {
  const { node } = statement;
  if ('AlterTableStmt' in node) return node.AlterTableStmt.objtype === 'OBJECT_TABLE';
  if ('RenameStmt' in node) return renamedParts.has(node.RenameStmt.renameType);
  return (
    isComparable(statement) ||
    ['CreateFunctionStmt', 'CreateTrigStmt', 'AlterEnumStmt'].some((kind) => kind in node) ||
    ('ViewStmt' in node && node.ViewStmt.view?.relpersistence !== 't')
  );
}

const renamedParts: ReadonlySet<string | undefined> = new Set(['OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT']);

/** Whether doing it once more may do something else than doing it once, and nothing shows whether it was done. */
export function mayHaveBeenDone({ node }: Statement): boolean {
  return onRows.some((kind) => kind in node);
}

const onRows = [
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'SelectStmt',
  'DoStmt',
  'CallStmt',
] as const;
