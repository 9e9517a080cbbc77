import { ServerProviderEvents } from '@openfeature/server-sdk';
import { createFlagProvider, httpFlagSource } from '@crossfade/flags/server';
import type { Arrival } from './arrivals.ts';
import { serveBench } from './client-process.ts';
import { monotonicMs } from './monotonic-ms.ts';

export interface ProvidersGiven {
  readonly url: string;
  readonly key: string;
  readonly count: number;
}

const log = { info: () => undefined, warn: () => undefined };
/** Longer than a measurement: what a stream does not tell is not found by chance. */
const pollIntervalMs = 600_000;

/** Evaluates the flags of a relay in so many providers, each of which compiles every document on its own. */
serveBench(async ({ url, key, count }: ProvidersGiven) => {
  const heard = await Promise.all(Array.from({ length: count }, async () => await openProvider(url, key)));
  return async () => heard;
});

/** Resolves when it answers from flags, with a list that grows with every change of its configuration. */
async function openProvider(url: string, key: string): Promise<Arrival[]> {
  const provider = createFlagProvider({ source: httpFlagSource({ url, key, pollIntervalMs }), log });
  const arrivals: Arrival[] = [];
  const known = Promise.withResolvers<Arrival[]>();
  provider.events.addHandler(ServerProviderEvents.ConfigurationChanged, () => {
    arrivals.push([provider.revision(), monotonicMs()]);
    known.resolve(arrivals);
  });
  await provider.initialize();
  return await known.promise;
}
