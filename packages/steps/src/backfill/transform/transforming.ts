import { theRow } from '../../sql/the-row.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import type { BackfillJob } from '../backfill-job.ts';
import type { TransformConfig } from '../config.ts';
import { RowNotDone, stillToDo } from '../fill-rows.ts';
import {
  BatchFailure,
  findBatch,
  limitsOf,
  passBatch,
  rangeOf,
  type Batch,
  type BatchRunner,
  type Passed,
} from '../run-batch.ts';
import { finishSlice, lockSlice, type Slice } from '../slice-ledger.ts';
import { asGiven, asRead, asWritten, type Column } from './column-values.ts';
import type { ProcessPool } from './process-pool.ts';
import { rowsInMemory } from './rows-in-memory.ts';
import { TransformFault } from './transform-process.ts';
import type { Change, SourceRow } from './transform-module.ts';

export interface Transforming {
  readonly config: TransformConfig;
  readonly pool: ProcessPool;
  readonly read: readonly Column[];
  readonly written: readonly Column[];
}

interface ReadRow {
  readonly key: string;
  readonly todo: boolean;
  /** Of the row as it was read: it is written only where nobody has written it since. */
  readonly version: string;
}

/**
 * Reads rows, has them changed in a process of their own, and writes them where they are still as they were read; rows that somebody has
 * written meanwhile are locked, and read again then.
 */
export function transforming(given: Transforming): BatchRunner {
  const memory = rowsInMemory([...given.read, ...given.written], given.read);
  return async (job, slice, size) => {
    const startedMs = job.context.clock.elapsedMs();
    const read = await readBatch(given, job, slice, Math.min(size, memory.most));
    if (!read) return await finish(job, slice);
    memory.saw(read.rows);
    const open = read.rows.filter(({ todo }) => todo);
    const changes = await changed(read.batch, async () => await changesOf(given, job, open));
    return await passBatch(
      job,
      slice,
      async () => await Promise.resolve(read.batch),
      async () => {
        const skipped = read.rows.length - open.length;
        const left = open.length === 0 ? [] : await writeUnchanged(given, job, open, changes);
        const late = left.length === 0 ? none : await transformRows(given, job, left);
        return {
          migrated: open.length - left.length + late.migrated,
          skipped: skipped + late.skipped,
          vanished: late.vanished,
        };
      },
      { idleLimitMs: idleLimitOf(given), startedMs },
    );
  };
}

const none: Passed = { migrated: 0, skipped: 0, vanished: 0 };

/** Rows stay locked while a transform is at work on those that changed meanwhile. */
const idleLimitOf = ({ config }: Transforming): number => config.timeout + 10_000;

async function finish(job: BackfillJob, slice: Slice): Promise<{ readonly result: 'end' }> {
  return await inTransaction(job.connection, limitsOf(job, slice), async () => {
    await lockSlice(job, slice);
    await finishSlice(job, slice);
    return { result: 'end' };
  });
}

async function changed<T>(batch: Batch, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new BatchFailure(batch, error);
  }
}

async function readBatch(
  given: Transforming,
  job: BackfillJob,
  slice: Slice,
  size: number,
): Promise<{ readonly batch: Batch; readonly rows: readonly ReadRow[] } | undefined> {
  const limits = { ...limitsOf(job, slice), readOnly: true };
  return await inTransaction(job.connection, limits, async () => {
    await job.prepare?.(job.connection);
    const batch = await findBatch(job, slice, size);
    if (!batch) return undefined;
    const { condition, parameters } = rangeOf(job, slice, batch.lastPosition);
    const { rows } = await job.connection.query<ReadRow>(
      `select ${selected(given, job)} from ${job.table} where ${condition} ${job.order.orderBy}`,
      parameters,
    );
    return { batch, rows };
  });
}

/** Of rows that are done nothing is read but that they are there. */
function selected({ read }: Transforming, { table, key, todo }: BackfillJob): string {
  const columns = read.map((column, at) => `case when ${todo} then ${asRead(table, column)} end as c${at}`);
  return [
    `${key.asText} as key`,
    `${todo} as todo`,
    `${table}.ctid::text as place`,
    `${table}.xmin::text as version`,
    ...columns,
  ].join(', ');
}

