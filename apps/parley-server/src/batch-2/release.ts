import { countFlagRequests, type Telemetry, type TelemetrySink } from '@crossfade/telemetry/server';
import type { Log } from '../log.ts';
import type { OpenRelease } from '../release.ts';
import { addAgentRoutes } from './agent-routes.ts';
import { createBatch2Metrics } from './batch-2-metrics.ts';
import { createFlagTelemetry } from './flag-telemetry.ts';
import { createFlaggedFeatures, type RevisionedProvider } from './flagged-features.ts';
import { createHistory } from './history.ts';
import { addKeyRoutes } from './key-routes.ts';
import { createQueryCache } from './query-cache.ts';
import { addRatingRoutes } from './rating-routes.ts';
import { createSearch } from './search.ts';
import { addTimingRoutes } from './timing-routes.ts';

export type FlagOptions = {
  /** Makes what flags come from. Without a document of it, everything is as in Batch 1. */
  openFlags: (log: Log, onTrack: Telemetry['track']) => RevisionedProvider;
  /** Where it is reported who was shown which feature. */
  telemetrySink?: TelemetrySink;
};

/** Each feature of Batch 2, behind its flag. */
export const openBatch2 =
  ({ openFlags, telemetrySink }: FlagOptions): OpenRelease =>
  ({ app, database, metrics: common, log }) => {
    const telemetry = createFlagTelemetry(telemetrySink, () => features.revision(), log);
    const features = createFlaggedFeatures(
      openFlags(log, (...used) => telemetry.track(...used)),
      [telemetry.hook],
    );
    features.onChange(() => telemetry.noteRevision(features.revision()));
    countFlagRequests(app, telemetry);
    common.alsoTell(() => telemetry.metrics());
    const metrics = createBatch2Metrics(common);
    const cache = createQueryCache();
    const parts = { database, cache, features, metrics };
    return {
      features,
      history: createHistory(parts),
      search: createSearch(parts),
      checkCache: () => cache.check(),
      addRoutes: (routes) => {
        addRatingRoutes(routes, parts);
        addKeyRoutes(routes, parts);
        addTimingRoutes(routes, parts);
        addAgentRoutes(routes, parts);
      },
      close: async () => {
        await features.close();
        await telemetry.stop();
      },
    };
  };
