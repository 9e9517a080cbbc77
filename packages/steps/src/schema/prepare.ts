import { adopt } from './adopt/adopt.ts';
import { preflight } from './preflight.ts';
import type { SchemaWork, Task } from './schema-work.ts';
import type { Statement } from '../sql/parse-statements.ts';

/**
 * Before the first statement: what is there already is left to whom it belongs, and all the rest must be possible. What a run
 * has begun is its own, so that this is asked once. `undo`: what would take it back.
 */
export async function prepare(
  work: SchemaWork,
  tasks: readonly Task[],
  undo: readonly Statement[],
): Promise<void> {
  const ledger = work.ledger.apart();
  const begun = await ledger.begunStatements('apply');
  const adopted = await ledger.adopted();
  if (begun.size === 0 && adopted.length === 0) await adopt(work, tasks);
  const finished = await ledger.finishedAmong('apply', tasks);
  const open = tasks.filter(({ index }) => !finished.has(index)).map(({ statement }) => statement);
  if (open.length > 0) await preflight(work, { apply: open, revert: undo });
}
