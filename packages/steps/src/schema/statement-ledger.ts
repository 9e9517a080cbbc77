import { createHash } from 'node:crypto';
import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import type { StepIdentity } from '../target/ledger.ts';
import type { Task, Way } from './schema-work.ts';

interface Adoption {
  readonly task: Task;
  /** For people: what it is, and whose. */
  readonly what: string;
}

/** Which statements of a migration were begun and which are done, kept in the target beside what they change. */
export class StatementLedger {
  readonly #connection: TargetConnection;
  readonly #step: StepIdentity;

  constructor(connection: TargetConnection, step: StepIdentity) {
    this.#connection = connection;
    this.#step = step;
  }

  /** For use outside of a transaction: every look and every note is one by itself. */
  apart(): StatementLedger {
    return new StatementLedger(eachInTransaction(this.#connection), this.#step);
  }

  /**
   * Which of the statements are done, by their place in the section.
   * @throws TerminalError when the ledger knows another statement in one of the places.
   */
  async finishedAmong(way: Way, tasks: readonly Task[]): Promise<ReadonlySet<number>> {
    const rows = await this.#read(way, tasks);
    return new Set(rows.filter(({ finished }) => finished).map(({ index }) => index));
  }

  async isBegun(way: Way, task: Task): Promise<boolean> {
    return (await this.#read(way, [task])).length > 0;
  }

  async begin(way: Way, task: Task): Promise<void> {
    await this.#connection.query(
      `insert into crossfade_ledger.migrations (run_id, step_id, direction, statement_index, statement_digest)
       values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [this.#step.runId, this.#step.stepId, way, task.index, digestOf(task)],
    );
  }

  /** It was refused before it did anything. */
  async notBegun(way: Way, task: Task): Promise<void> {
    await this.#connection.query(
      `delete from crossfade_ledger.migrations
        where run_id = $1 and step_id = $2 and direction = $3 and statement_index = $4 and finished_at is null`,
      [this.#step.runId, this.#step.stepId, way, task.index],
    );
  }

  async finish(way: Way, tasks: readonly Task[]): Promise<void> {
    await this.#connection.query(
      `insert into crossfade_ledger.migrations
         (run_id, step_id, direction, statement_index, statement_digest, finished_at)
       select $1, $2, $3, place, digest, clock_timestamp() from unnest($4::integer[], $5::text[]) as t (place, digest)
       on conflict (run_id, step_id, direction, statement_index) do update set finished_at = excluded.finished_at`,
      [this.#step.runId, this.#step.stepId, way, tasks.map(({ index }) => index), tasks.map(digestOf)],
    );
  }

  /** The effect of these was there before: they count as done, and not as begun by us. */
  async adopt(found: readonly Adoption[]): Promise<void> {
    await this.#connection.query(
      `insert into crossfade_ledger.adoptions (run_id, step_id, statement_index, statement_digest, what)
       select $1, $2, place, digest, what from unnest($3::integer[], $4::text[], $5::text[]) as t (place, digest, what)
       on conflict do nothing`,
      [
        this.#step.runId,
        this.#step.stepId,
        found.map(({ task }) => task.index),
        found.map(({ task }) => digestOf(task)),
        found.map(({ what }) => what),
      ],
    );
  }

  /** What was found there, in the order of the statements; each once. */
  async adopted(): Promise<readonly string[]> {
    const { rows } = await this.#connection.query<{ what: string }>(
      `select what from crossfade_ledger.adoptions where run_id = $1 and step_id = $2 order by statement_index`,
      [this.#step.runId, this.#step.stepId],
    );
    return [...new Set(rows.map(({ what }) => what))];
  }

  async forgetAdopted(): Promise<void> {
    await this.#connection.query(
      'delete from crossfade_ledger.adoptions where run_id = $1 and step_id = $2',
      [this.#step.runId, this.#step.stepId],
    );
  }

  async begunStatements(way: Way): Promise<ReadonlySet<number>> {
    const { rows } = await this.#connection.query<{ statement_index: number }>(
      `select statement_index from crossfade_ledger.migrations where run_id = $1 and step_id = $2 and direction = $3`,
      [this.#step.runId, this.#step.stepId, way],
    );
    return new Set(rows.map((row) => row.statement_index));
  }

  /** Applying makes an earlier undo void, and a finished undo the earlier application. */
  async forgetOther(way: Way): Promise<void> {
    await this.#connection.query(
      'delete from crossfade_ledger.migrations where run_id = $1 and step_id = $2 and direction <> $3',
      [this.#step.runId, this.#step.stepId, way],
    );
  }

  async #read(way: Way, tasks: readonly Task[]): Promise<readonly { index: number; finished: boolean }[]> {
    const { rows } = await this.#connection.query<{ index: number; digest: string; finished: boolean }>(
      `select statement_index as index, statement_digest as digest, finished_at is not null as finished
         from crossfade_ledger.migrations
        where run_id = $1 and step_id = $2 and direction = $3 and statement_index = any($4::integer[])
       union all
       select statement_index, statement_digest, true from crossfade_ledger.adoptions
        where $3 = 'apply' and run_id = $1 and step_id = $2 and statement_index = any($4::integer[])`,
      [this.#step.runId, this.#step.stepId, way, tasks.map(({ index }) => index)],
    );
    for (const task of tasks) {
      const row = rows.find(({ index }) => index === task.index);
      if (row && row.digest !== digestOf(task)) {
        throw new TerminalError(
          `step ${this.#step.stepId}: statement ${task.index + 1} (line ${task.statement.line}) is not the one that this run began`,
        );
      }
    }
    return rows;
  }
}

function digestOf({ statement }: Task): string {
  return createHash('sha256').update(statement.text).digest('hex');
}
