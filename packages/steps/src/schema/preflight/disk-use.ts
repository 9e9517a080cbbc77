import type { Node } from 'libpg-query';
import type { Statement } from '../../sql/parse-statements.ts';
import type { RelationName } from '../../target/lock-holders.ts';
import { alterCommandsOf, listed, type AlterCommand } from '../alter-commands.ts';
import { nameParts } from '../created-and-dropped.ts';
import { callsIn } from '../function-calls.ts';

/** A statement that writes much at once. */
export interface DiskUse {
  readonly line: number;
  readonly table: RelationName;
  readonly work: { readonly kind: 'rewrite' } | IndexBuild;
}

export interface IndexBuild {
  readonly kind: 'index';
  readonly method: string;
  /** Null in place of an expression, whose width nobody knows beforehand. */
  readonly columns: readonly (string | null)[];
}

export function diskUsesOf({ node, line }: Statement): readonly DiskUse[] {
  if ('IndexStmt' in node) {
    const { relation, indexParams, indexIncludingParams, accessMethod = 'btree' } = node.IndexStmt;
    const columns = [...listed(indexParams), ...listed(indexIncludingParams)].map(columnOf);
    return useOf(line, relation, { kind: 'index', method: accessMethod, columns });
  }
  if (!('AlterTableStmt' in node)) return [];
  const { relation } = node.AlterTableStmt;
  const commands = alterCommandsOf(node);
  // All that asks for a rewrite is done in one.
  const rewrites = commands.some(writesAnew) ? useOf(line, relation, { kind: 'rewrite' }) : [];
  return [
    ...rewrites,
    ...commands.flatMap((command) => keysOf(command).flatMap((work) => useOf(line, relation, work))),
  ];
}

function useOf(
  line: number,
  relation: { readonly schemaname?: string; readonly relname?: string } | undefined,
  work: DiskUse['work'],
): readonly DiskUse[] {
  if (relation?.relname === undefined) return [];
  return [{ line, table: { schema: relation.schemaname ?? null, name: relation.relname }, work }];
}

function columnOf(element: Node): string | null {
  return ('IndexElem' in element ? element.IndexElem.name : undefined) ?? null;
}

/** A key brings an index with it, unless it takes one that is there. */
function keysOf({ subtype, def }: AlterCommand): readonly IndexBuild[] {
  if (subtype !== 'AT_AddConstraint' || !def || !('Constraint' in def)) return [];
  const { contype, keys, including, indexname } = def.Constraint;
  if ((contype !== 'CONSTR_UNIQUE' && contype !== 'CONSTR_PRIMARY') || indexname !== undefined) return [];
  return [
    { kind: 'index', method: 'btree', columns: [...listed(keys), ...listed(including)].flatMap(nameParts) },
  ];
}

const writesAllAnew: ReadonlySet<string | undefined> = new Set([
  'AT_AlterColumnType',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetExpression',
]);

/** Whether it may write every row anew. A type that only grows is not told apart: nobody knows here which it has now. */
function writesAnew({ subtype, def }: AlterCommand): boolean {
  if (writesAllAnew.has(subtype)) return true;
  if (subtype !== 'AT_AddColumn' || !def || !('ColumnDef' in def)) return false;
  const { constraints, typeName } = def.ColumnDef;
  if (/^(small|big)?serial/.test(listed(typeName?.names).flatMap(nameParts).at(-1) ?? '')) return true;
  return listed(constraints).some((constraint) => {
    if (!('Constraint' in constraint)) return false;
    const { contype, raw_expr: expression } = constraint.Constraint;
    if (contype === 'CONSTR_GENERATED' || contype === 'CONSTR_IDENTITY') return true;
    return contype === 'CONSTR_DEFAULT' && callsIn(expression).some(({ funcname }) => isVolatile(funcname));
  });
}

/** One value for all rows is kept beside the table; what may be another for each must be written to it. */
function isVolatile(name: readonly Node[] | undefined): boolean {
  return listed(name).flatMap(nameParts).at(-1) !== 'now';
}
