import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import {
  createOpenMetricsScraper,
  runController,
  systemClock,
  systemRandom,
  type ControllerEnd,
  type ControllerSnapshot,
  type MetricsScraper,
} from '@crossfade/controller';
import type { BoundPlan, ControlStore, Target } from '@crossfade/engine';
import { withinLimit } from './bounded/within-limit.ts';
import { whenDatabaseAnswers } from './database-away.ts';
import type { LiveDisplay } from './live/live-display.ts';
import { JournalFollower } from './live/follow-journal.ts';
import { measureTraffic, trafficMetricsOf, type TrafficFigures } from './live/traffic.ts';
import { createOutboxNotifier } from './outbox-notifier.ts';
import { errorText } from './error-text.ts';
import type { Stopping } from './stop-on-signals.ts';

/** The end of the journal is read once more for the display: shortly, when somebody waits for us to end. */
const lastLookLimitMs = 500;
const longestLookMs = 20_000;

export interface DriveOptions {
  readonly store: ControlStore;
  readonly bound: BoundPlan;
  readonly target: Target;
  /** Where the store is. */
  readonly databaseUrl: string;
  readonly applicationUrls: readonly string[];
  readonly display: LiveDisplay;
  readonly stopping: Stopping;
  readonly leaseTtlMs?: number;
}

/**
 * Leads the newest run until it ends, showing it as it goes. Whoever asks this process to end stops it where it is; whoever
 * runs the same command again takes it up from there. A lost lease is asked for again, a database that is away waited for.
 */
export async function driveRun(options: DriveOptions): Promise<ControllerEnd> {
  const { store, databaseUrl, display, stopping } = options;
  const { signal } = stopping;
  const follower = new JournalFollower(store, display.entries);
  const metrics = createOpenMetricsScraper({ endpoints: options.applicationUrls, now: () => store.now() });
  const traffic = watchTraffic(options, metrics);
  try {
    const wait = { databaseUrl, signal, tell: display.line };
    const followed = await whenDatabaseAnswers(() => follower.start(), wait);
    if (followed === 'stopped') return { status: 'stopped', runId: null };
    return await lead(options, metrics, traffic);
  } finally {
    traffic.stop();
    await metrics.stop();
    stopping.release();
    // What is shown last does not change how the run has ended.
    const lastLook = follower.stop().catch((error: unknown) => {
      display.line(`! the end of the journal could not be read: ${errorText(error)}`);
    });
    await withinLimit(signal.aborted ? lastLookLimitMs : longestLookMs, lastLook);
    display.end();
  }
}

async function lead(
  options: DriveOptions,
  metrics: MetricsScraper,
  traffic: TrafficWatch,
): Promise<ControllerEnd> {
  const { store, bound, target, display, leaseTtlMs } = options;
  const { signal } = options.stopping;
  for (;;) {
    const end = await runController({
      store,
      bound,
      target,
      metrics,
      notifier: createOutboxNotifier(display.line),
      clock: systemClock,
      random: systemRandom,
      holder: `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`,
      signal,
      observe: (snapshot: ControllerSnapshot) => display.snapshot(snapshot, traffic.latest()),
      ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
    });
    if (end.status !== 'lost_lease') return end;
    if (signal.aborted) return { ...end, status: 'stopped' };
    display.line('! leadership was lost; this one waits to take it over again');
  }
}

interface TrafficWatch {
  latest(): TrafficFigures | undefined;
  stop(): void;
}

function watchTraffic(
  { store, bound, applicationUrls }: DriveOptions,
  metrics: MetricsScraper,
): TrafficWatch {
  const names = trafficMetricsOf(bound);
  let latest: TrafficFigures | undefined;
  const look = async () => {
    latest = await measureTraffic(metrics, names, await store.now());
  };
  if (applicationUrls.length === 0) return { latest: () => undefined, stop: () => {} };
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return; // A store that is slow to answer must not be asked all the more.
    isLooking = true;
    // Only for the display: without figures it says that there are none.
    look()
      .catch(() => {
        latest = undefined;
      })
      .finally(() => {
        isLooking = false;
      });
  }, 1_000);
  return { latest: () => latest, stop: () => clearInterval(timer) };
}
