import { setTimeout as sleep } from 'node:timers/promises';
import type { FlagPublisher } from './flag-publisher.ts';
import { latencyFigures } from './latency-figures.ts';
import type { LiveFlags } from './live-flags.ts';
import type { OfrepGiven, OfrepResult } from './ofrep-asker.ts';
import type { StreamsGiven } from './stream-holder.ts';

const streams = 1_000;
const requestsPerSecond = 300;
const seconds = 20;
const flipEveryMs = 1_000;

/** How fast a relay answers all flags of a person, from when the question was due, while it tells 1,000 streams of a flip a second. */
export async function measureBulkOfrep(live: LiveFlags): Promise<Record<string, number>> {
  const { publisher, key } = live;
  const relay = await live.startRelay();
  const { url } = relay;
  const holding: StreamsGiven = { url, key, count: streams };
  const holder = await live.startClient(new URL('stream-holder.ts', import.meta.url), holding);
  process.stderr.write(`${requestsPerSecond} bulk evaluations a second for ${seconds} s\n`);
  const given: OfrepGiven = { url, key, flags: publisher.flags, requestsPerSecond, seconds };
  const file = new URL('ofrep-asker.ts', import.meta.url);
  const asker = await live.startClient(file, given);
  const over = new AbortController();
  const flipping = flipUntil(publisher, over.signal);
  const { latenciesMs, failed } = (await asker.finish()) as OfrepResult;
  over.abort();
  await flipping;
  await holder.finish();
  relay.kill();
  return {
    bulkOfrepRequestsPerSecond: requestsPerSecond,
    bulkOfrepFlags: publisher.flags,
    ...latencyFigures('bulkOfrep', latenciesMs),
    bulkOfrepRequests: latenciesMs.length + failed,
    bulkOfrepFailed: failed,
  };
}

async function flipUntil(publisher: FlagPublisher, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await publisher.flip();
    await sleep(flipEveryMs, undefined, { signal: over }).catch(() => undefined);
  }
}
