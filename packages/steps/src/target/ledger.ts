import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from './each-in-transaction.ts';
import { theRow } from '../sql/the-row.ts';
import { inTransaction } from './in-transaction.ts';
import { sqlStateOf } from './sql-state.ts';

/** By name; whoever reads one that an earlier Crossfade did not have yet finds it made. */
const tables: Readonly<Record<string, string>> = {
  fences: `create table if not exists crossfade_ledger.fences (
     run_id text not null, step_id text not null, token bigint not null,
     primary key (run_id, step_id))`,
  migrations: `create table if not exists crossfade_ledger.migrations (
     run_id text not null, step_id text not null, direction text not null, statement_index integer not null,
     statement_digest text not null, started_at timestamptz not null default clock_timestamp(),
     finished_at timestamptz,
     primary key (run_id, step_id, direction, statement_index))`,
  backfills: `create table if not exists crossfade_ledger.backfills (
     run_id text not null, step_id text not null, direction text not null, token bigint not null,
     cursor text, upper text, sweep integer not null default 1,
     passed bigint not null default 0, migrated bigint not null default 0, skipped bigint not null default 0,
     quarantined bigint not null default 0, vanished bigint not null default 0, batches bigint not null default 0,
     active_ms bigint not null default 0,
     started_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz not null default clock_timestamp(), finished_at timestamptz,
     primary key (run_id, step_id, direction),
     constraint every_row_is_accounted_for check (migrated + skipped + quarantined + vanished = passed))`,
  /** Stretches of a backfill's rows, each (lower, upper] and done up to its cursor, which one worker holds at a time. */
  slices: `create table if not exists crossfade_ledger.slices (
     run_id text not null, step_id text not null, direction text not null, sweep integer not null, slice integer not null,
     lower text, upper text, cursor text, cut_by text not null,
     token bigint, holder text, attempt integer not null default 0, lease_until timestamptz,
     passed bigint not null default 0, migrated bigint not null default 0, skipped bigint not null default 0,
     quarantined bigint not null default 0, vanished bigint not null default 0, batches bigint not null default 0,
     active_ms bigint not null default 0, finished_at timestamptz,
     primary key (run_id, step_id, direction, sweep, slice),
     constraint every_row_is_accounted_for check (migrated + skipped + quarantined + vanished = passed))`,
  /** Who leads a backfill, last seen when, and what it lets workers of other processes do. */
  leads: `create table if not exists crossfade_ledger.leads (
     run_id text not null, step_id text not null, direction text not null, token bigint not null,
     seen_at timestamptz not null default clock_timestamp(), duty double precision not null default 1, paused_because text,
     primary key (run_id, step_id, direction))`,
  quarantine: `create table if not exists crossfade_ledger.quarantine (
     run_id text not null, step_id text not null, row_key text not null, reason text not null, sqlstate text,
     attempts integer not null, at timestamptz not null default clock_timestamp(),
     primary key (run_id, step_id, row_key))`,
  /** Comparisons of what a step has made with what it is made from, a stretch of the rows each, done up to the cursor. */
  verifications: `create table if not exists crossfade_ledger.verifications (
     run_id text not null, step_id text not null, asked_by text not null, part text not null, slice integer not null,
     verification text not null, since text not null, lower text, upper text, cursor text,
     compared bigint not null default 0, not_done bigint not null default 0, different bigint not null default 0,
     keys text[] not null default '{}',
     at timestamptz not null default clock_timestamp(), finished_at timestamptz,
     primary key (run_id, step_id, asked_by, part, slice))`,
  /** What the file of a step came to, once all of it is done: another run must neither do it twice nor pass over a change. */
  files: `create table if not exists crossfade_ledger.files (
     run_id text not null, step_id text not null, file text not null, digest text not null,
     applied_at timestamptz not null default clock_timestamp(), plan text,
     primary key (run_id, step_id))`,
  /** Statements whose effect was there before the run came to them: not its to take back. */
  adoptions: `create table if not exists crossfade_ledger.adoptions (
     run_id text not null, step_id text not null, statement_index integer not null, statement_digest text not null,
     what text not null, adopted_at timestamptz not null default clock_timestamp(),
     primary key (run_id, step_id, statement_index))`,
  /** What a recipe became when it was first applied: gone on with and taken back by the same statements. */
  recipes: `create table if not exists crossfade_ledger.recipes (
     run_id text not null, step_id text not null, change text not null, apply text[] not null, revert text[] not null,
     together boolean not null, server_major integer not null, made_at timestamptz not null default clock_timestamp(),
     primary key (run_id, step_id))`,
};

