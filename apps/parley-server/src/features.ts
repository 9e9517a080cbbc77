/** What Batch 2 adds, each behind a flag of its own. Pages of both releases read these names. */
export const FEATURES = {
  VIRTUAL_SCROLLING: 'virtual_scrolling',
  E2E_ENCRYPTION: 'e2e_encryption',
  MULTI_AGENT: 'multi_agent',
  ADVANCED_SEARCH: 'advanced_search',
  PERFORMANCE_MONITORING: 'performance_monitoring',
} as const;

export type Feature = (typeof FEATURES)[keyof typeof FEATURES];
export type FeatureFlags = Record<Feature, boolean>;
export type Person = { id: string };

/** Who has which feature. */
export type Features = {
  flagsOf(person: Person): Promise<FeatureFlags>;
  onChange(listener: () => void): void;
  /** Of the newest published document that this process goes by (0: none). */
  revision(): number;
};
