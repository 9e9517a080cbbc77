import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { ensureLedger } from '../target/ledger.ts';
import { messageOf, sqlStateOf } from '../target/sql-state.ts';
import { withTarget } from '../target/with-target.ts';
import { openJob, type BackfillJob } from './backfill-job.ts';
import type { BackfillConfig } from './config.ts';
import { assignmentsOf, fillRows } from './fill-rows.ts';
import { isFaultOfRow, longestReason } from './quarantine.ts';
import type { Passed } from './run-batch.ts';
import { withTransforming } from './runner.ts';
import { transformRows } from './transform/transforming.ts';

/** A row that was set aside. */
export interface Quarantined {
  readonly key: string;
  readonly reason: string;
  readonly attempts: number;
  /** `2026-01-05 09:00:12 UTC` */
  readonly at: string;
}

/** What a retry needs of the world. It leads nothing. */
export type RetryContext = Pick<
  PerformContext,
  'runId' | 'stepId' | 'signal' | 'speed' | 'files' | 'target' | 'clock' | 'random'
>;

export interface Retried {
  readonly filled: number;
  /** Done by somebody else since. */
  readonly doneAlready: number;
  /** Deleted since. */
  readonly gone: number;
  /** What is set aside still, with its newest reason. */
  readonly left: readonly Quarantined[];
}

/** Rows of a step that are set aside, the oldest first; at most so many. */
export async function readQuarantined(context: RetryContext, most: number): Promise<readonly Quarantined[]> {
  return await withLedger(context, async (connection, full) => await quarantinedOf(connection, full, most));
}

/**
 * Tries rows that were set aside once more, each in a transaction of its own with its account, once somebody has mended them or
 * what stood in their way; `keys`: only these.
 * @throws TerminalError when the table or its columns are not as the plan says.
 */
export async function retryQuarantined(
  context: RetryContext,
  config: BackfillConfig,
  keys: readonly string[] | null,
): Promise<Retried> {
  return await withLedger(
    context,
    async (connection, full) =>
      await withTransforming(connection, full, config, async (transforming) => {
        const job = await openJob('fill', connection, full, config, neverRun);
        const assignments = assignmentsOf(config.set ?? {});
        const change = async (key: string): Promise<Passed> => {
          if (transforming) return await transformRows(transforming, job, [key]);
          const { migrated, present } = await fillRows(job, assignments, [key]);
          return { migrated, skipped: present - migrated, vanished: 1 - present };
        };
        const all = await quarantinedOf(connection, full, null);
        const chosen = all.filter(({ key }) => keys === null || keys.includes(key));
        const total = { migrated: 0, skipped: 0, vanished: 0 };
        for (const { key } of chosen) {
          context.signal.throwIfAborted();
          const passed = await retryRow(job, key, change);
          total.migrated += passed.migrated;
          total.skipped += passed.skipped;
          total.vanished += passed.vanished;
        }
        const left = await quarantinedOf(connection, full, null);
        return { filled: total.migrated, doneAlready: total.skipped, gone: total.vanished, left };
      }),
  );
}

const neverRun = (): never => {
  throw new Error('a retry passes no slices');
};

async function withLedger<T>(
  context: RetryContext,
  work: (connection: TargetConnection, full: PerformContext) => Promise<T>,
): Promise<T> {
  const never = (): never => {
    throw new Error('a retry has nothing to do with that');
  };
  const full: PerformContext = {
    ...context,
    planName: '',
    laterSteps: [],
    token: 0,
    segments: {},
    store: { addSegmentMembers: never },
    metrics: { counterIncrease: never, histogramIncrease: never, ask: never },
    notifier: { send: never },
    report: () => undefined,
  };
  return await withTarget(full, async (connection) => {
    await ensureLedger(connection);
    return await work(connection, full);
  });
}

