import type { Node } from 'libpg-query';
import type { Statement } from '../../sql/parse-statements.ts';
import type { KeepsOut, RelationName } from '../../target/lock-holders.ts';
import { alterCommandsOf, type AlterCommand } from '../alter-commands.ts';
import { createdBy } from '../created-and-dropped.ts';
import { isConcurrentDrop, relationsIn } from '../statement-facts.ts';
import { isConcurrentReindex } from '../transaction-block.ts';

/** Locks of tables, the strongest first, and whom each keeps out of reading or writing rows. */
const keepsOutBy = {
  'ACCESS EXCLUSIVE': 'everybody',
  'SHARE ROW EXCLUSIVE': 'writers',
  SHARE: 'writers',
  'SHARE UPDATE EXCLUSIVE': 'nobody',
  'ROW EXCLUSIVE': 'nobody',
  'ACCESS SHARE': 'nobody',
} as const satisfies Readonly<Record<string, KeepsOut>>;

type LockMode = keyof typeof keepsOutBy;

export interface TakenLock {
  readonly relation: RelationName;
  readonly mode: LockMode;
  readonly keepsOut: KeepsOut;
}

/** The locks that a statement takes on what it names and what was there before; null where only the server could know. */
export function lockModesOf(
  statement: Statement,
  created: ReadonlySet<string> = new Set(),
): readonly TakenLock[] | null {
  const { node } = statement;
  if ('DoStmt' in node || 'CallStmt' in node) return null;
  const own = new Set([...created, ...createdBy(statement)]);
  const relations = relationsIn(statement).filter(
    ({ name }) => !own.has(`table ${name}`) && !own.has(`view ${name}`),
  );
  return relations.map((relation, place) => {
    const mode = modeOf(statement, place);
    return { relation, mode, keepsOut: keepsOutBy[mode] };
  });
}

/** `place`: of the relation among those that the statement names; its own subject comes first. */
function modeOf(statement: Statement, place: number): LockMode {
  const { node } = statement;
  if ('AlterTableStmt' in node) {
    const modes = alterCommandsOf(node).map((command) => modeOfCommand(command, place));
    return order.find((mode) => modes.includes(mode)) ?? 'ACCESS EXCLUSIVE';
  }
  if ('IndexStmt' in node) return node.IndexStmt.concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  if ('DropStmt' in node) return isConcurrentDrop(statement) ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  if (isConcurrentReindex(node) || 'VacuumStmt' in node) return 'SHARE UPDATE EXCLUSIVE';
  if ('CreateTrigStmt' in node || 'CreateStmt' in node) return 'SHARE ROW EXCLUSIVE';
  if (readsOnly(node) || (changesRows(node) && place > 0)) return 'ACCESS SHARE';
  return changesRows(node) ? 'ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE';
}

const order = Object.keys(keepsOutBy) as readonly LockMode[];

/** `AlterTableGetLockLevel` in tablecmds.c, for what migrations use; whatever is not known there is the strongest. */
function modeOfCommand({ subtype, def }: AlterCommand, place: number): LockMode {
  switch (subtype) {
    case 'AT_ValidateConstraint':
    case 'AT_SetStatistics':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
      return 'SHARE UPDATE EXCLUSIVE';
    case 'AT_AttachPartition':
      return place === 0 ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    case 'AT_AddConstraint':
      return isForeignKey(def) ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    case 'AT_EnableTrig':
    case 'AT_DisableTrig':
      return 'SHARE ROW EXCLUSIVE';
    default:
      return 'ACCESS EXCLUSIVE';
  }
}

export function isForeignKey(definition: Node | undefined): boolean {
  return (
    definition !== undefined &&
    'Constraint' in definition &&
    definition.Constraint.contype === 'CONSTR_FOREIGN'
  );
}

function readsOnly(node: Node): boolean {
  return ['SelectStmt', 'CreateTableAsStmt', 'ViewStmt', 'CommentStmt'].some((kind) => kind in node);
}

function changesRows(node: Node): boolean {
  return ['UpdateStmt', 'DeleteStmt', 'InsertStmt', 'MergeStmt'].some((kind) => kind in node);
}
