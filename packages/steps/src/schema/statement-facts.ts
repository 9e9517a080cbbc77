import type { Node } from 'libpg-query';
import type { RelationName } from '../target/lock-holders.ts';
import type { Statement } from '../sql/parse-statements.ts';
import { listed } from './alter-commands.ts';
import { nameParts } from './created-and-dropped.ts';

/** An index that a statement builds CONCURRENTLY. */
export interface ConcurrentIndex {
  readonly name: string;
  readonly table: RelationName;
  /** IF NOT EXISTS */
  readonly mayBeThere: boolean;
}

export function concurrentIndexOf({ node }: Statement): ConcurrentIndex | undefined {
  if (!('IndexStmt' in node) || !node.IndexStmt.concurrent) return undefined;
  const { idxname, relation, if_not_exists: mayBeThere = false } = node.IndexStmt;
  if (!idxname || !relation?.relname) return undefined;
  return {
    name: idxname,
    table: { schema: relation.schemaname ?? null, name: relation.relname },
    mayBeThere,
  };
}

export function isConcurrentDrop({ node }: Statement): boolean {
  return 'DropStmt' in node && node.DropStmt.concurrent === true;
}

/** Every table, index or view that the statement names, except inside the bodies of functions. */
export function relationsIn({ node }: Statement): readonly RelationName[] {
  const names: RelationName[] = [];
  collectRelations(node, names);
  if ('DropStmt' in node) names.push(...droppedRelations(node.DropStmt));
  return names;
}

type DropNode = Extract<Node, { DropStmt: unknown }>['DropStmt'];

const ofTables = new Set(['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE']);
const relations = new Set(['OBJECT_TABLE', 'OBJECT_INDEX', 'OBJECT_VIEW', 'OBJECT_MATVIEW']);

function droppedRelations({ removeType = 'OBJECT_AGGREGATE', objects }: DropNode): readonly RelationName[] {
  if (!relations.has(removeType) && !ofTables.has(removeType)) return [];
  return listed(objects).flatMap((object) => {
    const parts = ofTables.has(removeType) ? nameParts(object).slice(0, -1) : nameParts(object);
    const name = parts.at(-1);
    return name === undefined ? [] : [{ schema: parts.at(-2) ?? null, name }];
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
