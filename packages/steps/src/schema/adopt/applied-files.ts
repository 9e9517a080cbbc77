import { createHash } from 'node:crypto';
import type { TargetConnection } from '@crossfade/engine';
import type { StepIdentity } from '../../target/ledger.ts';
import type { Statement } from '../../sql/parse-statements.ts';

/** What another run applied and did not take back. */
export interface AppliedFile {
  readonly runId: string;
  readonly digest: string;
  /** `2026-01-05 09:00:12 UTC` */
  readonly appliedAt: string;
}

/** Of what a file does, and not of its comments or of how it is taken back: those may change. */
export function digestOfStatements(statements: readonly Statement[]): string {
  const hash = createHash('sha256');
  for (const { text } of statements) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** An earlier Crossfade did not note whose file it was. */
const ofPlan = (name: string): string => `(plan = ${name} or plan is null)`;

/** Which files of a plan were applied to this database, kept beside what they changed. */
export class AppliedFiles {
  readonly #connection: TargetConnection;
  readonly #step: StepIdentity & { readonly planName: string };

  constructor(connection: TargetConnection, step: StepIdentity & { readonly planName: string }) {
    this.#connection = connection;
    this.#step = step;
  }

  /** The newest one by another run. */
  async byAnotherRun(file: string): Promise<AppliedFile | undefined> {
    const { rows } = await this.#connection.query<AppliedFile>(
      `select run_id as "runId", digest, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') as "appliedAt"
         from crossfade_ledger.files where file = $1 and run_id <> $2 and ${ofPlan('$3')}
        order by files.applied_at desc limit 1`,
      [file, this.#step.runId, this.#step.planName],
    );
    return rows[0];
  }

  async note(file: string, digest: string): Promise<void> {
    await this.#connection.query(
      `insert into crossfade_ledger.files (run_id, step_id, file, digest, plan) values ($1, $2, $3, $4, $5)
       on conflict (run_id, step_id) do nothing`,
      [this.#step.runId, this.#step.stepId, file, digest, this.#step.planName],
    );
  }

  /** Of this step: what is being taken back is not applied any more. */
  async forget(): Promise<void> {
    await this.#connection.query('delete from crossfade_ledger.files where run_id = $1 and step_id = $2', [
      this.#step.runId,
      this.#step.stepId,
    ]);
  }

  /** Of other runs: nothing of it is there any more. */
  async forgetOthers(file: string): Promise<void> {
    await this.#connection.query(
      `delete from crossfade_ledger.files where file = $1 and run_id <> $2 and ${ofPlan('$3')}`,
      [file, this.#step.runId, this.#step.planName],
    );
  }
}
