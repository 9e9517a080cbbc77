import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import { quoteIdentifier, quoteTable } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { isContention, sqlStateOf, sqlStates } from '../target/sql-state.ts';
import type { BackfillConfig } from './config.ts';
import { fillRows } from './fill-rows.ts';

export type Way = 'fill' | 'unfill';

/** One pass over a table, in SQL. Everything here is quoted, or was parsed as one expression. */
export interface BackfillJob {
  readonly way: Way;
  readonly connection: TargetConnection;
  readonly context: PerformContext;
  readonly config: BackfillConfig;
  readonly table: string;
  readonly key: string;
  readonly keyType: string;
  /** True for a row that this pass has to change. */
  readonly todo: string;
  /** Settings that every transaction of this job needs first. */
  prepare?(): Promise<void>;
  /** Does what is to be done to these rows, in the transaction that moves the cursor past them. */
  changeRows(job: BackfillJob, keys: readonly string[]): Promise<ChangedRows>;
  /** For the display; null when counting would take too long. */
  readonly estimatedRows: number | null;
}

export interface ChangedRows {
  /** Rows that were to do, and are done. */
  readonly migrated: number;
  /** Rows that were there at all. */
  readonly present: number;
}

interface TableFacts {
  readonly keyType: string | null;
  readonly notNull: boolean | null;
  readonly unique: boolean;
  readonly estimatedRows: number;
}

const keyTypes = new Set(['uuid', 'bigint', 'integer', 'smallint', 'text', 'character varying']);

/** @throws TerminalError when the table or its key cannot carry a backfill. */
export async function openJob(
  way: Way,
  connection: TargetConnection,
  context: PerformContext,
  config: BackfillConfig,
): Promise<BackfillJob> {
  const facts = await readTableFacts(connection, config);
  const keyType = facts.keyType?.replace(/\(\d+\)$/, '');
  const problem = problemOf(facts, keyType);
  if (problem !== undefined || keyType === undefined) {
    throw new TerminalError(`step ${context.stepId}: ${config.table}.${config.key} ${problem}`);
  }
  const notDone = `coalesce((\n${config.where}\n), false)`;
  const set = way === 'fill' || config.undo === 'keep' ? config.set : config.undo.set;
  const assignments = Object.entries(set)
    .map(([column, expression]) => `${quoteIdentifier(column)} = (\n${expression}\n)`)
    .join(', ');
  return {
    way,
    connection,
    context,
    config,
    table: quoteTable(config.table),
    key: `${quoteTable(config.table)}.${quoteIdentifier(config.key)}`,
    keyType,
    todo: way === 'fill' ? notDone : `not ${notDone}`,
    changeRows: async (job, keys) => await fillRows({ ...job, assignments }, keys),
    estimatedRows: facts.estimatedRows > 0 ? facts.estimatedRows : await countRows(connection, config),
  };
}

function problemOf(facts: TableFacts, keyType: string | undefined): string | undefined {
  if (keyType === undefined) return 'does not exist';
  if (!keyTypes.has(keyType)) return `is of type ${keyType}: expected ${[...keyTypes].join(', ')}`;
  if (facts.notNull !== true) return 'may be null: expected a column that is not null';
  if (!facts.unique) return 'has no unique index of its own: expected a primary or unique key';
  return undefined;
}

const countLimits = { lockTimeoutMs: 1_000, statementTimeoutMs: 3_000, readOnly: true };

/** A table that was never analysed has no estimate: a small one is counted. */
async function countRows(connection: TargetConnection, config: BackfillConfig): Promise<number | null> {
  try {
    return await inTransaction(connection, countLimits, async () => {
      const counted = await connection.query<{ rows: number }>(
        `select count(*)::float8 as rows from ${quoteTable(config.table)}`,
      );
      return theRow(counted.rows).rows;
    });
  } catch (error) {
    if (sqlStateOf(error) !== sqlStates.queryCanceled && !isContention(error)) throw error;
    return null;
  }
}

async function readTableFacts(connection: TargetConnection, config: BackfillConfig): Promise<TableFacts> {
  const { rows } = await eachInTransaction(connection).query<TableFacts>(
    `select format_type(a.atttypid, a.atttypmod) as "keyType", a.attnotnull as "notNull",
            exists (select from pg_index i
                     where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null
                       and i.indnkeyatts = 1 and i.indkey[0] = a.attnum) as "unique",
            greatest(c.reltuples, 0)::float8 as "estimatedRows"
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = $2 and not a.attisdropped
      where c.oid = to_regclass($1)`,
    [quoteTable(config.table), config.key],
  );
  return rows[0] ?? { keyType: null, notNull: null, unique: false, estimatedRows: 0 };
}
