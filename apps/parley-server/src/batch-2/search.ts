import type { Database } from '../database.ts';
import { FEATURES } from '../features.ts';
import { toMessage } from '../queries/message-row.ts';
import { basicSearch, type Found, type Search } from '../search.ts';
import type { Batch2Metrics } from './batch-2-metrics.ts';
import { withBatch1Fallback } from './fallback.ts';
import type { FlaggedFeatures } from './flagged-features.ts';
import { searchAdvanced } from './search-advanced.ts';
import { parseSearchQuery } from './search-query.ts';

type Parts = { database: Database; features: FlaggedFeatures; metrics: Batch2Metrics };

/** With operators, phrases and an index, for those who have it. */
export function createSearch({ database, features, metrics }: Parts): Search {
  const searchAsBefore = basicSearch(database);
  return async (person, words, limit) => {
    const basic = async (): Promise<Found> => await searchAsBefore(person, words, limit);
    const advanced = async (): Promise<Found> => {
      const rows = await searchAdvanced(database, person.id, parseSearchQuery(words), limit);
      features.used(FEATURES.ADVANCED_SEARCH, person);
      return { mode: 'advanced', results: rows.map((row) => toMessage(row, person.id)) };
    };
    if (!(await features.isFeatureEnabled(FEATURES.ADVANCED_SEARCH, person))) return await basic();
    return await withBatch1Fallback(FEATURES.ADVANCED_SEARCH, metrics, advanced, basic);
  };
}
