import { theRow } from '../sql/the-row.ts';
import type { BackfillJob } from './backfill-job.ts';
import type { Stretch } from './slice-ledger.ts';

/** Long enough that claiming one costs nothing, short enough that what a dead worker held is soon done by others. */
const rowsInSlice = 50_000;
const mostSlices = 512;
/** Bounds are found among so many rows at least: they come by the page, and few pages would say nothing of the others. */
const sampledRows = 30_000;
const sampledInSlice = 100;

/** The whole of the table as it is now, up to its last row: later rows are dual-written. */
export async function wholeTable({ connection, table, key, order }: BackfillJob): Promise<Stretch> {
  if (order.kind === 'place')
    return { lower: null, upper: `(${(await lastPage(connection, table)) - 1},65535)` };
  const backwards = key.columns.map(({ name }) => `"${name.replaceAll('"', '""')}" desc`).join(', ');
  const { rows } = await connection.query<{ upper: string }>(
    `select ${order.asText} as upper from ${table} order by ${backwards} limit 1`,
  );
  return { lower: null, upper: rows[0]?.upper ?? null };
}

/** Stretches that follow one another and hold about as many rows each; of a table without rows, none. */
export async function cutSlices(job: BackfillJob): Promise<readonly Stretch[]> {
  const whole = await wholeTable(job);
  if (whole.upper === null) return [];
  const wanted = Math.min(mostSlices, Math.ceil((job.estimatedRows ?? 0) / rowsInSlice));
  const bounds = wanted <= 1 ? [] : await boundsOf(job, whole.upper, wanted);
  return [...bounds, whole.upper].map((upper, at) => ({ lower: bounds[at - 1] ?? null, upper }));
}

async function boundsOf(job: BackfillJob, upper: string, wanted: number): Promise<readonly string[]> {
  if (job.order.kind === 'place') {
    const pages = await lastPage(job.connection, job.table);
    return Array.from({ length: wanted - 1 }, (_, at) => Math.floor(((at + 1) * pages) / wanted))
      .filter((page, at, all) => page > 0 && page !== all[at - 1])
      .map((page) => `(${page - 1},65535)`);
  }
  return await boundsAmongKeys(job, upper, wanted);
}

/** Of a sample of the pages: the keys that cut it into even parts cut the table into about even ones. */
async function boundsAmongKeys(job: BackfillJob, upper: string, wanted: number): Promise<readonly string[]> {
  const { connection, table, order, key, estimatedRows } = job;
  const percent = Math.min(
    100,
    (100 * Math.max(sampledRows, wanted * sampledInSlice)) / Math.max(1, estimatedRows ?? 1),
  );
  const { rows } = await connection.query<{ bound: string }>(
    `with sampled as (
       select ${order.asText} as bound, ${order.expression} < ${order.fromText('$3')} as inside,
              row_number() over (order by ${key.list}) as number, ntile($2) over (order by ${key.list}) as part
         from ${table} tablesample system ($1)
     ), ends as (select distinct on (part) bound, part, inside from sampled order by part, number desc)
     select bound from ends where part < $2 and inside order by part`,
    [percent, wanted, upper],
  );
  return rows.map(({ bound }) => bound);
}

async function lastPage(connection: BackfillJob['connection'], table: string): Promise<number> {
  const { rows } = await connection.query<{ pages: number }>(
    `select (pg_relation_size(to_regclass($1)) / current_setting('block_size')::int)::float8 as pages`,
    [table],
  );
  return theRow(rows).pages;
}
