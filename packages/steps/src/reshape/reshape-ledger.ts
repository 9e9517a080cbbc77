import type { TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import type { StepIdentity } from '../target/ledger.ts';

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 30_000 };
/** Any number: two who create the table at the same moment must only agree on it. */
const creationLock = 4_735_002;

/** Makes sure of the table in which the SQL of a change of shape is kept, beside what it changes. */
export async function ensureReshapeLedger(connection: TargetConnection): Promise<void> {
  const { rows } = await eachInTransaction(connection).query<{ there: boolean }>(
    `select to_regclass('crossfade_ledger.reshapes') is not null as there`,
  );
  if (rows[0]?.there) return;
  await inTransaction(connection, limits, async () => {
    await connection.query('select pg_advisory_xact_lock($1)', [creationLock]);
    await connection.query(
      `create table if not exists crossfade_ledger.reshapes (
         run_id text not null, step_id text not null, phase text not null, content jsonb not null,
         at timestamptz not null default clock_timestamp(), primary key (run_id, step_id, phase))`,
    );
  });
}

/**
 * What was settled for a phase when it was first begun. It is worked out from the catalog, which the phase itself changes: a
 * successor, and whoever takes it back, must go by the same.
 */
export async function settled<T>(
  connection: TargetConnection,
  step: StepIdentity,
  phase: string,
  workOut: () => Promise<T>,
): Promise<T> {
  const known = await readSettled<T>(connection, step, phase);
  if (known !== undefined) return known;
  const content = await workOut();
  await eachInTransaction(connection).query(
    `insert into crossfade_ledger.reshapes (run_id, step_id, phase, content) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [step.runId, step.stepId, phase, JSON.stringify(content)],
  );
  return (await readSettled<T>(connection, step, phase)) ?? content;
}

export async function readSettled<T>(
  connection: TargetConnection,
  { runId, stepId }: Pick<StepIdentity, 'runId' | 'stepId'>,
  phase: string,
): Promise<T | undefined> {
  const { rows } = await eachInTransaction(connection).query<{ content: T }>(
    'select content from crossfade_ledger.reshapes where run_id = $1 and step_id = $2 and phase = $3',
    [runId, stepId, phase],
  );
  return rows[0]?.content;
}

const ledgers = ['reshapes', 'migrations', 'backfills', 'slices', 'quarantine', 'verifications'];

/** A step that was taken back and is done again in the same run starts from nothing. */
export async function forgetStep(
  connection: TargetConnection,
  { runId, stepId }: StepIdentity,
): Promise<void> {
  await inTransaction(connection, limits, async () => {
    for (const table of ledgers)
      await connection.query(`delete from crossfade_ledger.${table} where run_id = $1 and step_id = $2`, [
        runId,
        stepId,
      ]);
  });
}
