import { TerminalError, type EffectCall, type JsonObject, type PerformContext } from '@crossfade/engine';
import { theRow } from '../sql/the-row.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { takeOver } from '../target/take-over.ts';
import { withTarget } from '../target/with-target.ts';
import { countOf } from '../text.ts';
import { openJob, type BackfillJob, type Way } from './backfill-job.ts';
import {
  closeAccount,
  forgetFailedUndo,
  openAccount,
  readAccount,
  startNextSweep,
  theAccount,
  type Account,
} from './backfill-ledger.ts';
import type { BackfillConfig } from './config.ts';
import { passAll } from './crew.ts';
import { describePace, rowsPerSecondLimit } from './pace.ts';
import { firstQuarantined, isFaultOfRow } from './quarantine.ts';
import { withRunner } from './runner.ts';
import { Governor } from './throttle/governor.ts';
import { proveBackfill } from './verify/verify-backfill.ts';

/**
 * Beyond the first: for rows that were written past the dual write while it was being switched on. Where nothing writes both,
 * each sweep is shorter than the one before, as long as rows come more slowly than they are filled.
 */
const furtherSweeps = { trigger: 3, application: 3, sweep: 40 };
const recountLimits = { lockTimeoutMs: 10_000, statementTimeoutMs: 600_000, readOnly: true };

/** Fills a table, or takes that back; performed again, it goes on behind the last batch that was committed. */
export async function performBackfill(
  effect: EffectCall<BackfillConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  const { config, kind } = effect;
  if (kind !== 'fill' && kind !== 'unfill') throw new TerminalError(`backfill has no effect ${kind}`);
  return await withTarget(context, async (connection) => {
    await takeOver(connection, context);
    if (kind === 'unfill' && !(await readAccount({ connection, context }, 'fill'))) {
      // What was done in the table before is not this run's to take back.
      return { rows: 0 };
    }
    const result = await withRunner(kind, connection, context, config, async (runBatch) => {
      const job = await openJob(kind, connection, context, config, runBatch);
      if (kind === 'unfill') await forgetFailedUndo(job);
      return await runBackfill(job, kind);
    });
    const isFailing = Number(result['quarantined']) > config.tolerate;
    if (kind === 'unfill' || isFailing) return result;
    return { ...result, ...(await proveBackfill(connection, context, config)) };
  });
}

/** Passes all rows, goes over what was missed, and tells how it went; begun by an earlier leader, it goes on from there. */
export async function runBackfill(job: BackfillJob, way: Way): Promise<JsonObject> {
  let account = await openAccount(job);
  const governor = new Governor(job);
  if (!account.finished) {
    await passAll(job, account, governor);
    const remaining = way === 'fill' ? await sweepWhatWasMissed(job, governor) : undefined;
    // Given up before its last row it stays open: once rows are mended, whoever performs it again goes on.
    account = await theAccount(job);
    const isGivenUp = way === 'fill' && account.quarantined > job.config.tolerate;
    if (!isGivenUp) account = await closeAccount(job);
    return { ...(await resultOf(job, account, remaining)), ...governor.facts() };
  }
  return { ...(await resultOf(job, account)), ...governor.facts() };
}

/** Done is only what a recount finds done. Returns how many rows that leaves, where they were counted. */
async function sweepWhatWasMissed(job: BackfillJob, governor: Governor): Promise<number | undefined> {
  const { config, context } = job;
  for (;;) {
    const account = await theAccount(job);
    // Too many bad rows: it ended before the last row, and the recount is only for the report.
    if (account.quarantined > config.tolerate) return undefined;
    const { remaining, missed } = await recount(job, account);
    if (missed === 0) return remaining;
    if (account.sweep > furtherSweeps[config.dual_write]) {
      const why =
        config.dual_write === 'sweep'
          ? 'rows are written faster than they are filled: have them written in both shapes, by a trigger or the application'
          : `new rows are not written by the ${config.dual_write} as the plan says`;
      throw new TerminalError(
        `step ${context.stepId}: ${countOf(missed, 'row')} of ${config.table} still to do after ${account.sweep} sweeps: ${why}`,
      );
    }
    await passAll(job, await startNextSweep(job), governor);
  }
}

/** Rows to do by the guard, and those among them that nobody set aside. */
async function recount(
  job: BackfillJob,
  { passed }: Account,
): Promise<{ remaining: number; missed: number }> {
  const { connection, config, context, table, key, todo, way } = job;
  const note = `counts what is ${way === 'fill' ? 'left to do' : 'taken back'} in ${config.table}`;
  context.report({ done: passed, total: passed, unit: 'rows', note });
  const ask = async (open: string) =>
    await inTransaction(connection, recountLimits, async () => {
      await job.prepare?.(connection);
      const { rows } = await connection.query<{ remaining: number; missed: number }>(
        `with crossfade_aside as (select row_key from crossfade_ledger.quarantine where run_id = $1 and step_id = $2)
         select count(*)::float8 as remaining, (count(*) filter (where crossfade_aside.row_key is null))::float8 as missed
           from (${open}) as open left join crossfade_aside on crossfade_aside.row_key = open.key`,
        [context.runId, context.stepId],
      );
      return theRow(rows);
    });
  try {
    return await ask(`select ${key.asText} as key from ${table} where ${todo}`);
  } catch (error) {
    if (!isFaultOfRow(error)) throw error;
    // The guard itself fails with rows that were set aside: these count as still to do without being asked.
    return await ask(`select key from (
      select ${key.asText} as key, case when ${key.asText} in (select row_key from crossfade_aside) then true else ${todo} end as todo
        from ${table}) as asked where todo`);
  }
}

async function resultOf(job: BackfillJob, account: Account, counted?: number): Promise<JsonObject> {
  const { passed, migrated, skipped, quarantined, vanished, batches, activeMs, elapsedMs } = account;
  const remaining = counted ?? (await recount(job, account)).remaining;
  const { pace } = job.config;
  const limit = rowsPerSecondLimit(pace, job.context.speed);
  return {
    rows: passed,
    migrated,
    skipped,
    quarantined,
    vanished,
    remaining,
    batches,
    tookMs: activeMs,
    elapsedMs: Math.round(elapsedMs),
    rowsPerSecond: Math.round(((passed * job.config.workers) / Math.max(1, activeMs)) * 1_000),
    effectiveRowsPerSecondLimit: limit === null ? null : Math.round(limit * 1_000) / 1_000,
    pace: pace ? describePace(pace, job.context.speed) : null,
    firstQuarantined: quarantined > 0 ? await firstQuarantined(job) : null,
  };
}
