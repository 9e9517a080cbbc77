import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Statement } from '../sql/parse-statements.ts';
import type { LockNeed, RelationName } from '../target/lock-holders.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { sqlStateOf } from '../target/sql-state.ts';
import { setLimits } from '../target/each-in-transaction.ts';
import { withBuildProgress } from '../target/with-build-progress.ts';
import { locksOf } from './lock-strength.ts';
import { retryOnContention } from './retry-on-contention.ts';
import { runStatement } from './run-statement.ts';
import type { SchemaWork, Task, Way } from './schema-work.ts';
import type { ConcurrentIndex } from './statement-facts.ts';

interface FoundRelation {
  readonly schema: string;
  readonly isIndex: boolean;
  /** Of the table that the statement names. */
  readonly onTable: boolean;
  readonly valid: boolean;
  readonly builtNow: boolean;
}

/**
 * A concurrent build waits for every older transaction, and its lock timeout counts that wait, while nobody queues behind it:
 * it may wait long. The statement itself is bounded too, at what the largest tables need.
 */
const lockTimeoutMs = 60_000;
const statementTimeoutMs = 6 * 3_600_000;

/** For the session, which must be our own: such a statement has no transaction that they could end with. */
export async function settingsForConcurrently(connection: TargetConnection): Promise<void> {
  await connection.query(
    `select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)`,
    [String(lockTimeoutMs), String(statementTimeoutMs)],
  );
}

export function needOfConcurrently(statement: Statement): LockNeed {
  return { locks: locksOf([statement]), lockTimeoutMs, concurrently: true };
}

/** Builds an index CONCURRENTLY; an invalid one of that name, which a cut-off build leaves, is dropped and built again. */
export async function buildIndex(
  work: SchemaWork,
  way: Way,
  task: Task,
  index: ConcurrentIndex,
): Promise<void> {
  const { connection } = work;
  const ledger = work.ledger.apart();
  await settingsForConcurrently(connection);
  const wasBegun = await ledger.isBegun(way, task);
  let isBegun = wasBegun;
  await retryOnContention(work, needOfConcurrently(task.statement), async () => {
    const found = await findUnbuilt(work, index);
    const mayBeThere = task.putsBack === true || index.mayBeThere || isBegun;
    if (found?.onTable && found.valid && mayBeThere) return;
    if (found) await dropInvalid(work, index, found);
    await ledger.begin(way, task);
    isBegun = true;
    const label = `line ${task.statement.line} of ${work.config.file} builds ${index.name}`;
    try {
      await withBuildProgress(connection, work.context, label, async () => await runStatement(work, task));
    } catch (error) {
      // Somebody else has made one of that name just before us: it is theirs, and our undo must leave it.
      const isTaken = error instanceof Error && sqlStateOf(error.cause) === duplicateTable;
      if (isTaken && !wasBegun) await ledger.notBegun(way, task);
      throw error;
    }
  });
  await setLimits(connection);
  await ledger.finish(way, [task]);
}

const duplicateTable = '42P07';

/**
 * What bears the name. Of a build by another role the server does not say that it goes on; but it has its table locked from its
 * first moment to its last. So an index that is not valid is looked at again once nobody has.
 */
async function findUnbuilt(work: SchemaWork, index: ConcurrentIndex): Promise<FoundRelation | undefined> {
  const { connection } = work;
  const found = await findRelation(connection, index);
  if (!found?.onTable || found.valid || found.builtNow) return found;
  return await inTransaction(connection, probeLimits, async () => {
    await connection.query(`lock table ${quoted(index.table)} in share update exclusive mode`);
    return await findRelation(connection, index);
  });
}

/** Others do not wait for this: they can read and write. */
const probeLimits = { lockTimeoutMs: 100, statementTimeoutMs: 5_000 };

async function dropInvalid(work: SchemaWork, index: ConcurrentIndex, found: FoundRelation): Promise<void> {
  const { stepId } = work.context;
  const name = `${found.schema}.${index.name}`;
  if (!found.onTable || found.valid) {
    throw new TerminalError(
      `step ${stepId}: ${found.isIndex ? 'an index' : 'a relation'} ${name} was there before this run: ` +
        'it is not ours to replace; rename it, or leave the statement out of the plan',
    );
  }
  if (found.builtNow) {
    throw new TerminalError(`step ${stepId}: somebody else is building the index ${name} at this moment`);
  }
  const { connection } = work;
  await connection.query(
    `drop index concurrently if exists ${quoteIdentifier(found.schema)}.${quoteIdentifier(index.name)}`,
  );
}

/** An index lies in the schema of its table. */
async function findRelation(
  connection: TargetConnection,
  index: ConcurrentIndex,
): Promise<FoundRelation | undefined> {
  const { rows } = await connection.query<FoundRelation>(
    `select n.nspname as schema, i.indexrelid is not null as "isIndex",
            coalesce(i.indrelid = t.oid, false) as "onTable", coalesce(i.indisvalid, true) as valid,
            exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid) as "builtNow"
       from pg_class t
       join pg_class c on c.relnamespace = t.relnamespace and c.relname = $2
       join pg_namespace n on n.oid = c.relnamespace
       left join pg_index i on i.indexrelid = c.oid
      where t.oid = to_regclass($1)`,
    [quoted(index.table), index.name],
  );
  return rows[0];
}

function quoted({ schema, name }: RelationName): string {
  return (schema ? `${quoteIdentifier(schema)}.` : '') + quoteIdentifier(name);
}
