import { setTimeout as sleep } from 'node:timers/promises';
import { propagationOf, type Arrival, type Flip } from './arrivals.ts';
import type { ClientProcess } from './client-process.ts';
import type { FlagPublisher } from './flag-publisher.ts';
import { latencyFigures } from './latency-figures.ts';
import type { LiveFlags } from './live-flags.ts';
import type { ProvidersGiven } from './provider-holder.ts';
import type { StreamsGiven } from './stream-holder.ts';

type Heard = readonly (readonly Arrival[])[];

const streamsPerServer = 1_000;
const providers = 8;
const flips = 50;
const flipEveryMs = 200;
/** Whoever has not heard after this is counted as one who has missed it. */
const settleMs = 2_000;

/**
 * From the commit of a switched flag to the clients: a relay with 1,000 streams and eight providers that follow it, each of which
 * compiles all flags; and then with a second relay beside it, which has 1,000 streams of its own.
 */
export async function measurePropagation(live: LiveFlags): Promise<Record<string, number>> {
  const first = await live.startRelay();
  const streams = await holdStreams(live, first.url);
  const followed: ProvidersGiven = { url: first.url, key: live.key, count: providers };
  const following = await live.startClient(new URL('provider-holder.ts', import.meta.url), followed);
  process.stderr.write(`${flips} flips to ${streamsPerServer} streams and ${providers} providers\n`);
  const ofOne = await flipMany(live.publisher);
  const second = await live.startRelay();
  const moreStreams = await holdStreams(live, second.url);
  process.stderr.write(`${flips} flips to two servers with ${streamsPerServer} streams each\n`);
  const ofTwo = await flipMany(live.publisher);
  const heard = (await streams.finish()) as Heard;
  const heardAtTwo = [...heard, ...((await moreStreams.finish()) as Heard)];
  const heardByProviders = (await following.finish()) as Heard;
  for (const server of [first, second]) server.kill();
  return {
    flips,
    streamsPerServer,
    providers,
    ...figures('streamFlip', ofOne, heard),
    ...figures('providerFlip', ofOne, heardByProviders),
    ...figures('twoServersStreamFlip', ofTwo, heardAtTwo),
    ...figures('twoServersProviderFlip', ofTwo, heardByProviders),
  };
}

async function holdStreams(live: LiveFlags, url: string): Promise<ClientProcess> {
  const file = new URL('stream-holder.ts', import.meta.url);
  const given: StreamsGiven = { url, key: live.key, count: streamsPerServer };
  return await live.startClient(file, given);
}

async function flipMany(publisher: FlagPublisher): Promise<readonly Flip[]> {
  const committed: Flip[] = [];
  while (committed.length < flips) {
    committed.push(await publisher.flip());
    await sleep(flipEveryMs);
  }
  await sleep(settleMs);
  return committed;
}

function figures(name: string, committed: readonly Flip[], clients: Heard): Record<string, number> {
  const { latenciesMs, missed } = propagationOf(committed, clients);
  return { ...latencyFigures(name, latenciesMs), [`${name}sMissed`]: missed };
}