async function quarantinedOf(
  connection: TargetConnection,
  { runId, stepId }: PerformContext,
  most: number | null,
): Promise<readonly Quarantined[]> {
  const { rows } = await eachInTransaction(connection).query<Quarantined>(
    `select row_key as key, reason, attempts, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') as at
       from crossfade_ledger.quarantine where run_id = $1 and step_id = $2 order by quarantine.at, row_key limit $3`,
    [runId, stepId, most],
  );
  return rows;
}

const nothing: Passed = { migrated: 0, skipped: 0, vanished: 0 };

async function retryRow(
  job: BackfillJob,
  key: string,
  change: (key: string) => Promise<Passed>,
): Promise<Passed> {
  const { connection, context, config } = job;
  const limits = {
    lockTimeoutMs: config.lock_timeout,
    statementTimeoutMs: config.statement_timeout,
    idleLimitMs: (config.transform?.timeout ?? 0) + 10_000,
  };
  try {
    return await inTransaction(connection, limits, async () => {
      await refuseTakenBack(job);
      const taken = await connection.query(
        'delete from crossfade_ledger.quarantine where run_id = $1 and step_id = $2 and row_key = $3',
        [context.runId, context.stepId, key],
      );
      // Somebody else has just retried it.
      if (taken.rowCount === 0) return nothing;
      const passed = await change(key);
      await rebook(job, passed);
      return passed;
    });
  } catch (error) {
    if (!isFaultOfRow(error)) throw error;
    await eachInTransaction(connection).query(
      `update crossfade_ledger.quarantine set reason = $4, sqlstate = $5, attempts = attempts + 1, at = clock_timestamp()
        where run_id = $1 and step_id = $2 and row_key = $3`,
      [
        context.runId,
        context.stepId,
        key,
        messageOf(error).slice(0, longestReason),
        sqlStateOf(error) ?? null,
      ],
    );
    return nothing;
  }
}

/** Whoever takes the step back waits for this lock, and whoever comes after them sees what they have begun. */
async function refuseTakenBack({ connection, context }: BackfillJob): Promise<void> {
  const step = [context.runId, context.stepId];
  await connection.query(
    `select from crossfade_ledger.backfills where run_id = $1 and step_id = $2 and direction = 'fill' for share`,
    step,
  );
  const { rowCount } = await connection.query(
    `select from crossfade_ledger.backfills where run_id = $1 and step_id = $2 and direction = 'unfill'`,
    step,
  );
  if (rowCount > 0)
    throw new TerminalError(
      `step ${context.stepId} is being taken back, or was: there is nothing to fill any more`,
    );
}

/** It was counted as set aside, in one of the slices, or by an earlier Crossfade in the account itself. */
async function rebook(
  { connection, context }: BackfillJob,
  { migrated, skipped, vanished }: Passed,
): Promise<void> {
  const counts =
    'quarantined = quarantined - 1, migrated = migrated + $3, skipped = skipped + $4, vanished = vanished + $5';
  const values = [context.runId, context.stepId, migrated, skipped, vanished];
  // Locked first: a worker that is at the slice moves its row on, which one statement for both would not find.
  const { rows } = await connection.query<{ sweep: number; slice: number }>(
    `select sweep, slice from crossfade_ledger.slices
      where run_id = $1 and step_id = $2 and direction = 'fill' and quarantined > 0 order by sweep, slice limit 1 for update`,
    [context.runId, context.stepId],
  );
  const [place] = rows;
  const rebooked = place
    ? await connection.query(
        `update crossfade_ledger.slices set ${counts}
          where run_id = $1 and step_id = $2 and direction = 'fill' and sweep = $6 and slice = $7`,
        [...values, place.sweep, place.slice],
      )
    : await connection.query(
        `update crossfade_ledger.backfills set ${counts}
          where run_id = $1 and step_id = $2 and direction = 'fill' and quarantined > 0`,
        values,
      );
  if (rebooked.rowCount === 0)
    throw new Error(`step ${context.stepId}: no account of it knows of a row that was set aside`);
}
