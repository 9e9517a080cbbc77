import type { Transforming } from '../transform/transforming.ts';
import { rowsInMemory, type RowsInMemory } from '../transform/rows-in-memory.ts';
import { asGiven, asRead, asWritten, type Column } from '../transform/column-values.ts';
import { TransformFault } from '../transform/transform-process.ts';
import type { Change, StoredRow } from '../transform/transform-module.ts';
import { messageOf } from '../../target/sql-state.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { BackfillJob } from '../backfill-job.ts';
import type { RangeSql } from '../run-batch.ts';
import type { Examiner, Reading } from './examiner.ts';

interface FoundRow {
  readonly key: string;
  readonly todo: boolean;
  readonly version: string;
}

/** The inverse of what is stored must give what is read beside it. */
export function examineByInverse(given: Transforming, job: BackfillJob): Examiner {
  const memory = memoryFor(given);
  return {
    get mostRows() {
      return mostRowsFor(memory, job);
    },
    async examine(reading, range) {
      const rows = await readRows(given, job, reading, range);
      memory.saw(rows);
      const done = rows.filter(({ todo }) => !todo);
      const stored = done.map((row) => storedRow(given, row));
      const differing = stored.length === 0 ? [] : await given.pool.differingOf(stored, job.context.signal);
      return { rows: rows.length, notDone: rows.length - done.length, differing };
    },
  };
}

/** What the transform gives now must be what is stored. Rows that somebody has written meanwhile are as they left them. */
export function examineByRepeating(given: Transforming, job: BackfillJob): Examiner {
  const memory = memoryFor(given);
  return {
    get mostRows() {
      return mostRowsFor(memory, job);
    },
    async examine(reading, range) {
      const rows = await readRows(given, job, reading, range);
      memory.saw(rows);
      const done = rows.filter(({ todo }) => !todo);
      const sources = done.map((row) => ({ key: row.key, columns: storedRow(given, row).columns }));
      const changes = sources.length === 0 ? [] : await given.pool.changesOf(sources, job.context.signal);
      const differing =
        changes.length === 0 ? [] : await differingFrom(given, job, reading, { rows: done, changes });
      return { rows: rows.length, notDone: rows.length - done.length, differing };
    },
  };
}

/** What a transform takes too long for is halved, and each half costs a process: not more than the plan gives it at once. */
function mostRowsFor({ most }: RowsInMemory, { config }: BackfillJob): number {
  return Math.min(most, config.batch_size);
}

const memoryFor = ({ read, written }: Transforming): RowsInMemory =>
  rowsInMemory([...read, ...written], [...read, ...written]);

async function readRows(
  { read, written }: Transforming,
  { table, key, todo }: BackfillJob,
  reading: Reading,
  { condition, parameters }: RangeSql,
): Promise<readonly FoundRow[]> {
  const values = (columns: readonly Column[], prefix: string): readonly string[] =>
    columns.map((column, at) => `${asRead(table, column)} as ${prefix}${at}`);
  const selected = [
    `${key.asText} as key`,
    `${todo} as todo`,
    `${table}.xmin::text as version`,
    ...values(read, 'r'),
    ...values(written, 'w'),
  ];
  const sql = `select ${selected.join(', ')} from ${table} where ${condition}`;
  return await reading(async (connection) => (await connection.query<FoundRow>(sql, parameters)).rows);
}

function storedRow({ read, written }: Transforming, row: FoundRow): StoredRow {
  const values: Readonly<Record<string, unknown>> = { ...row };
  const picked = (columns: readonly Column[], prefix: string) =>
    Object.fromEntries(columns.map((column, at) => [column.name, asGiven(column, values[`${prefix}${at}`])]));
  return { key: row.key, columns: picked(read, 'r'), stored: picked(written, 'w') };
}

interface Repeated {
  readonly rows: readonly FoundRow[];
  readonly changes: readonly Change[];
}

async function differingFrom(
  { written }: Transforming,
  { table, key }: BackfillJob,
  reading: Reading,
  { rows, changes }: Repeated,
): Promise<readonly string[]> {
  const values = written.map((column) => changes.map((change) => textOf(column, change[column.name])));
  const arrays = values.map((_, at) => `, $${at + 3}::text[]`).join('');
  const names = values.map((_, at) => `, crossfade_v${at}`).join('');
  const differs = written.map(
    ({ name, type }, at) =>
      `${table}.${quoteIdentifier(name)}::text is distinct from crossfade_given.crossfade_v${at}::${type}::text`,
  );
  const sql = `select crossfade_given.crossfade_key as key from unnest($1::text[], $2::text[]${arrays}) as crossfade_given (crossfade_key, crossfade_version${names})
                 join ${table} on ${key.expression} = ${key.fromText('crossfade_given.crossfade_key')} and ${table}.xmin::text = crossfade_given.crossfade_version
                where ${differs.join(' or ')}`;
  const parameters = [rows.map((row) => row.key), rows.map(({ version }) => version), ...values];
  return await reading(async (connection) => {
    const found = await connection.query<{ key: string }>(sql, parameters);
    return found.rows.map((row) => row.key);
  });
}

function textOf(column: Column, value: unknown): string | null {
  try {
    return asWritten(column, value);
  } catch (error) {
    throw new TransformFault(messageOf(error));
  }
}
