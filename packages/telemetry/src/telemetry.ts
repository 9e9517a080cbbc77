import type { EvaluationContext, EvaluationDetails, FlagValue, HookContext } from '@openfeature/core';
import { canBeTold } from './batch.ts';
import type { TelemetryBatch, TelemetrySink } from './batch.ts';
import { exposureLog } from './exposure-log.ts';
import type { NotedExposure } from './exposure-log.ts';
import { flagMetrics } from './flag-metrics.ts';
import { outbox } from './outbox.ts';
import type { Letter } from './outbox.ts';
import { personWindows } from './person-windows.ts';
import type { ClosedWindow } from './person-windows.ts';

export interface TelemetryOptions {
  readonly sink: TelemetrySink;
  /** The name of this process among those of the application. */
  readonly process: string;
  /** Of the flags that answer now: a provider's `revision`. */
  readonly revision: () => number;
  /** The flags to report of; all when not given. */
  readonly flags?: readonly string[];
  /** A request that takes longer is slow. Default 200. */
  readonly slowAfterMs?: number;
  /** How long a window of requests is. Default 10,000. */
  readonly windowMs?: number;
  /** How often news are sent. Default 2,000. */
  readonly sendEveryMs?: number;
  /** Upper edges of the histogram's buckets; a gate's limit must be one of them. */
  readonly edgesSeconds?: readonly number[];
  readonly log: TelemetryLog;
  /** Which request is being answered now, where that can be known. */
  readonly currentRequest?: () => RequestScope | undefined;
}

/** Pino's and Fastify's loggers fit. */
export interface TelemetryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The flags that were answered in one request: the variant and the person of each. */
export type RequestScope = Map<string, { readonly variant: string; readonly person: string }>;

/** The part of OpenFeature's hooks that is needed here, for servers and pages alike. */
interface EvaluationHook {
  after(
    hookContext: Readonly<Pick<HookContext, 'flagKey' | 'context'>>,
    details: Pick<EvaluationDetails<FlagValue>, 'variant'>,
  ): void;
}

/** What an application reports of its flags. Nothing here waits, throws, or grows without bound. */
export interface Telemetry {
  /** For OpenFeature's `addHooks`: notes who was answered what. */
  readonly hook: EvaluationHook;
  /** Somebody used something; for a provider's `onTrack`. Named as its flag, it counts as use of what the flag shows. */
  track(event: string, context: EvaluationContext): void;
  /** A request has ended, in which these flags were answered. */
  countRequest(scope: RequestScope, outcome: { readonly failed: boolean; readonly durationMs: number }): void;
  /** This process goes by this revision of the flags from now. */
  noteRevision(revision: number): void;
  /** OpenMetrics by flag and variant, without the closing "# EOF". */
  metrics(): string;
  /** Sends what there is now. */
  flush(): Promise<void>;
  /** Sends what there is, within a second, and ends. */
  stop(): Promise<void>;
}

const usualEdgesSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2];
const mostUses = 50_000;
const mostReceipts = 500;
/** Whoever ends a process does not wait long for its last news. */
const partingMs = 1_000;
/** At the usual pace, of the last five minutes: news that are older say little. */
const mostLetters = 150;

