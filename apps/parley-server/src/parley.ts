import type { Database } from './database.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Metrics } from './metrics.ts';
import type { Realtime } from './realtime.ts';
import type { Release } from './release.ts';

/** What is said of it to whoever stands at the door. */
export type Workspace = {
  name: string;
  /** Whether anybody may make an account. */
  signUp: boolean;
};

/** What the routes of one server work with. */
export type Parley = Pick<Release, 'features' | 'history' | 'search' | 'checkCache'> & {
  database: Database;
  metrics: Metrics;
  realtime: Realtime;
  loginThrottle: LoginThrottle;
  workspace: Workspace;
};
