import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import { theRow } from '../../sql/the-row.ts';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import { countOf } from '../../text.ts';
import { openJob, type BackfillJob } from '../backfill-job.ts';
import type { BackfillConfig } from '../config.ts';
import { withTransforming } from '../runner.ts';
import { howToVerify } from './how-to-verify.ts';
import { noFigures, type VerificationFigures } from './verification-ledger.ts';
import { walkAll, type VerifyOptions } from './walk.ts';

export interface Verification extends VerificationFigures {
  /** Of those that are not done: set aside with a reason. */
  readonly quarantined: number;
  /** Why nothing was compared; null where it was. */
  readonly notVerified: string | null;
  readonly tookMs: number;
}

const neverRun = (): never => {
  throw new TerminalError('a verification changes no rows');
};

/** Compares all rows of a backfill that are done by its guard with what they are made from. */
export async function verifyBackfill(
  connection: TargetConnection,
  context: PerformContext,
  config: BackfillConfig,
  options: VerifyOptions,
): Promise<Verification> {
  const startedMs = context.clock.elapsedMs();
  return await withTransforming(connection, context, config, async (transforming) => {
    const job = await openJob('fill', connection, context, config, neverRun);
    const how = await howToVerify(job, config, transforming);
    const compared = 'examiner' in how;
    const [figures = noFigures] = compared
      ? await walkAll([{ job, examiner: how.examiner, part: 'rows' }], options)
      : [];
    return {
      ...figures,
      quarantined: await quarantinedOf(job),
      notVerified: compared ? null : how.notVerified,
      tookMs: Math.round(context.clock.elapsedMs() - startedMs),
    };
  });
}

async function quarantinedOf({ connection, context }: BackfillJob): Promise<number> {
  const { rows } = await eachInTransaction(connection).query<{ rows: number }>(
    'select count(*)::float8 as rows from crossfade_ledger.quarantine where run_id = $1 and step_id = $2',
    [context.runId, context.stepId],
  );
  return theRow(rows).rows;
}

/** How many are named where a step fails. */
const mostNamed = 5;

/** For the facts of the step. @throws TerminalError that names rows which are not what the plan says. */
export async function proveBackfill(
  connection: TargetConnection,
  context: PerformContext,
  config: BackfillConfig,
): Promise<{ readonly verified: number | null; readonly notVerified: string | null }> {
  const { workers, table, verify } = config;
  if (verify === 'off') return { verified: null, notVerified: 'the plan says verify: off' };
  const options = { askedBy: 'step', workers, resume: false } as const;
  const { compared, different, keys, notVerified } = await verifyBackfill(
    connection,
    context,
    config,
    options,
  );
  if (different > 0) {
    const named = keys.slice(0, mostNamed).join(', ');
    throw new TerminalError(
      `step ${context.stepId}: ${countOf(different, 'row')} of ${table} ${different === 1 ? 'is' : 'are'} done by the guard, and not ` +
        `what the plan makes of them: ${named}${different > mostNamed ? ', …' : ''} (where that is as it should be, say it with "verify")`,
    );
  }
  return { verified: notVerified === null ? compared : null, notVerified };
}
