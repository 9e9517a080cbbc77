import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';

export interface RelationName {
  readonly schema: string | null;
  readonly name: string;
}

/** An index that a statement builds CONCURRENTLY. */
export interface ConcurrentIndex {
  readonly name: string;
  readonly table: RelationName;
}

export function concurrentIndexOf({ node }: Statement): ConcurrentIndex | undefined {
  if (!('IndexStmt' in node) || !node.IndexStmt.concurrent) return undefined;
  const { idxname, relation } = node.IndexStmt;
  if (!idxname || !relation?.relname) return undefined;
  return { name: idxname, table: { schema: relation.schemaname ?? null, name: relation.relname } };
}

/** Whether Postgres lets the statement run inside a transaction block. */
export function runsInTransaction({ node }: Statement): boolean {
  if ('IndexStmt' in node) return !node.IndexStmt.concurrent;
  if ('DropStmt' in node) return !node.DropStmt.concurrent;
  if ('ReindexStmt' in node) {
    const concurrently = node.ReindexStmt.params?.some(
      (parameter) => 'DefElem' in parameter && parameter.DefElem.defname === 'concurrently',
    );
    return concurrently !== true;
  }
  return !('VacuumStmt' in node);
}

export function isConcurrentDrop({ node }: Statement): boolean {
  return 'DropStmt' in node && node.DropStmt.concurrent === true;
}

/** Tables, indexes, triggers and functions that the statement creates, as `kind name`. */
export function createdBy({ node }: Statement): readonly string[] {
  if ('IndexStmt' in node && node.IndexStmt.idxname) return [`index ${node.IndexStmt.idxname}`];
  if ('CreateStmt' in node && node.CreateStmt.relation?.relname) {
    return [`table ${node.CreateStmt.relation.relname}`];
  }
  if ('CreateTrigStmt' in node && node.CreateTrigStmt.trigname) {
    return [`trigger ${node.CreateTrigStmt.trigname}`];
  }
  if ('CreateFunctionStmt' in node) {
    const name = lastText(node.CreateFunctionStmt.funcname);
    return name ? [`function ${name}`] : [];
  }
  return [];
}

const droppedKinds: Readonly<Record<string, string>> = {
  OBJECT_INDEX: 'index',
  OBJECT_TABLE: 'table',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_FUNCTION: 'function',
};

/** What the statement drops, in the words of `createdBy`. */
export function droppedBy({ node }: Statement): readonly string[] {
  if (!('DropStmt' in node)) return [];
  const kind = droppedKinds[node.DropStmt.removeType ?? ''];
  if (!kind) return [];
  return (node.DropStmt.objects ?? []).flatMap((object) => {
    const name = nameOfObject(object);
    return name ? [`${kind} ${name}`] : [];
  });
}

function nameOfObject(object: Node): string | undefined {
  if ('List' in object) return lastText(object.List.items);
  if ('ObjectWithArgs' in object) return lastText(object.ObjectWithArgs.objname);
  return undefined;
}

function lastText(nodes: readonly Node[] | undefined): string | undefined {
  const last = nodes?.at(-1);
  return last && 'String' in last ? last.String.sval : undefined;
}

/** Tables that the statement has to lock, each with whether readers are in its way too. */
export function locksOf(
  statement: Statement,
): readonly (RelationName & { readonly againstReaders: boolean })[] {
  const { node } = statement;
  const againstReaders = 'AlterTableStmt' in node || 'DropStmt' in node || 'RenameStmt' in node;
  const names: RelationName[] = [];
  collectRelations(node, names);
  if ('DropStmt' in node) names.push(...droppedRelations(node.DropStmt));
  return names.map((relation) => ({ ...relation, againstReaders }));
}

type DropNode = Extract<Node, { DropStmt: unknown }>['DropStmt'];

function droppedRelations({ removeType, objects }: DropNode): readonly RelationName[] {
  if (removeType !== 'OBJECT_TABLE' && removeType !== 'OBJECT_TRIGGER') return [];
  return (objects ?? []).flatMap((object) => {
    if (!('List' in object)) return [];
    const parts = (object.List.items ?? []).flatMap((item) =>
      'String' in item ? [item.String.sval ?? ''] : [],
    );
    if (removeType === 'OBJECT_TRIGGER') parts.pop();
    const name = parts.at(-1);
    return name ? [{ schema: parts.at(-2) ?? null, name }] : [];
  });
}

/** Every place of the tree that names a relation has `relname`. */
function collectRelations(value: unknown, into: RelationName[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collectRelations(item, into);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if ('relname' in value && typeof value.relname === 'string') {
    const schema = 'schemaname' in value && typeof value.schemaname === 'string' ? value.schemaname : null;
    into.push({ schema, name: value.relname });
    return;
  }
  for (const item of Object.values(value)) collectRelations(item, into);
}
