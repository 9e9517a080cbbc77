import { estimateQuantile, type Metrics, type TargetConnection } from '@crossfade/engine';
import { quoteTable } from '../../sql/identifiers.ts';
import { theRow } from '../../sql/the-row.ts';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import type { Signals } from './decide-pace.ts';
import type { ThrottleConfig } from './throttle-config.ts';

/** What people met in so much time, by the clock of the database. */
const windowMs = 5_000;
/** Fewer say nothing. */
const fewestSamples = 20;

export interface Look {
  readonly signals: Signals;
  readonly nowMs: number;
  readonly walBytes: number | null;
}

interface Measured {
  readonly nowMs: number;
  readonly minuteOfDay: number;
  readonly activeSessions: number;
  readonly waitingSessions: number;
  readonly replicaLagMs: number | null;
  readonly archivingFails: boolean;
  readonly isVacuumed: boolean;
  readonly oldestTransactionMs: number | null;
  readonly walBytes: number | null;
}

/** Looks once. `before`: the last look, for what grows. */
export async function readSignals(
  connection: TargetConnection,
  metrics: Metrics,
  table: string,
  limits: ThrottleConfig,
  before: Look | null,
): Promise<Look> {
  const { rows } = await eachInTransaction(connection).query<Measured>(question, [quoteTable(table)]);
  const { walBytes, nowMs, ...measured } = theRow(rows);
  const [p95Ms, errorPercent] = await Promise.all([
    p95Of(metrics, limits, nowMs),
    errorsOf(metrics, limits, nowMs),
  ]);
  const passedMs = before === null ? 0 : nowMs - before.nowMs;
  const grown =
    walBytes === null || before?.walBytes == null || passedMs <= 0 ? null : walBytes - before.walBytes;
  const walBytesPerSecond = grown === null ? null : (grown * 1_000) / passedMs;
  return { nowMs, walBytes, signals: { ...measured, p95Ms, errorPercent, walBytesPerSecond } };
}

/**
 * Of sessions of other roles the server says only to members of pg_read_all_stats what they do; for others these are not counted.
 * Our own sessions bear a name that begins with "crossfade".
 */
const question = `
  with others as (
    select * from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend' and application_name not like 'crossfade%'
  )
  select (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
         (extract(hour from clock_timestamp() at time zone 'UTC') * 60
           + extract(minute from clock_timestamp() at time zone 'UTC'))::int as "minuteOfDay",
         (select count(*) from others where state = 'active')::int as "activeSessions",
         (select count(*) from others where wait_event_type = 'Lock')::int as "waitingSessions",
         (select max(extract(epoch from replay_lag) * 1000) from pg_stat_replication)::float8 as "replicaLagMs",
         coalesce((select last_failed_time > coalesce(last_archived_time, '-infinity') from pg_stat_archiver), false)
           as "archivingFails",
         exists (select from pg_stat_progress_vacuum where relid = to_regclass($1)) as "isVacuumed",
         (select max(extract(epoch from clock_timestamp() - xact_start) * 1000) from others
           where backend_xmin is not null)::float8 as "oldestTransactionMs",
         (pg_current_wal_insert_lsn() - '0/0')::float8 as "walBytes"`;

async function p95Of(metrics: Metrics, { latency }: ThrottleConfig, nowMs: number): Promise<number | null> {
  if (!latency) return null;
  const { histogram, labels } = latency;
  const grown = await metrics.histogramIncrease({
    metric: histogram,
    labels,
    fromMs: nowMs - windowMs,
    toMs: nowMs,
  });
  if (grown.count < fewestSamples) return null;
  // Above the last edge nobody knows how far: so much it is at least.
  const edges = grown.buckets.map(({ upperEdge }) => upperEdge).filter(Number.isFinite);
  return (estimateQuantile(grown.buckets, 0.95) ?? edges.at(-1) ?? 0) * 1_000;
}

async function errorsOf(metrics: Metrics, { errors }: ThrottleConfig, nowMs: number): Promise<number | null> {
  if (!errors) return null;
  const within = { fromMs: nowMs - windowMs, toMs: nowMs };
  const [failed, all] = await Promise.all([
    metrics.counterIncrease({ metric: errors.metric, labels: errors.labels, ...within }),
    metrics.counterIncrease({ metric: errors.of.metric, labels: errors.of.labels, ...within }),
  ]);
  return all.value < fewestSamples ? null : (failed.value / all.value) * 100;
}
