import type { Clock, Metrics, Notifier, OutgoingMessage, PerformContext } from '@crossfade/engine';
import { heed } from './heed.ts';
import { late, withinMs } from './within-ms.ts';

type Ports = Pick<PerformContext, 'store' | 'metrics' | 'notifier'>;

/** A receiver that takes longer is asked again later: it drops the second copy by the message's key. */
const notifierLimitMs = 5_000;

/**
 * What an effect may call, none of which keeps it from ending when it is aborted: adding people is done once however often it
 * is done, questions change nothing, and a message is delivered at least once anyway.
 */
export function heedingPorts({ store, metrics, notifier }: Ports, clock: Clock, signal: AbortSignal): Ports {
  const unlessAborted = async <T>(work: () => Promise<T>): Promise<T> => await heed(signal, 'aborted', work);
  return {
    store: {
      addSegmentMembers: async (...given) =>
        await unlessAborted(async () => await store.addSegmentMembers(...given)),
    },
    metrics: heedingMetrics(metrics, unlessAborted),
    notifier: {
      send: async (message) => await unlessAborted(async () => await sendWithin(notifier, clock, message)),
    },
  };
}

function heedingMetrics(metrics: Metrics, unlessAborted: <T>(work: () => Promise<T>) => Promise<T>): Metrics {
  return {
    counterIncrease: async (query) => await unlessAborted(async () => await metrics.counterIncrease(query)),
    histogramIncrease: async (query) =>
      await unlessAborted(async () => await metrics.histogramIncrease(query)),
    ask: async (path, timeoutMs) => await unlessAborted(async () => await metrics.ask(path, timeoutMs)),
  };
}

async function sendWithin(notifier: Notifier, clock: Clock, message: OutgoingMessage): Promise<void> {
  const sent = await withinMs(clock, notifierLimitMs, notifier.send(message));
  if (sent === late) {
    throw new Error(`the message "${message.subject}" was not taken within ${notifierLimitMs} ms`);
  }
}
