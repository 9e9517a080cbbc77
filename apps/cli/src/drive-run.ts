import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import {
  createOpenMetricsScraper,
  createPostgresTarget,
  runController,
  systemClock,
  systemRandom,
  type ControllerEnd,
  type ControllerSnapshot,
} from '@crossfade/controller';
import type { BoundPlan, ControlStore } from '@crossfade/engine';
import { createLiveDisplay, type LiveDisplay } from './live/live-display.ts';
import { JournalFollower } from './live/follow-journal.ts';
import { measureTraffic, trafficMetricsOf, type TrafficFigures } from './live/traffic.ts';
import { createOutboxNotifier } from './outbox-notifier.ts';
import { errorText } from './error-text.ts';
import { exitCodes } from './exit-codes.ts';
import { onInterruption } from './interruption.ts';
import type { Output } from './output.ts';

export interface DriveOptions {
  readonly store: ControlStore;
  readonly bound: BoundPlan;
  readonly databaseUrl: string;
  readonly applicationUrls: readonly string[];
  readonly output: Output;
  readonly leaseTtlMs?: number;
}

/**
 * Leads the newest run until it ends, showing it as it goes. SIGINT and SIGTERM stop it where it is; whoever runs the same
 * command again takes it up from there. A lost lease is asked for again.
 */
export async function driveRun(options: DriveOptions): Promise<ControllerEnd> {
  const { store, bound, output } = options;
  const display = createLiveDisplay(bound, output);
  const follower = new JournalFollower(store, display.entries);
  const stopping = stopOnSignals(display);
  const metrics = createOpenMetricsScraper({ endpoints: options.applicationUrls, now: () => store.now() });
  const traffic = watchTraffic(options, metrics);
  try {
    await follower.start();
    for (;;) {
      const end = await runController({
        store,
        bound,
        target: createPostgresTarget({ connectionString: options.databaseUrl }),
        metrics,
        notifier: createOutboxNotifier(display.line),
        clock: systemClock,
        random: systemRandom,
        holder: `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`,
        signal: stopping.signal,
        observe: (snapshot: ControllerSnapshot) => display.snapshot(snapshot, traffic.latest()),
        ...(options.leaseTtlMs === undefined ? {} : { leaseTtlMs: options.leaseTtlMs }),
      });
      if (end.status !== 'lost_lease') return end;
      if (stopping.signal.aborted) return { ...end, status: 'stopped' };
      display.line('! leadership was lost; this one waits to take it over again');
    }
  } finally {
    traffic.stop();
    await metrics.stop();
    stopping.release();
    // What is shown last does not change how the run has ended.
    await follower.stop().catch((error: unknown) => {
      display.line(`! the end of the journal could not be read: ${errorText(error)}`);
    });
    display.end();
  }
}

function stopOnSignals(display: LiveDisplay): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const stop = () => {
    display.line('Stopping here; the run can be taken up again with the same command.');
    controller.abort();
  };
  const stopListening = onInterruption(['SIGINT', 'SIGTERM'], {
    first: stop,
    again: () => process.exit(exitCodes.interrupted),
  });
  // Started by another process of ours, this one ends with it.
  process.once('disconnect', stop);
  const release = () => {
    stopListening();
    process.off('disconnect', stop);
  };
  return { signal: controller.signal, release };
}

interface TrafficWatch {
  latest(): TrafficFigures | undefined;
  stop(): void;
}

function watchTraffic(
  { store, bound, applicationUrls }: DriveOptions,
  metrics: ReturnType<typeof createOpenMetricsScraper>,
): TrafficWatch {
  const names = trafficMetricsOf(bound);
  let latest: TrafficFigures | undefined;
  const look = async () => {
    latest = await measureTraffic(metrics, names, await store.now());
  };
  if (applicationUrls.length === 0) return { latest: () => undefined, stop: () => {} };
  const timer = setInterval(() => {
    // Only for the display: without figures it says that there are none.
    look().catch(() => {
      latest = undefined;
    });
  }, 1_000);
  return { latest: () => latest, stop: () => clearInterval(timer) };
}
