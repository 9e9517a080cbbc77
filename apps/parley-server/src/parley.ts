import type { Database } from './database.ts';
import type { Features } from './features.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Metrics } from './metrics.ts';
import type { QueryCache } from './query-cache.ts';
import type { Realtime } from './realtime.ts';

/** What is said of it to whoever stands at the door. */
export type Workspace = {
  name: string;
  /** Whether anybody may make an account. */
  signUp: boolean;
};

/** What the routes of one server work with. */
export type Parley = {
  database: Database;
  features: Features;
  cache: QueryCache;
  metrics: Metrics;
  realtime: Realtime;
  loginThrottle: LoginThrottle;
  workspace: Workspace;
};
