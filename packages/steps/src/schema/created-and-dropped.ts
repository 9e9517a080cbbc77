import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';
import { alterCommandsOf, listed, type AlterCommand } from './alter-commands.ts';

/** What the statement creates, as `kind name`; columns, constraints, triggers and policies as `kind table.name`. */
export function createdBy({ node }: Statement): readonly string[] {
  if ('AlterTableStmt' in node) {
    const table = node.AlterTableStmt.relation?.relname;
    return alterCommandsOf(node).flatMap((command) => addedBy(`${table}`, command));
  }
  const name = nameOfCreated(node);
  return name === undefined ? [] : [name];
}

function nameOfCreated(node: Node): string | undefined {
  if ('IndexStmt' in node) return named('index', node.IndexStmt.idxname);
  if ('CreateStmt' in node) return named('table', node.CreateStmt.relation?.relname);
  if ('CreateTableAsStmt' in node) {
    const { into, objtype } = node.CreateTableAsStmt;
    return named(objtype === 'OBJECT_MATVIEW' ? 'view' : 'table', into?.rel?.relname);
  }
  if ('ViewStmt' in node) return named('view', node.ViewStmt.view?.relname);
  if ('CreateSeqStmt' in node) return named('sequence', node.CreateSeqStmt.sequence?.relname);
  if ('CreateFunctionStmt' in node) return named('function', lastText(node.CreateFunctionStmt.funcname));
  if ('CreateSchemaStmt' in node) return named('schema', node.CreateSchemaStmt.schemaname);
  if ('CreateExtensionStmt' in node) return named('extension', node.CreateExtensionStmt.extname);
  if ('CreateTrigStmt' in node) {
    const { relation, trigname } = node.CreateTrigStmt;
    return named('trigger', `${relation?.relname}.${trigname}`);
  }
  if ('CreatePolicyStmt' in node) {
    const { table, policy_name: policy } = node.CreatePolicyStmt;
    return named('policy', `${table?.relname}.${policy}`);
  }
  if ('CompositeTypeStmt' in node) return named('type', node.CompositeTypeStmt.typevar?.relname);
  if ('CreateEnumStmt' in node) return named('type', lastText(node.CreateEnumStmt.typeName));
  if ('CreateRangeStmt' in node) return named('type', lastText(node.CreateRangeStmt.typeName));
  if ('CreateDomainStmt' in node) return named('type', lastText(node.CreateDomainStmt.domainname));
  return undefined;
}

function addedBy(table: string, { subtype, def }: AlterCommand): readonly string[] {
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def)
    return [`column ${table}.${def.ColumnDef.colname}`];
  if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def && def.Constraint.conname) {
    return [`constraint ${table}.${def.Constraint.conname}`];
  }
  return [];
}

/** What statements call kinds of objects, in the words of `createdBy`. */
export const objectKinds: ReadonlyMap<string | undefined, string> = new Map([
  ['OBJECT_INDEX', 'index'],
  ['OBJECT_TABLE', 'table'],
  ['OBJECT_VIEW', 'view'],
  ['OBJECT_MATVIEW', 'view'],
  ['OBJECT_SEQUENCE', 'sequence'],
  ['OBJECT_TRIGGER', 'trigger'],
  ['OBJECT_POLICY', 'policy'],
  ['OBJECT_FUNCTION', 'function'],
  ['OBJECT_PROCEDURE', 'function'],
  ['OBJECT_ROUTINE', 'function'],
  ['OBJECT_TYPE', 'type'],
  ['OBJECT_DOMAIN', 'type'],
  ['OBJECT_SCHEMA', 'schema'],
  ['OBJECT_EXTENSION', 'extension'],
]);

/** What the statement drops, in the words of `createdBy`. */
export function droppedBy({ node }: Statement): readonly string[] {
  if ('AlterTableStmt' in node) {
    const table = node.AlterTableStmt.relation?.relname;
    return alterCommandsOf(node).flatMap((command) => removedBy(`${table}`, command));
  }
  if (!('DropStmt' in node)) return [];
  const kind = objectKinds.get(node.DropStmt.removeType);
  if (kind === undefined) return [];
  const parts = kind === 'trigger' || kind === 'policy' ? 2 : 1;
  return listed(node.DropStmt.objects).map(
    (object) => `${kind} ${nameParts(object).slice(-parts).join('.')}`,
  );
}

function removedBy(table: string, { subtype, name }: AlterCommand): readonly string[] {
  if (subtype === 'AT_DropColumn') return [`column ${table}.${name}`];
  if (subtype === 'AT_DropConstraint') return [`constraint ${table}.${name}`];
  return [];
}

/** `public.messages` → `['public', 'messages']` */
export function nameParts(object: Node): readonly string[] {
  if ('String' in object) return [`${object.String.sval}`];
  return listed(partsOf(object)).flatMap(nameParts);
}

function partsOf(object: Node): readonly Node[] | undefined {
  if ('List' in object) return object.List.items;
  if ('ObjectWithArgs' in object) return object.ObjectWithArgs.objname;
  return 'TypeName' in object ? object.TypeName.names : undefined;
}

function named(kind: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${kind} ${name}`;
}

function lastText(nodes: readonly Node[] | undefined): string | undefined {
  return listed(nodes).flatMap(nameParts).at(-1);
}
