import { isMissingRelation } from '../database-errors.ts';
import type { Feature } from '../features.ts';
import type { Batch2Metrics } from './batch-2-metrics.ts';

/**
 * Runs what needs Batch 2's tables; answers as Batch 1 does when they are not there. A flag is read, and a moment
 * later a roll-back takes the table: no request may fail because of that.
 */
export async function withBatch1Fallback<Answer>(
  feature: Feature,
  metrics: Batch2Metrics,
  batch2: () => Promise<Answer>,
  batch1: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await batch2();
  } catch (error) {
    if (!isMissingRelation(error)) throw error;
    metrics.fallbacks.inc({ feature });
    return await batch1();
  }
}
