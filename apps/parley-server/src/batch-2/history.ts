import type { Database } from '../database.ts';
import { FEATURES } from '../features.ts';
import { type History, plainReading } from '../message-page.ts';
import type { Batch2Metrics } from './batch-2-metrics.ts';
import type { FlaggedFeatures } from './flagged-features.ts';
import type { QueryCache } from './query-cache.ts';
import { cacheSent, readThroughCache } from './read-through-cache.ts';
import { windowReading } from './window-reading.ts';

type Parts = { database: Database; cache: QueryCache; metrics: Batch2Metrics; features: FlaggedFeatures };

/** In windows for whom the list draws only what is in sight, and through the cache as far as its share goes. */
export function createHistory(parts: Parts): History {
  const { database, cache, features } = parts;
  const plain = plainReading(database);
  return {
    readingFor: async (person) => {
      const windowed = await features.isFeatureEnabled(FEATURES.VIRTUAL_SCROLLING, person);
      if (windowed) features.used(FEATURES.VIRTUAL_SCROLLING, person);
      const share = await features.queryCacheShare(person);
      return {
        ...(windowed ? windowReading(plain) : plain),
        read: async (ask) => await readThroughCache(parts, share, ask),
      };
    },
    noteSent: async (sent) => {
      cacheSent(cache, await features.queryCacheShare({ id: sent.sender_id }), sent);
    },
  };
}