/** Begins to collect, and to send every `sendEveryMs`; a sink that is away is tried again at the next turn. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { sink, log, slowAfterMs = 200, windowMs = 10_000, sendEveryMs = 2_000 } = options;
  const wanted = options.flags === undefined ? undefined : new Set(options.flags);
  const now = (): number => performance.now();
  const exposures = exposureLog();
  const windows = personWindows(now());
  const metrics = flagMetrics(options.edgesSeconds ?? usualEdgesSeconds);
  const uses = new Map<
    string,
    { readonly event: string; readonly person: string; count: number; atMs: number }
  >();
  let receipts: { readonly revision: number; readonly atMs: number }[] = [];
  let droppedUses = 0;
  let windowEndsMs = now() + windowMs;
  let isAway = false;
  const instance = randomName();
  let letters = 0;

  const box = outbox(
    {
      send: async (batch) => {
        await sink.send(batch);
        if (isAway) log.info({}, 'what flags were answered is reported again');
        isAway = false;
      },
    },
    {
      mostWaiting: mostLetters,
      onProblem: (error) => {
        if (!isAway)
          log.warn({ err: error }, 'what flags were answered is not reported; it is kept for a while');
        isAway = true;
      },
      onRefused: (error) => {
        log.warn({ err: error }, 'a report of what flags were answered is refused, and dropped');
      },
    },
  );

  function note(flag: string, variant: string, person: string): void {
    if (!canBeTold(person) || (wanted !== undefined && !wanted.has(flag))) return;
    exposures.note({ flag, variant, person, revision: options.revision(), atMs: now() });
    options.currentRequest?.()?.set(flag, { variant, person });
  }

  function post(): void {
    const endedWindows = now() >= windowEndsMs ? windows.close(now()) : [];
    if (now() >= windowEndsMs) windowEndsMs = now() + windowMs;
    const news = { exposures: exposures.take(), uses: [...uses.values()], windows: endedWindows, receipts };
    uses.clear();
    receipts = [];
    const dropped = exposures.takeDropped() + windows.takeDropped() + box.takeDropped() + droppedUses;
    droppedUses = 0;
    const size =
      news.exposures.length + news.uses.length + news.windows.length + news.receipts.length + dropped;
    if (size === 0) return;
    letters += 1;
    const head = { id: `${instance}-${letters}`, process: options.process, dropped };
    box.post(letterOf(head, news, now));
  }

  const timer = setInterval(() => {
    post();
    void box.send();
  }, sendEveryMs);
  let stopping: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    clearInterval(timer);
    windowEndsMs = 0;
    post();
    await Promise.race([box.send(), sleep(partingMs)]);
    await sink.close();
  };
  // In a browser it is a number, and nothing is kept alive by it.
  if (typeof timer === 'object') timer.unref();

  return {
    hook: {
      after({ flagKey, context }, { variant }) {
        if (variant !== undefined) note(flagKey, variant, context.targetingKey ?? '');
      },
    },
    track(event, { targetingKey: person = '' }) {
      if (!canBeTold(person) || !canBeTold(event)) return;
      const key = `${event}\n${person}`;
      const known = uses.get(key);
      if (known !== undefined) known.count += 1;
      else if (uses.size < mostUses) uses.set(key, { event, person, count: 1, atMs: now() });
      else droppedUses += 1;
    },
    countRequest(scope, { failed, durationMs }) {
      for (const [flag, { variant, person }] of scope) {
        metrics.count(flag, variant, { failed, durationMs });
        windows.count(flag, variant, person, { failed, slow: durationMs > slowAfterMs });
      }
    },
    noteRevision(revision) {
      if (receipts.length < mostReceipts) receipts.push({ revision, atMs: now() });
    },
    metrics: () => metrics.text(),
    async flush() {
      post();
      await box.send();
    },
    stop: async () => await (stopping ??= end()),
  };
}

interface News {
  readonly exposures: readonly NotedExposure[];
  readonly uses: readonly {
    readonly event: string;
    readonly person: string;
    readonly count: number;
    readonly atMs: number;
  }[];
  readonly windows: readonly ClosedWindow[];
  readonly receipts: readonly { readonly revision: number; readonly atMs: number }[];
}

type Head = Pick<TelemetryBatch, 'id' | 'process' | 'dropped'>;

function letterOf(head: Head, { exposures, uses, windows, receipts }: News, now: () => number): Letter {
  return {
    size: exposures.length + uses.length + windows.length + receipts.length + head.dropped,
    write() {
      const nowMs = now();
      const aged = <T extends { readonly atMs: number }>({ atMs, ...rest }: T) => ({
        ...rest,
        ageMs: nowMs - atMs,
      });
      return {
        ...head,
        exposures: exposures.map(aged),
        uses: uses.map(aged),
        windows: windows.map(({ endedAtMs, ...window }) => ({ ...window, ageMs: nowMs - endedAtMs })),
        receipts: receipts.map(aged),
      };
    },
  };
}

async function sleep(durationMs: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}

/** Unlike any other process's, also where there is no secure context to ask for a UUID in. */
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
