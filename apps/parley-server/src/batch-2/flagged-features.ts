import { randomUUID } from 'node:crypto';
import { type Hook, OpenFeature, type Provider, ProviderEvents } from '@openfeature/server-sdk';
import { type Feature, FEATURES, type Features, type Person } from '../features.ts';

export type FlaggedFeatures = Features & {
  /** Without a flag, a provider or an answer: false, which is Batch 1. */
  isFeatureEnabled(feature: Feature, person: Person): Promise<boolean>;
  /** The share of query keys, 0 to 100, that the query cache may hold. */
  queryCacheShare(person: Person): Promise<number>;
  /** Somebody has used what a feature brings, and not only seen it. */
  used(feature: Feature, person: Person): void;
  close(): Promise<void>;
};

/** An OpenFeature provider that also knows which published document it goes by (0: none yet). */
export type RevisionedProvider = Provider & { revision(): number };

export function createFlaggedFeatures(provider: RevisionedProvider, hooks: Hook[] = []): FlaggedFeatures {
  // A name of its own for every server: OpenFeature's registry is one for the whole process.
  const domain = `parley-${randomUUID()}`;
  OpenFeature.setProvider(domain, provider);
  const client = OpenFeature.getClient(domain).addHooks(...hooks);
  const listeners: (() => void)[] = [];
  const changed = (): void => listeners.forEach((listener) => listener());
  client.addHandler(ProviderEvents.ConfigurationChanged, changed);

  const isFeatureEnabled = async (feature: Feature, person: Person): Promise<boolean> =>
    await client.getBooleanValue(feature, false, { targetingKey: person.id });
  return {
    isFeatureEnabled,
    flagsOf: async (person) => ({
      virtual_scrolling: await isFeatureEnabled(FEATURES.VIRTUAL_SCROLLING, person),
      e2e_encryption: await isFeatureEnabled(FEATURES.E2E_ENCRYPTION, person),
      multi_agent: await isFeatureEnabled(FEATURES.MULTI_AGENT, person),
      advanced_search: await isFeatureEnabled(FEATURES.ADVANCED_SEARCH, person),
      performance_monitoring: await isFeatureEnabled(FEATURES.PERFORMANCE_MONITORING, person),
    }),
    queryCacheShare: async (person) => {
      const share = await client.getNumberValue('query_cache_share', 0, { targetingKey: person.id });
      return Math.min(100, Math.max(0, share));
    },
    used: (feature, person) => client.track(feature, { targetingKey: person.id }),
    onChange: (listener) => {
      listeners.push(listener);
    },
    revision: () => provider.revision(),
    close: async () => {
      client.removeHandler(ProviderEvents.ConfigurationChanged, changed);
      await provider.onClose?.();
    },
  };
}
