import type { PerformContext, TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from './each-in-transaction.ts';
import { endLeftOvers } from './end-left-overs.ts';
import { inTransaction } from './in-transaction.ts';
import { claimStep, ensureLedger } from './ledger.ts';
import { sqlStateOf, sqlStates } from './sql-state.ts';

/**
 * Makes this controller the only one at work for the step: claims it, then ends what a dead leader left running. In this
 * order, so that a leader that comes late ends nobody: it is refused when it claims.
 * @throws TerminalError when a later leader has been here.
 */
export async function takeOver(connection: TargetConnection, context: PerformContext): Promise<void> {
  const limited = eachInTransaction(connection);
  await ensureLedger(connection);
  if (!(await claimSoon(connection, context))) {
    await endLeftOvers(limited, context);
    await claimStep(limited, context);
  }
  await endLeftOvers(limited, context);
}

/** A leader holds the row of its step for a moment when it takes over, and for long only when it has taken over before. */
const limits = { lockTimeoutMs: 2_000, statementTimeoutMs: 60_000 };

/** False when somebody holds the step's row: a dead leader may, whose transaction goes on. */
async function claimSoon(connection: TargetConnection, context: PerformContext): Promise<boolean> {
  try {
    await inTransaction(connection, limits, async () => await claimStep(connection, context));
    return true;
  } catch (error) {
    if (sqlStateOf(error) === sqlStates.lockNotAvailable) return false;
    throw error;
  }
}