async function changesOf(
  { pool, read }: Transforming,
  { context }: BackfillJob,
  rows: readonly ReadRow[],
): Promise<readonly Change[]> {
  if (rows.length === 0) return [];
  const sources: SourceRow[] = rows.map((row) => {
    const values: Readonly<Record<string, unknown>> = { ...row };
    return {
      key: row.key,
      columns: Object.fromEntries(read.map((column, at) => [column.name, asGiven(column, values[`c${at}`])])),
    };
  });
  return await pool.changesOf(sources, context.signal);
}

/** Writes the rows that nobody has written since they were read. Returns the keys of the others. */
async function writeUnchanged(
  given: Transforming,
  job: BackfillJob,
  rows: readonly ReadRow[],
  changes: readonly Change[],
): Promise<readonly string[]> {
  const { done, left } = await write(given, job, rows, changes);
  return done === rows.length ? [] : left;
}

/** Rows that nobody can change now: read anew, and so done for certain, however often they were written before. */
export async function transformRows(
  given: Transforming,
  job: BackfillJob,
  keys: readonly string[],
): Promise<Passed> {
  const { connection, table, key } = job;
  const { rows } = await connection.query<ReadRow>(
    `select ${selected(given, job)} from ${table} where ${key.among('$1')} order by ${key.list} for no key update`,
    [keys],
  );
  const open = rows.filter(({ todo }) => todo);
  if (open.length > 0) {
    const changes = await changesOf(given, job, open);
    const { done } = await write(given, job, open, changes);
    if (done !== open.length) throw new RowNotDone('a trigger of the table suppressed the change');
  }
  return { migrated: open.length, skipped: rows.length - open.length, vanished: keys.length - rows.length };
}

interface Written {
  readonly done: number;
  readonly open: number;
  readonly left: readonly string[];
}

async function write(
  { written }: Transforming,
  job: BackfillJob,
  rows: readonly ReadRow[],
  changes: readonly Change[],
): Promise<Written> {
  const { connection, table, key, todo, way } = job;
  const values = written.map((column) => changes.map((change) => textOf(column, change[column.name])));
  const arrays = written.map(
    ({ plainType, isArray }, at) => `, $${at + 3}::${isArray ? 'text' : plainType}[]`,
  );
  const names = values.map((_, at) => `, crossfade_v${at}`).join('');
  const assignments = written.map(
    ({ name, plainType, isArray }, at) =>
      `${quoteIdentifier(name)} = crossfade_given.crossfade_v${at}${isArray ? `::${plainType}` : ''}`,
  );
  const answer = await connection.query<Written>(
    `with crossfade_given as materialized (
       select * from unnest($1::text[], $2::text[]::xid[]${arrays.join('')}) as crossfade_given (crossfade_key, crossfade_version${names})
     ), crossfade_changed as (
       update ${table} set ${assignments.join(', ')} from crossfade_given
        where ${key.expression} = ${key.fromText('crossfade_given.crossfade_key')} and ${table}.xmin = crossfade_given.crossfade_version
        returning crossfade_given.crossfade_key, ${todo} as crossfade_open
     ), crossfade_counted as (select count(*) as done, count(*) filter (where crossfade_open) as open from crossfade_changed)
     select done::float8, open::float8,
            case when done = cardinality($1::text[]) then '{}'
                 else array(select crossfade_key from crossfade_given except select crossfade_key from crossfade_changed) end as left
       from crossfade_counted`,
    [rows.map((row) => row.key), rows.map(({ version }) => version), ...values],
  );
  const result = theRow(answer.rows);
  if (way === 'fill' && result.open > 0) throw new RowNotDone(stillToDo);
  return result;
}

function textOf(column: Column, value: unknown): string | null {
  try {
    return asWritten(column, value);
  } catch (error) {
    throw new TransformFault(error instanceof Error ? error.message : String(error));
  }
}
