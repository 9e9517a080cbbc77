import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import type { Way } from './backfill-job.ts';
import type { BackfillConfig } from './config.ts';
import { assignmentsOf, filling } from './fill-rows.ts';
import type { BatchRunner } from './run-batch.ts';
import { readColumns } from './transform/column-values.ts';
import { openProcessPool } from './transform/process-pool.ts';
import { transforming } from './transform/transforming.ts';

/** What carries a batch out, by SQL or by a transform, whose processes end with the work. */
export async function withRunner<T>(
  way: Way,
  connection: TargetConnection,
  context: PerformContext,
  { table, set, transform, undo }: BackfillConfig,
  work: (runBatch: BatchRunner) => Promise<T>,
): Promise<T> {
  if (way === 'unfill') return await work(filling(assignmentsOf(undo === 'keep' ? {} : undo.set)));
  if (set) return await work(filling(assignmentsOf(set)));
  if (!transform) throw new TerminalError(`step ${context.stepId}: expected either "set" or "transform"`);
  const [read, written] = [
    await readColumns(connection, table, transform.read),
    await readColumns(connection, table, transform.write),
  ];
  const pool = await openProcessPool(transform, context.files);
  try {
    return await work(transforming({ config: transform, pool, read, written }));
  } finally {
    await pool.close();
  }
}
