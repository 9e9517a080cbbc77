import type { PerformContext, StepType, TargetConnection } from '@crossfade/engine';
import type { BackfillConfig } from '../backfill/config.ts';
import { backfillStep } from '../backfill/definition.ts';
import { noFigures } from '../backfill/verify/verification-ledger.ts';
import { verifyBackfill, type Verification } from '../backfill/verify/verify-backfill.ts';
import type { VerifyOptions } from '../backfill/verify/walk.ts';
import type { ReshapeConfig } from '../reshape/config.ts';
import { reshapeStep } from '../reshape/definition.ts';
import { ensureReshapeLedger, readSettled } from '../reshape/reshape-ledger.ts';
import { resolveShape } from '../reshape/shape.ts';
import type { TableFacts } from '../reshape/table-facts.ts';
import { findTables, verifyShape } from '../reshape/verify.ts';
import { theRow } from '../sql/the-row.ts';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { ensureLedger } from '../target/ledger.ts';
import { withTarget } from '../target/with-target.ts';

/** What a verification needs of the world. It leads nothing, and changes nothing but its own account. */
export type VerifyContext = Pick<
  PerformContext,
  'runId' | 'stepId' | 'signal' | 'files' | 'target' | 'clock' | 'random' | 'report'
> &
  Pick<VerifyOptions, 'workers' | 'resume'>;

/** A step of a bound plan that holds rows to compare; its settings were parsed when it was bound. */
export type VerifiableStep =
  | { readonly type: 'backfill'; readonly config: BackfillConfig }
  | { readonly type: 'reshape'; readonly config: ReshapeConfig };

/** Undefined for a step that has no rows to compare. */
export function asVerifiable(type: StepType<unknown>, config: unknown): VerifiableStep | undefined {
  const [backfill, reshape]: readonly StepType<unknown>[] = [backfillStep, reshapeStep];
  if (type === backfill) return { type: 'backfill', config: config as BackfillConfig };
  return type === reshape ? { type: 'reshape', config: config as ReshapeConfig } : undefined;
}

/**
 * Compares what a step has made with what it is made from: at any time after it has begun, whoever writes meanwhile.
 * @throws TerminalError when the table or its columns are not as the plan says.
 */
export async function verifyStep(step: VerifiableStep, given: VerifyContext): Promise<Verification> {
  const context = contextOf(given);
  const options: VerifyOptions = { askedBy: 'command', workers: given.workers, resume: given.resume };
  return await withTarget(context, async (connection) => {
    await ensureLedger(connection);
    return step.type === 'backfill'
      ? await verifyBackfill(connection, context, step.config, options)
      : await verifyReshape(connection, context, options);
  });
}

async function verifyReshape(
  connection: TargetConnection,
  context: PerformContext,
  options: VerifyOptions,
): Promise<Verification> {
  const startedMs = context.clock.elapsedMs();
  await ensureReshapeLedger(connection);
  const nothing = (notVerified: string): Verification => ({
    ...noFigures,
    quarantined: 0,
    notVerified,
    tookMs: 0,
  });
  const facts = await readSettled<TableFacts>(connection, context, 'facts');
  const config = await readSettled<ReshapeConfig>(connection, context, 'config');
  if (!facts || !config) return nothing('both shapes are not there yet, or not any more');
  if (await readSettled(connection, context, 'contracted'))
    return nothing('its old shape was dropped by its contract step');
  const shape = resolveShape(config, facts);
  const tables = await findTables(shape, connection);
  if (!tables) return nothing('both shapes are not there yet, or not any more');
  const isFilled = await isFillFinished(connection, context);
  const figures = await verifyShape(shape, tables, connection, context, { ...options, isFilled });
  const tookMs = Math.round(context.clock.elapsedMs() - startedMs);
  return { ...figures, quarantined: 0, notVerified: null, tookMs };
}

async function isFillFinished(
  connection: TargetConnection,
  { runId, stepId }: PerformContext,
): Promise<boolean> {
  const { rows } = await eachInTransaction(connection).query<{ finished: boolean }>(
    `select not exists (select from crossfade_ledger.backfills
                         where run_id = $1 and step_id = $2 and direction = 'fill' and finished_at is null) as finished`,
    [runId, stepId],
  );
  return theRow(rows).finished;
}

/** Under a name of its own: a leader that takes over ends what bears the name of its step. */
function contextOf(given: VerifyContext): PerformContext {
  const never = (): never => {
    throw new Error('a verification has nothing to do with that');
  };
  const { target, stepId } = given;
  return {
    ...given,
    planName: '',
    laterSteps: [],
    token: 0,
    speed: 1,
    segments: {},
    target: {
      withConnection: async (options, work) =>
        await target.withConnection({ ...options, applicationName: `crossfade verify ${stepId}` }, work),
    },
    store: { addSegmentMembers: never },
    metrics: { counterIncrease: never, histogramIncrease: never, ask: never },
    notifier: { send: never },
  };
}
