import type { ExplainedLock, ExplainedPart } from '../../explains.ts';
import type { Statement } from '../../sql/parse-statements.ts';
import { quoteRelation } from '../../sql/quote-name.ts';
import { createdBy } from '../created-and-dropped.ts';
import { lockModesOf, type TakenLock } from './lock-modes.ts';

/** One direction of a migration for people: each statement with its locks. */
export function explainPart({
  statements,
  together,
}: {
  readonly statements: readonly Statement[];
  readonly together: boolean;
}): ExplainedPart {
  const created = new Set<string>();
  return {
    together,
    statements: statements.map((statement) => {
      const locks = locksOf(statement, created);
      // What the same transaction has made is nobody else's yet.
      if (together) for (const name of createdBy(statement)) created.add(name);
      return { line: statement.line, sql: statement.text, locks };
    }),
  };
}

function locksOf(statement: Statement, created: ReadonlySet<string>): readonly ExplainedLock[] {
  const locks = lockModesOf(statement, created);
  if (locks === null)
    return [{ mode: 'whatever it asks for', on: 'whatever it names', keepsOut: 'everybody' }];
  const isIndex = namesIndexes(statement);
  const told = locks.map(({ mode, keepsOut, relation }: TakenLock) => ({
    mode,
    keepsOut,
    on: isIndex ? `${quoteRelation(relation)} and its table` : quoteRelation(relation),
  }));
  return told.filter((lock, place) => told.findIndex((other) => same(lock, other)) === place);
}

function same(a: ExplainedLock, b: ExplainedLock): boolean {
  return a.mode === b.mode && a.on === b.on;
}

/** An index is locked together with its table. */
function namesIndexes({ node }: Statement): boolean {
  if ('DropStmt' in node) return node.DropStmt.removeType === 'OBJECT_INDEX';
  return 'AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_INDEX';
}
