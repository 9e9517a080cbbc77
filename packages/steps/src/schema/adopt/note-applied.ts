import { eachInTransaction } from '../../target/each-in-transaction.ts';
import type { SchemaWork, Task } from '../schema-work.ts';
import { AppliedFiles, digestOfStatements } from './applied-files.ts';

/** Once all of a file is done: for other runs. A file that was found applied stays with the run that applied it. */
export async function noteApplied(work: SchemaWork, tasks: readonly Task[]): Promise<void> {
  const { file } = work.config;
  if (work.context.files[file] === undefined) return;
  const files = new AppliedFiles(eachInTransaction(work.connection), work.context);
  if (await files.byAnotherRun(file)) return;
  await files.note(file, digestOfStatements(tasks.map(({ statement }) => statement)));
}

/** What is being taken back is not applied any more, from the first statement of the undo on. */
export async function forgetApplied(work: SchemaWork): Promise<void> {
  await new AppliedFiles(eachInTransaction(work.connection), work.context).forget();
}
