import { adopt } from './adopt/adopt.ts';
import type { MigrationFile } from './migration-file.ts';
import { preflight } from './preflight.ts';
import type { SchemaWork, Task } from './schema-work.ts';
import { undoTasks } from './undo-tasks.ts';

/**
 * Before the first statement: what is there already is left to whom it belongs, and all the rest must be possible, with what
 * would take it back. What a run has begun is its own, so that this is asked once.
 */
export async function prepare(work: SchemaWork, tasks: readonly Task[], file: MigrationFile): Promise<void> {
  const ledger = work.ledger.apart();
  const begun = await ledger.begunStatements('apply');
  const adopted = await ledger.adopted();
  if (begun.size === 0 && adopted.length === 0) await adopt(work, tasks);
  const finished = await ledger.finishedAmong('apply', tasks);
  const open = tasks.filter(({ index }) => !finished.has(index));
  if (open.length === 0) return;
  const ours = new Set([...begun, ...open.map(({ index }) => index)]);
  await preflight(work, { apply: statementsOf(open), revert: statementsOf(undoTasks(file, ours)) });
}

function statementsOf(tasks: readonly Task[]): readonly Task['statement'][] {
  return tasks.map(({ statement }) => statement);
}
