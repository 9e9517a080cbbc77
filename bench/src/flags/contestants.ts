import { once } from 'node:events';
import { DefaultLogger } from '@openfeature/core';
import { FlagdCore } from '@openfeature/flagd-core';
import { OpenFeature } from '@openfeature/server-sdk';
import { GrowthBookClient } from '@growthbook/growthbook';
import { init as initLaunchDarkly } from '@launchdarkly/node-server-sdk';
import { TestData } from '@launchdarkly/node-server-sdk/integrations';
import { createFlagEvaluator } from '@crossfade/flags';
import { createFlagProvider, memoryFlagSource } from '@crossfade/flags/server';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { flagDocument, segmentNames, shares } from './audience.ts';
import type { Person } from './audience.ts';

/** Somebody's way to ask whether "search" is on, with what a request would hand it prepared beforehand. */
export interface Contestant {
  readonly name: string;
  /** Asks for all of them, one after the other; returns for how many it is on. */
  readonly ask: (rounds: number) => number | Promise<number>;
  readonly close?: () => Promise<void> | void;
}

/** Asks for each person in turn, `rounds` times over. */
function asker<T>(contexts: readonly T[], isOn: (context: T) => boolean): (rounds: number) => number {
  return (rounds) => {
    let on = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const context of contexts) if (isOn(context)) on += 1;
    }
    return on;
  };
}

function asyncAsker<T>(
  contexts: readonly T[],
  isOn: (context: T) => Promise<boolean>,
): (rounds: number) => Promise<number> {
  return async (rounds) => {
    let on = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const context of contexts) if (await isOn(context)) on += 1;
    }
    return on;
  };
}

export function crossfadeEvaluator(people: readonly Person[]): Contestant {
  const evaluator = createFlagEvaluator(flagDocument());
  const contexts = people.map(({ id, segments }) => ({ targetingKey: id, segments: [...segments] }));
  const isOn = (context: (typeof contexts)[number]): boolean =>
    evaluator.resolve('boolean', 'search', false, context).value;
  return { name: 'crossfade', ask: asker(contexts, isOn) };
}

/** As an application has it: behind OpenFeature, with segments looked up by targeting key. */
export async function crossfadeProvider(people: readonly Person[]): Promise<Contestant> {
  const source = memoryFlagSource();
  const provider = createFlagProvider({ source, log: { info: () => undefined, warn: () => undefined } });
  await OpenFeature.setProviderAndWait('bench', provider);
  const membersOf = (name: string): string[] =>
    people.filter(({ segments }) => segments.includes(name)).map(({ id }) => id);
  source.publish(flagDocument(), Object.fromEntries(segmentNames.map((name) => [name, membersOf(name)])));
  const client = OpenFeature.getClient('bench');
  const contexts = people.map(({ id }) => ({ targetingKey: id }));
  const isOn = async (context: (typeof contexts)[number]): Promise<boolean> =>
    await client.getBooleanValue('search', false, context);
  return {
    name: 'crossfadeOpenFeature',
    ask: asyncAsker(contexts, isOn),
    close: async () => await provider.onClose(),
  };
}

export function flagdCore(people: readonly Person[]): Contestant {
  const core = new FlagdCore(undefined, new DefaultLogger());
  core.setConfigurations(flagDocument());
  const contexts = people.map(({ id, segments }) => ({ targetingKey: id, segments: [...segments] }));
  const isOn = (context: (typeof contexts)[number]): boolean =>
    core.resolveBooleanEvaluation('search', false, context).value;
  return { name: 'flagdCore', ask: asker(contexts, isOn) };
}

export function growthBook(people: readonly Person[]): Contestant {
  const ruleFor = (share: number) => ({ force: true, coverage: share / 100, hashAttribute: 'id' });
  const rules = [
    ...segmentNames.map((name) => ({
      ...ruleFor(shares[name]),
      condition: { segments: { $elemMatch: { $eq: name } } },
    })),
    ruleFor(shares.everybody),
  ];
  const client = new GrowthBookClient().initSync({
    payload: { features: { search: { defaultValue: false, rules } } },
  });
  const contexts = people.map(({ id, segments }) => ({ attributes: { id, segments } }));
  return { name: 'growthBook', ask: asker(contexts, (context) => client.isOn('search', context)) };
}

export async function launchDarkly(people: readonly Person[]): Promise<Contestant> {
  const rollout = (share: number) => ({
    contextKind: 'user',
    variations: [
      { variation: 0, weight: share * 1_000 },
      { variation: 1, weight: 100_000 - share * 1_000 },
    ],
  });
  const data = new TestData();
  await data.usePreconfiguredFlag({
    key: 'search',
    version: 1,
    on: true,
    salt: 'bench',
    variations: [true, false],
    offVariation: 1,
    rules: segmentNames.map((name) => ({
      id: name,
      clauses: [{ attribute: 'segments', op: 'in', values: [name], negate: false, contextKind: 'user' }],
      rollout: rollout(shares[name]),
    })),
    fallthrough: { rollout: rollout(shares.everybody) },
  });
  const none = (): void => undefined;
  const client = initLaunchDarkly('bench', {
    updateProcessor: data.getFactory(),
    sendEvents: false,
    diagnosticOptOut: true,
    logger: { error: none, warn: none, info: none, debug: none },
  });
  await client.waitForInitialization({ timeout: 10 });
  const contexts = people.map(({ id, segments }) => ({ kind: 'user', key: id, segments: [...segments] }));
  const isOn = async (context: (typeof contexts)[number]): Promise<boolean> =>
    await client.boolVariation('search', context, false);
  return { name: 'launchDarkly', ask: asyncAsker(contexts, isOn), close: () => client.close() };
}

/** Its constraints compare texts, so that each segment is a property of its own. */
export async function unleash(people: readonly Person[]): Promise<Contestant> {
  const strategyFor = (share: number, segment?: string) => ({
    name: 'flexibleRollout',
    parameters: { rollout: String(share), stickiness: 'userId', groupId: 'bench' },
    constraints:
      segment === undefined
        ? []
        : [
            {
              contextName: segment,
              operator: 'IN' as never,
              inverted: false,
              values: ['yes'],
              caseInsensitive: false,
            },
          ],
  });
  const feature = {
    name: 'search',
    type: 'release',
    description: '',
    enabled: true,
    project: 'default',
    stale: false,
    impressionData: false,
    strategies: [
      ...segmentNames.map((name) => strategyFor(shares[name], name)),
      strategyFor(shares.everybody),
    ],
    variants: [],
  };
  const client = new Unleash({
    appName: 'bench',
    // Nobody is there: it goes by what it was given.
    url: 'http://127.0.0.1:9/',
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: [feature] },
  });
  client.on('error', () => undefined);
  client.on('warn', () => undefined);
  await once(client, 'ready');
  const contexts = people.map(({ id, segments }) => ({
    userId: id,
    properties: Object.fromEntries(segments.map((name) => [name, 'yes'])),
  }));
  return {
    name: 'unleash',
    ask: asker(contexts, (context) => client.isEnabled('search', context)),
    close: () => client.destroy(),
  };
}
