import type { FastifyInstance } from 'fastify';
import type { Database } from './database.ts';
import type { Features } from './features.ts';
import type { Log } from './log.ts';
import type { History } from './message-page.ts';
import type { Metrics } from './metrics.ts';
import type { App } from './routes/app.ts';
import type { Search } from './search.ts';

/** What one release of Parley brings beside what is the same in each. The wall between Batch 1 and Batch 2. */
export type Release = {
  readonly features: Features;
  readonly history: History;
  readonly search: Search;
  /** @throws Error when what is kept in memory cannot be relied on. */
  readonly checkCache: () => void;
  readonly addRoutes: (app: App) => void;
  readonly close: () => Promise<void>;
};

/** What a release is given. Called before there are routes. */
export type OpenRelease = (common: {
  app: FastifyInstance;
  database: Database;
  metrics: Metrics;
  log: Log;
}) => Release;
