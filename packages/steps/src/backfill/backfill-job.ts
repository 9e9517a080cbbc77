import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import { quoteTable } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { isContention, sqlStateOf, sqlStates } from '../target/sql-state.ts';
import type { BackfillConfig } from './config.ts';
import { keyOf } from './config.ts';
import { rowKeyOf, type RowKey } from './row-key.ts';
import { chooseOrder, orderByKey, orderByPlace, type RowOrder } from './row-order.ts';
import type { BatchRunner } from './run-batch.ts';
import { readTableFacts } from './table-facts.ts';

export type Way = 'fill' | 'unfill';

/** One pass over a table, in SQL. Everything here is quoted, or was parsed as one expression. */
export interface BackfillJob {
  readonly way: Way;
  readonly connection: TargetConnection;
  readonly context: PerformContext;
  readonly config: BackfillConfig;
  /** Quoted. */
  readonly table: string;
  readonly key: RowKey;
  readonly order: RowOrder;
  /** Constraints or triggers of the table may find a fault only at the commit. */
  readonly hasDeferred: boolean;
  /** True for a row that this pass has to change. */
  readonly todo: string;
  /** Settings that every transaction of this job needs first. */
  prepare?(connection: TargetConnection): Promise<void>;
  /** Does the next rows of a slice. */
  readonly runBatch: BatchRunner;
  /** For slices and the display; null when counting would take too long. */
  readonly estimatedRows: number | null;
}

/** @throws TerminalError when the table or its key cannot carry a backfill. */
export async function openJob(
  way: Way,
  connection: TargetConnection,
  context: PerformContext,
  config: BackfillConfig,
  runBatch: BatchRunner,
): Promise<BackfillJob> {
  const names = keyOf(config);
  const facts = await readTableFacts(connection, config.table, names);
  if ('problem' in facts) {
    const place =
      names.length === 1 ? `${config.table}.${names[0]}` : `${config.table} (${names.join(', ')})`;
    throw new TerminalError(`step ${context.stepId}: ${place} ${facts.problem}`);
  }
  const table = quoteTable(config.table);
  const key = rowKeyOf(table, facts.key);
  const begun = config.order === 'auto' ? await orderBegun(way, connection, context) : null;
  const kind =
    begun ?? (config.order === 'auto' ? chooseOrder(facts.pages, facts.correlation) : config.order);
  const notDone = `coalesce((\n${config.where}\n), false)`;
  return {
    way,
    connection,
    context,
    config,
    table,
    key,
    order: kind === 'place' && facts.isPlain ? orderByPlace(table) : orderByKey(key),
    hasDeferred: facts.hasDeferred,
    todo: way === 'fill' ? notDone : `not ${notDone}`,
    runBatch,
    estimatedRows: facts.estimatedRows > 0 ? facts.estimatedRows : await countRows(connection, config),
  };
}

/**
 * What suits the table changes while it is filled, and cursors are written in the order that was chosen at the beginning: whoever
 * goes on, or helps, or looks afterwards, goes by that. Earlier Crossfades did not write it down: there it is seen by the cursors.
 */
async function orderBegun(
  way: Way,
  connection: TargetConnection,
  { runId, stepId }: PerformContext,
): Promise<RowOrder['kind'] | null> {
  const { rows } = await eachInTransaction(connection).query<{ order: RowOrder['kind'] | null }>(
    `select coalesce(to_jsonb(b) ->> 'row_order', case when b.cursor is not null then 'key' end, (
              select case when coalesce(s.cursor, s.upper) ~ '^\\(\\d+,\\d+\\)$' then 'place' else 'key' end
                from crossfade_ledger.slices s
               where s.run_id = $1 and s.step_id = $2 and s.direction = $3 and coalesce(s.cursor, s.upper) is not null limit 1
            )) as "order"
       from crossfade_ledger.backfills b where run_id = $1 and step_id = $2 and direction = $3`,
    [runId, stepId, way],
  );
  return rows[0]?.order ?? null;
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
