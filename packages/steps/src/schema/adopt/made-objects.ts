import type { Statement } from '../../sql/parse-statements.ts';
import { alterCommandsOf } from '../alter-commands.ts';
import { nameChangeOf } from '../counterpart.ts';
import { createdBy, nameParts } from '../created-and-dropped.ts';
import { argumentTypes } from './argument-types.ts';

type MadeKind =
  | 'table'
  | 'view'
  | 'sequence'
  | 'index'
  | 'column'
  | 'constraint'
  | 'trigger'
  | 'policy'
  | 'function'
  | 'type'
  | 'schema'
  | 'extension';

/** Something that a statement brings into being, where it can be looked for. */
export interface MadeObject {
  readonly kind: MadeKind;
  /** Its own, or that of its table; null where none is said: it is made in the first of the search path. */
  readonly schema: string | null;
  /** Of what is part of a table. */
  readonly table: string | null;
  readonly name: string;
  /** Of a function, where they are known; null for all else. */
  readonly argumentTypes: readonly string[] | null;
}

/** What each statement makes that is still there after the last of them: neither dropped again nor renamed. */
export function madeByEach(statements: readonly Statement[]): readonly (readonly MadeObject[])[] {
  return statements.map((statement, index) => {
    const gone = new Set(statements.slice(index + 1).flatMap((later) => nameChangeOf(later).gone));
    return createdBy(statement)
      .filter((name) => !gone.has(name))
      .map((name) => objectOf(statement, name));
  });
}

export function madeBy(statements: readonly Statement[]): readonly MadeObject[] {
  return madeByEach(statements).flat();
}

/** "index by_body", "column messages.note" */
export function describeObject({ kind, table, name }: MadeObject): string {
  return `${kind} ${table === null || kind === 'index' ? '' : `${table}.`}${name}`;
}

/** `column messages.note` → the column `note` of the table that the statement names. */
function objectOf(statement: Statement, created: string): MadeObject {
  const space = created.indexOf(' ');
  const kind = created.slice(0, space) as MadeKind;
  const rest = created.slice(space + 1);
  const { schema, table } = placeOf(statement);
  const object = { kind, schema, argumentTypes: argumentTypes(statement) };
  if (kind === 'index') return { ...object, table, name: rest };
  const isPart = table !== null && rest.startsWith(`${table}.`);
  if (!isPart) return { ...object, table: null, name: rest };
  return { ...object, table, name: rest.slice(table.length + 1) };
}

interface Place {
  readonly schema: string | null;
  readonly table: string | null;
}

/** The table that a statement adds to, or the schema in which it creates. */
function placeOf({ node }: Statement): Place {
  if ('AlterTableStmt' in node && alterCommandsOf(node).length > 0)
    return ofTable(node.AlterTableStmt.relation);
  if ('IndexStmt' in node) return ofTable(node.IndexStmt.relation);
  if ('CreateTrigStmt' in node) return ofTable(node.CreateTrigStmt.relation);
  if ('CreatePolicyStmt' in node) return ofTable(node.CreatePolicyStmt.table);
  if ('CreateStmt' in node) return inSchema(node.CreateStmt.relation?.schemaname);
  if ('CreateTableAsStmt' in node) return inSchema(node.CreateTableAsStmt.into?.rel?.schemaname);
  if ('ViewStmt' in node) return inSchema(node.ViewStmt.view?.schemaname);
  if ('CreateSeqStmt' in node) return inSchema(node.CreateSeqStmt.sequence?.schemaname);
  if ('CreateFunctionStmt' in node) return inSchema(schemaIn(node.CreateFunctionStmt.funcname));
  if ('CreateEnumStmt' in node) return inSchema(schemaIn(node.CreateEnumStmt.typeName));
  if ('CreateDomainStmt' in node) return inSchema(schemaIn(node.CreateDomainStmt.domainname));
  if ('CreateRangeStmt' in node) return inSchema(schemaIn(node.CreateRangeStmt.typeName));
  if ('CompositeTypeStmt' in node) return inSchema(node.CompositeTypeStmt.typevar?.schemaname);
  return inSchema(undefined);
}

function ofTable(relation: { readonly schemaname?: string; readonly relname?: string } | undefined): Place {
  return { schema: relation?.schemaname ?? null, table: relation?.relname ?? null };
}

function inSchema(schema: string | undefined): Place {
  return { schema: schema ?? null, table: null };
}

/** `app.keep` → `app` */
function schemaIn(name: Parameters<typeof nameParts>[0][] | undefined): string | undefined {
  return (name ?? []).flatMap(nameParts).at(-2);
}
