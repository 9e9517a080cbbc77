import type { PerformContext, TargetConnection } from '@crossfade/engine';
import { endLeftOvers } from './end-left-overs.ts';
import { claimStep, ensureLedger, fenced } from './ledger.ts';

/**
 * Makes this controller the only one at work for the step: what a dead leader left running is ended first, as it may hold
 * the very row by which the step is claimed.
 * @throws TerminalError when a later leader has been here.
 */
export async function takeOver(connection: TargetConnection, context: PerformContext): Promise<void> {
  // For what is done outside of transactions, too: no wait is without an end.
  await connection.query(
    `select set_config('lock_timeout', '10000', false), set_config('statement_timeout', '60000', false)`,
  );
  await ensureLedger(connection);
  const { rows } = await connection.query<{ newer: boolean }>(
    'select token > $3 as newer from crossfade_ledger.fences where run_id = $1 and step_id = $2',
    [context.runId, context.stepId, context.token],
  );
  if (rows[0]?.newer) throw fenced(context);
  await endLeftOvers(connection, context);
  await claimStep(connection, context);
}
