import { backOffMs } from './back-off.ts';
import type { FlagSource } from './flag-source.ts';
import { connectFlagSession } from './postgres-flag-session.ts';
import type { FlagSession, PublishedFlags } from './postgres-flag-session.ts';
import { wakeSignal } from './wake-signal.ts';

export interface PostgresFlagSourceOptions {
  readonly connectionString: string;
  /** How long a publication can go unnoticed when its notification was lost; at most 500 ms behind a pooler. */
  readonly pollIntervalMs: number;
  /** The connection's name in pg_stat_activity; "crossfade-flags" when not given. */
  readonly applicationName?: string;
}

/**
 * Publications in the schema `crossfade` of a Postgres database, over one connection of its own: notified of each, and
 * polling besides; twice a second behind a pooler, which carries no notifications. A lost connection is opened again for
 * as long as it takes. A database where Crossfade has never run is not a problem: it answers that nothing is published.
 */
export function postgresFlagSource(options: PostgresFlagSourceOptions): FlagSource {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  return {
    start(listener, onProblem, onAnswer = () => undefined) {
      if (running !== undefined) throw new Error('postgresFlagSource: start() expected once, called again');
      running = follow(options, { listener, onProblem, onAnswer }, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** A flag that is switched off is off within a second, also where no notification arrives. */
const unnotifiedPollMs = 500;

interface Listeners {
  readonly listener: Parameters<FlagSource['start']>[0];
  readonly onProblem: (error: Error) => void;
  readonly onAnswer: (answer: { readonly published: boolean }) => void;
}

interface Progress {
  last: PublishedFlags | undefined;
  failures: number;
}

async function follow(
  options: PostgresFlagSourceOptions,
  listeners: Listeners,
  stop: AbortSignal,
): Promise<void> {
  // Lives longer than a connection: flags that are already known are not delivered again after each loss.
  const progress: Progress = { last: undefined, failures: 0 };
  const wake = wakeSignal(stop);
  while (!stop.aborted) {
    let session: FlagSession | undefined;
    try {
      session = await connectFlagSession(options, { onEvent: wake.now, stop });
      await watch(session, progress, { ...listeners, stop, nap: wake.nap, options });
    } catch (error) {
      if (stop.aborted) break;
      progress.failures += 1;
      listeners.onProblem(error instanceof Error ? error : new Error(String(error)));
    } finally {
      session?.close();
    }
    if (!stop.aborted) await wake.sleep(backOffMs(progress.failures));
  }
}

interface Watch extends Listeners {
  readonly stop: AbortSignal;
  readonly nap: (ms: number) => Promise<void>;
  readonly options: PostgresFlagSourceOptions;
}

/** Delivers what is new, again and again, until the connection is lost. */
async function watch(session: FlagSession, progress: Progress, watching: Watch): Promise<void> {
  const { pollIntervalMs } = watching.options;
  while (!watching.stop.aborted) {
    const newest = await session.readNewest();
    const known = newest?.revision === progress.last?.revision && newest?.digest === progress.last?.digest;
    const snapshot = newest === undefined || known ? undefined : await session.readSnapshot();
    if (watching.stop.aborted) return;
    progress.failures = 0;
    if (snapshot !== undefined) {
      progress.last = snapshot;
      watching.listener(snapshot);
    }
    watching.onAnswer({ published: newest !== undefined });
    await watching.nap(session.listens ? pollIntervalMs : Math.min(pollIntervalMs, unnotifiedPollMs));
    session.assertAlive();
  }
}
