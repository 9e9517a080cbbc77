import type { Node } from 'libpg-query';
import type { Statement } from '../sql/parse-statements.ts';
import { alterCommandsOf, listed } from './alter-commands.ts';
import { createdBy, droppedBy, nameParts, objectKinds } from './created-and-dropped.ts';
import { relationsIn } from './statement-facts.ts';

/** Names that a statement brings into being and takes away, in the words of `createdBy`; a renaming does both. */
export interface NameChange {
  readonly made: readonly string[];
  readonly gone: readonly string[];
}

export function nameChangeOf(statement: Statement): NameChange {
  const renamed = renamingOf(statement.node);
  return {
    made: [...createdBy(statement), ...(renamed ? [renamed.to] : [])],
    gone: [...droppedBy(statement), ...(renamed ? [renamed.from] : [])],
  };
}

/** Whether `undo` takes away all that `done` has made, and puts back all that it took away, as far as it names anything. */
export function takesBack(undo: Statement, done: Statement): boolean {
  const back = nameChangeOf(undo);
  const there = nameChangeOf(done);
  if (back.made.length + back.gone.length === 0) return false;
  return (
    back.gone.every((name) => there.made.includes(name)) &&
    back.made.every((name) => there.gone.includes(name))
  );
}

/** Names without which a statement cannot be carried out: the tables it names, and what it alters in them. */
export function namesNeededBy(statement: Statement): readonly string[] {
  const { node } = statement;
  const tables = relationsIn(statement).flatMap(({ name }) => [`table ${name}`, `view ${name}`]);
  if (!('AlterTableStmt' in node)) return tables;
  const table = node.AlterTableStmt.relation?.relname;
  const parts = alterCommandsOf(node).flatMap(({ name }) =>
    name === undefined ? [] : ['column', 'constraint', 'trigger'].map((kind) => `${kind} ${table}.${name}`),
  );
  return [...tables, ...parts];
}

/** Also those that can be renamed, and dropped only as a part of their table. */
const renamedKinds: ReadonlyMap<string | undefined, string> = new Map([
  ...objectKinds,
  ['OBJECT_COLUMN', 'column'],
  ['OBJECT_TABCONSTRAINT', 'constraint'],
]);

function renamingOf(node: Node): { readonly from: string; readonly to: string } | undefined {
  if (!('RenameStmt' in node)) return undefined;
  const { renameType, relation, object, subname, newname } = node.RenameStmt;
  const kind = renamedKinds.get(renameType);
  if (kind === undefined) return undefined;
  const named = (name: string | undefined) => `${kind} ${name}`;
  if (relation && subname === undefined) return { from: named(relation.relname), to: named(newname) };
  if (relation)
    return { from: named(`${relation.relname}.${subname}`), to: named(`${relation.relname}.${newname}`) };
  return {
    from: named(
      subname ??
        listed(object && [object])
          .flatMap(nameParts)
          .at(-1),
    ),
    to: named(newname),
  };
}
