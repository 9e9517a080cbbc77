import type { SchemaWork, Task } from '../schema-work.ts';
import { recogniseFile } from './recognise-file.ts';

/** Notes what is there already as found: it counts as done, and the undo leaves it to whom it belongs. */
export async function adopt(work: SchemaWork, tasks: readonly Task[]): Promise<void> {
  const ledger = work.ledger.apart();
  const earlier = await recogniseFile(work, tasks);
  if (earlier) {
    const what = `${work.config.file}, which run ${earlier.runId} applied at ${earlier.appliedAt}`;
    await ledger.adopt(tasks.map((task) => ({ task, what })));
  }
}
