import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import type { Way } from './backfill-job.ts';
import type { BackfillConfig } from './config.ts';
import { assignmentsOf, filling } from './fill-rows.ts';
import type { BatchRunner } from './run-batch.ts';
import { readColumns } from './transform/column-values.ts';
import { openProcessPool } from './transform/process-pool.ts';
import { transforming, type Transforming } from './transform/transforming.ts';

/** What carries a batch out, by SQL or by a transform, whose processes end with the work. */
export async function withRunner<T>(
  way: Way,
  connection: TargetConnection,
  context: PerformContext,
  config: BackfillConfig,
  work: (runBatch: BatchRunner) => Promise<T>,
): Promise<T> {
  const { set, undo } = config;
  if (way === 'unfill') return await work(filling(assignmentsOf(undo === 'keep' ? {} : undo.set)));
  if (set) return await work(filling(assignmentsOf(set)));
  return await withTransforming(connection, context, config, async (given) => {
    if (!given) throw new TerminalError(`step ${context.stepId}: expected either "set" or "transform"`);
    return await work(transforming(given));
  });
}

/** The transform of a backfill that has one, whose processes end with the work. */
export async function withTransforming<T>(
  connection: TargetConnection,
  context: PerformContext,
  { table, transform }: BackfillConfig,
  work: (given: Transforming | undefined) => Promise<T>,
): Promise<T> {
  if (!transform) return await work(undefined);
  const [read, written] = [
    await readColumns(connection, table, transform.read),
    await readColumns(connection, table, transform.write),
  ];
  const pool = await openProcessPool(transform, context.files);
  try {
    return await work({ config: transform, pool, read, written });
  } finally {
    await pool.close();
  }
}
