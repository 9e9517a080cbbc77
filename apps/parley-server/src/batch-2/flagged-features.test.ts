import { compileFlagDocument } from '@crossfade/flags';
import { postgresFlagSource } from '@crossfade/flags/postgres';
import { createFlagProvider } from '@crossfade/flags/server';
import { InMemoryProvider } from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FEATURES } from '../features.ts';
import { silentLog } from '../log.ts';
import { createParleyFixture, createTestFlags, type ParleyFixture } from '../testing/parley-fixture.ts';
import { createFlaggedFeatures, type FlaggedFeatures } from './flagged-features.ts';

const ana = { id: '5f3c1a52-6f0e-4e55-9d53-4f1a5e3c2b10' };
const WAIT = { timeout: 10_000, interval: 20 };

describe('without flags', () => {
  it('everything is off and nothing is cached: Batch 1', async () => {
    const features = createFlaggedFeatures(createTestFlags().provider);
    expect(await features.isFeatureEnabled(FEATURES.ADVANCED_SEARCH, ana)).toBe(false);
    expect(Object.values(await features.flagsOf(ana))).toEqual([false, false, false, false, false]);
    expect(await features.queryCacheShare(ana)).toBe(0);
    expect(features.revision()).toBe(0);
    await features.close();
  });

  it('a flag of another type, or a provider that fails, is off too', async () => {
    const strange = new InMemoryProvider({
      advanced_search: { variants: { on: 'yes' }, defaultVariant: 'on', disabled: false },
      query_cache_share: { variants: { on: 1_000 }, defaultVariant: 'on', disabled: false },
    });
    const features = createFlaggedFeatures(Object.assign(strange, { revision: () => 1 }));
    await vi.waitFor(async () => expect(await features.queryCacheShare(ana)).toBe(100), WAIT);
    expect(await features.isFeatureEnabled(FEATURES.ADVANCED_SEARCH, ana)).toBe(false);
    await features.close();
  });
});

describe('flags published in Postgres', () => {
  let parley: ParleyFixture;
  let features: FlaggedFeatures;
  let changes = 0;

  beforeAll(async () => {
    parley = await createParleyFixture();
    const source = postgresFlagSource({ connectionString: parley.url, pollIntervalMs: 200 });
    features = createFlaggedFeatures(createFlagProvider({ source, log: silentLog }));
    features.onChange(() => (changes += 1));
  });
  afterAll(async () => {
    await features.close();
    await parley.close();
  });

  const publish = async (revision: number, percentage: number): Promise<void> => {
    const flags = [{ key: FEATURES.MULTI_AGENT, killed: false, audiences: [{ segment: null, percentage }] }];
    const parameters = [{ key: 'query_cache_share', value: 40 }];
    const { document, digest } = compileFlagDocument({ seed: 'test', flags, parameters });
    await parley.sql(
      'INSERT INTO crossfade.flag_documents (revision, digest, document) VALUES ($1, $2, $3)',
      [revision, digest, document],
    );
  };

  it('arrive while the server runs, and go again', async () => {
    expect(await features.isFeatureEnabled(FEATURES.MULTI_AGENT, ana)).toBe(false);
    await parley.sql(`CREATE SCHEMA crossfade;
      CREATE TABLE crossfade.flag_documents (revision bigint PRIMARY KEY, digest text NOT NULL, document text NOT NULL,
        published_at timestamptz NOT NULL DEFAULT now());
      CREATE TABLE crossfade.segment_members (segment text, targeting_key text, PRIMARY KEY (segment, targeting_key))`);
    await publish(1, 100);
    await vi.waitFor(
      async () => expect(await features.isFeatureEnabled(FEATURES.MULTI_AGENT, ana)).toBe(true),
      WAIT,
    );
    expect(await features.isFeatureEnabled(FEATURES.VIRTUAL_SCROLLING, ana)).toBe(false);
    expect(await features.queryCacheShare(ana)).toBe(40);
    expect(features.revision()).toBe(1);
    expect(changes).toBeGreaterThan(0);
    await publish(2, 0);
    await vi.waitFor(
      async () => expect(await features.isFeatureEnabled(FEATURES.MULTI_AGENT, ana)).toBe(false),
      WAIT,
    );
  });
});
