import { FEATURES, type FeatureFlags } from '../features.ts';
import { plainHistory } from '../message-page.ts';
import type { OpenRelease } from '../release.ts';
import { basicSearch } from '../search.ts';

const ALL_OFF: FeatureFlags = {
  [FEATURES.VIRTUAL_SCROLLING]: false,
  [FEATURES.E2E_ENCRYPTION]: false,
  [FEATURES.MULTI_AGENT]: false,
  [FEATURES.ADVANCED_SEARCH]: false,
  [FEATURES.PERFORMANCE_MONITORING]: false,
};

/** Nothing is added, and nothing can be switched on: no flag document is read. */
export const openBatch1: OpenRelease = ({ database }) => ({
  features: { flagsOf: async () => ALL_OFF, onChange: () => undefined, revision: () => 0 },
  history: plainHistory(database),
  search: basicSearch(database),
  // Nothing is held, so that nothing can be held wrongly.
  checkCache: () => undefined,
  addRoutes: () => undefined,
  close: async () => undefined,
});