/** What an earlier Crossfade made its tables without. */
const laterColumns: readonly (readonly [table: string, column: string, type: string])[] = [
  ['files', 'plan', 'text'],
  /** In which order cursors are written: null where an earlier Crossfade has begun it. */
  ['backfills', 'row_order', 'text'],
];

/** Any number: two who create the ledger at the same moment must only agree on it. */
const creationLock = 4_735_001;
const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 30_000 };

/**
 * Makes sure that the ledger lies beside the data: a row and what accounts for it commit together.
 * @throws TerminalError with the GRANT that is missing, for a role that may not make it.
 */
export async function ensureLedger(connection: TargetConnection): Promise<void> {
  try {
    if (await isComplete(connection)) return;
    await inTransaction(connection, limits, async () => await makeLedger(connection));
  } catch (error) {
    throw sqlStateOf(error) === insufficientPrivilege ? await notAllowed(connection, error) : error;
  }
}

async function isComplete(connection: TargetConnection): Promise<boolean> {
  const { rows } = await eachInTransaction(connection).query<{ complete: boolean }>(
    `select (select bool_and(to_regclass('crossfade_ledger.' || name) is not null) from unnest($1::text[]) as name)
        and (select bool_and(exists (select from pg_attribute
                                      where attrelid = to_regclass('crossfade_ledger.' || t.name) and attname = t.part))
               from unnest($2::text[], $3::text[]) as t (name, part)) as complete`,
    [Object.keys(tables), laterColumns.map(([table]) => table), laterColumns.map(([, column]) => column)],
  );
  return theRow(rows).complete;
}

async function makeLedger(connection: TargetConnection): Promise<void> {
  await connection.query('select pg_advisory_xact_lock($1)', [creationLock]);
  const { rows } = await connection.query<{ there: boolean }>(
    `select to_regnamespace('crossfade_ledger') is not null as there`,
  );
  // IF NOT EXISTS asks for the right to create one also where it is there.
  if (!theRow(rows).there) await connection.query('create schema crossfade_ledger');
  for (const table of Object.values(tables)) await connection.query(table);
  for (const [table, column, type] of laterColumns)
    await connection.query(
      `alter table crossfade_ledger.${table} add column if not exists ${column} ${type}`,
    );
}

const insufficientPrivilege = '42501';

async function notAllowed(connection: TargetConnection, cause: unknown): Promise<TerminalError> {
  const { rows } = await eachInTransaction(connection).query<{
    role: string;
    database: string;
    there: boolean;
  }>(
    `select quote_ident(current_user) as role, quote_ident(current_database()) as database,
            exists (select from pg_namespace where nspname = 'crossfade_ledger') as there`,
  );
  const { role, database, there } = theRow(rows);
  const mend = there
    ? `it is there and belongs to somebody else: alter schema crossfade_ledger owner to ${role}, and the tables in it, or work as its owner`
    : `grant create on database ${database} to ${role}; or have it made by somebody who may: create schema crossfade_ledger authorization ${role}`;
  return new TerminalError(
    `role ${role} may not make the ledger that lies beside the data, schema crossfade_ledger: ${mend}`,
    { cause },
  );
}

export interface StepIdentity {
  readonly runId: string;
  readonly stepId: string;
  readonly token: number;
}

/**
 * Makes this leader the one that may change things for the step, and locks its row until the transaction ends.
 * @throws TerminalError when a later leader has been here.
 */
export async function claimStep(connection: TargetConnection, step: StepIdentity): Promise<void> {
  const { rowCount } = await connection.query(
    `insert into crossfade_ledger.fences as f (run_id, step_id, token) values ($1, $2, $3)
     on conflict (run_id, step_id) do update set token = excluded.token where f.token <= excluded.token`,
    [step.runId, step.stepId, step.token],
  );
  if (rowCount === 0) throw fenced(step);
}

export function fenced(step: StepIdentity): TerminalError {
  return new TerminalError(
    `step ${step.stepId}: fenced: another controller took over (token ${step.token} is no longer the newest)`,
  );
}
