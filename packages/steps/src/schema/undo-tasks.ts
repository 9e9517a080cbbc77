import { alterCommandsOf } from './alter-commands.ts';
import { namesNeededBy, nameChangeOf, type NameChange } from './counterpart.ts';
import type { MigrationFile } from './migration-file.ts';
import type { Task } from './schema-work.ts';
import type { Statement } from '../sql/parse-statements.ts';

/**
 * The statements that take back what a run has come to. `begun`: places of the statements it has begun to apply. What it never
 * did is not its to take back, whatever bears the name: neither to drop, nor to put back, nor to rename, nor to alter.
 */
export function undoTasks({ apply, revert }: MigrationFile, begun: ReadonlySet<number>): readonly Task[] {
  if (begun.size === 0) return [];
  const done = namesIn(apply.statements.filter((_, index) => begun.has(index)));
  const all = namesIn(apply.statements);
  // Names say neither schema nor arguments: one that some other statement was to make as well may be another's by now.
  const leftOut = namesIn(apply.statements.filter((_, index) => !begun.has(index)));
  const notOurs = new Set(leftOut.made);
  const neverMade = new Set([...notOurs, ...constraintsOver(apply.statements, notOurs)]);
  const neverGone = new Set(all.gone.filter((name) => !done.gone.includes(name)));
  return revert.statements.flatMap((statement, index) => {
    const { made, gone } = nameChangeOf(statement);
    const isNotOurs = made.some((name) => neverGone.has(name)) || gone.some((name) => neverMade.has(name));
    if (isNotOurs || namesNeededBy(statement).some((name) => neverMade.has(name))) return [];
    return [{ statement, index, putsBack: made.some((name) => done.gone.includes(name)) }];
  });
}

/** A constraint that was made of an index takes the index with it when it goes: of one that was not ours, it stays. */
function constraintsOver(statements: readonly Statement[], indexes: ReadonlySet<string>): readonly string[] {
  return statements.flatMap(({ node }) => {
    if (!('AlterTableStmt' in node)) return [];
    const table = node.AlterTableStmt.relation?.relname;
    return alterCommandsOf(node).flatMap(({ def }) => {
      if (!def || !('Constraint' in def) || def.Constraint.indexname === undefined) return [];
      const isOver = indexes.has(`index ${def.Constraint.indexname}`);
      return isOver ? [`constraint ${table}.${def.Constraint.conname ?? def.Constraint.indexname}`] : [];
    });
  });
}

function namesIn(statements: readonly Statement[]): NameChange {
  const changes = statements.map(nameChangeOf);
  return { made: changes.flatMap(({ made }) => made), gone: changes.flatMap(({ gone }) => gone) };
}
