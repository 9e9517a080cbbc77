import { randomUUID } from 'node:crypto';
import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import type { Stretch } from '../slice-ledger.ts';
import type { Examined } from './examiner.ts';

/** Whoever asks anew forgets what it asked before: one account for a step, one for the command, one for each side of a shape. */
export interface VerificationName {
  readonly runId: string;
  readonly stepId: string;
  readonly askedBy: 'step' | 'command';
  readonly part: string;
}

export interface VerificationSlice {
  readonly slice: number;
  readonly verification: string;
  /** The oldest transaction that was still open when the verification began. */
  readonly since: string;
  readonly cursor: string | null;
  readonly upper: string | null;
  readonly finished: boolean;
}

export interface VerificationFigures {
  readonly compared: number;
  readonly notDone: number;
  readonly different: number;
  readonly keys: readonly string[];
}

const mostKeys = 100;
const limits = { lockTimeoutMs: 10_000, statementTimeoutMs: 60_000 };
const named = 'run_id = $1 and step_id = $2 and asked_by = $3 and part = $4';
const valuesOf = ({ runId, stepId, askedBy, part }: VerificationName): readonly string[] => [
  runId,
  stepId,
  askedBy,
  part,
];

/**
 * Forgets what was found before, unless that is to be gone on with, and some of it was not finished.
 * `parts`: all that belong to it, in their order.
 */
export async function openVerification(
  connection: TargetConnection,
  { runId, stepId, askedBy }: Omit<VerificationName, 'part'>,
  parts: readonly string[],
  resume: boolean,
): Promise<void> {
  await eachInTransaction(connection).query(
    `delete from crossfade_ledger.verifications
      where run_id = $1 and step_id = $2 and asked_by = $3
        and not ($4 and exists (
          select from unnest($5::text[]) as p (part)
            left join crossfade_ledger.verifications v
                   on v.run_id = $1 and v.step_id = $2 and v.asked_by = $3 and v.part = p.part
           where v.finished_at is null))`,
    [runId, stepId, askedBy, resume, parts],
  );
}

export async function beginPart(
  connection: TargetConnection,
  name: VerificationName,
  stretches: readonly Stretch[],
): Promise<void> {
  await inTransaction(connection, limits, async () => {
    await connection.query(`delete from crossfade_ledger.verifications where ${named}`, valuesOf(name));
    await connection.query(
      `insert into crossfade_ledger.verifications
         (run_id, step_id, asked_by, part, slice, verification, since, lower, upper, cursor)
       select $1, $2, $3, $4, n, $5, pg_snapshot_xmin(pg_current_snapshot())::text, lower, upper, lower
         from unnest($6::text[], $7::text[]) with ordinality as s (lower, upper, n)`,
      [
        ...valuesOf(name),
        randomUUID(),
        stretches.map(({ lower }) => lower),
        stretches.map(({ upper }) => upper),
      ],
    );
  });
}

export async function readPart(
  connection: TargetConnection,
  name: VerificationName,
): Promise<readonly VerificationSlice[]> {
  const { rows } = await eachInTransaction(connection).query<VerificationSlice>(
    `select slice, verification, since, cursor, upper, finished_at is not null as finished
       from crossfade_ledger.verifications where ${named} order by slice`,
    valuesOf(name),
  );
  return rows;
}

export async function figuresOf(
  connection: TargetConnection,
  name: VerificationName,
): Promise<VerificationFigures> {
  const { rows } = await eachInTransaction(connection).query<VerificationFigures>(
    `select compared::float8, not_done::float8 as "notDone", different::float8, keys
       from crossfade_ledger.verifications where ${named} order by slice`,
    valuesOf(name),
  );
  return rows.reduce(sumOf, noFigures);
}

export const noFigures: VerificationFigures = { compared: 0, notDone: 0, different: 0, keys: [] };

export function sumOf(one: VerificationFigures, other: VerificationFigures): VerificationFigures {
  return {
    compared: one.compared + other.compared,
    notDone: one.notDone + other.notDone,
    different: one.different + other.different,
    keys: [...new Set([...one.keys, ...other.keys])].slice(0, mostKeys),
  };
}

/**
 * Moves a slice's cursor behind rows that were looked at. No commit waits for the disk: what a crash takes is looked at again.
 * @throws TerminalError when another verification of the same name has begun.
 */
export async function bookExamined(
  connection: TargetConnection,
  name: VerificationName,
  { slice, verification }: VerificationSlice,
  { rows, notDone, differing }: Examined,
  cursor: string | null,
): Promise<void> {
  await inTransaction(connection, limits, async () => {
    await connection.query('set local synchronous_commit = off');
    const { rowCount } = await connection.query(
      `update crossfade_ledger.verifications
          set cursor = coalesce($7, cursor), compared = compared + $8, not_done = not_done + $9, different = different + $10,
              keys = (keys || $11::text[])[1:${mostKeys}], at = clock_timestamp(),
              finished_at = case when $7::text is null then clock_timestamp() end
        where ${named} and slice = $5 and verification = $6`,
      [
        ...valuesOf(name),
        slice,
        verification,
        cursor,
        rows - notDone,
        notDone,
        differing.length,
        differing.slice(0, mostKeys),
      ],
    );
    if (rowCount === 0) {
      throw new TerminalError(
        `step ${name.stepId}: another verification of it has begun, and this one ends here`,
      );
    }
  });
}
