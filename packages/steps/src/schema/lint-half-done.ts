import type { Statement } from '../sql/parse-statements.ts';
import { takesBack } from './counterpart.ts';
import { droppedBy } from './created-and-dropped.ts';
import { isRepeatable } from './repeatable.ts';
import { concurrentIndexOf } from './statement-facts.ts';
import { runsInTransaction } from './transaction-block.ts';

/**
 * Of a migration that runs statement by statement, only what it had come to is taken back when it was cut off. The undo must
 * not stop at what was never changed: for ever, as nothing would change that.
 */
export function lintHalfDone(
  file: string,
  applied: readonly Statement[],
  reverted: readonly Statement[],
): readonly string[] {
  return reverted.flatMap((statement) => {
    const where = `${file}:${statement.line}`;
    if (droppedBy(statement).length > 1) {
      return [
        `${where}: drops several things at once: one a statement, as the migration may have come to only some of them`,
      ];
    }
    if (isRepeatable(statement) || applied.some((done) => isSkippedWithout(statement, done))) return [];
    return [
      `${where}: fails in the undo of a migration that was cut off before what this takes back: expected IF EXISTS, IF NOT EXISTS ` +
        'or OR REPLACE, or that it takes back one statement of this file by name (CREATE for DROP, RENAME for RENAME); otherwise ' +
        'put both into a file that runs in one transaction',
    ];
  });
}

/**
 * Whether it is known of an undo that it is wanted: what runs in a transaction is done if and only if the ledger has it. An
 * index is looked for before it is built CONCURRENTLY.
 */
function isSkippedWithout(undo: Statement, done: Statement): boolean {
  return takesBack(undo, done) && (runsInTransaction(done) || concurrentIndexOf(undo) !== undefined);
}
