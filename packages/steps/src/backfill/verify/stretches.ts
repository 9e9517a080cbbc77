import type { TargetConnection } from '@crossfade/engine';
import type { BackfillJob } from '../backfill-job.ts';
import type { Batch, RangeSql } from '../run-batch.ts';

/** Rows after one position up to and with another; null: from the first, to the last. */
export interface Span {
  readonly after: string | null;
  readonly until: string | null;
  /** Where it is not null, only rows that were written by this transaction or since. */
  readonly writtenSince: string | null;
}

export function spanSql({ order }: BackfillJob, { after, until, writtenSince }: Span): RangeSql {
  const parameters: unknown[] = [];
  const parameter = (value: unknown): string => `$${parameters.push(value)}`;
  const parts: string[] = [];
  if (after !== null) parts.push(`${order.expression} > ${order.fromText(parameter(after))}`);
  if (until !== null) parts.push(`${order.expression} <= ${order.fromText(parameter(until))}`);
  if (writtenSince !== null) parts.push(`age(xmin) <= age(${parameter(writtenSince)}::xid8::xid)`);
  return { condition: parts.join(' and ') || 'true', parameters };
}

/** The next rows of a span, at most so many; undefined where there are none. */
export async function nextRows(
  job: BackfillJob,
  connection: TargetConnection,
  span: Span,
  most: number,
): Promise<Batch | undefined> {
  const { table, key, order } = job;
  const { condition, parameters } = spanSql(job, span);
  const texts = `${order.asText} as "lastPosition", ${key.asText} as "lastKey"`;
  const full = await connection.query<Omit<Batch, 'rows'>>(
    `select ${texts} from ${table} where ${condition} ${order.orderBy} offset ${most - 1} limit 1`,
    parameters,
  );
  if (full.rows[0]) return { ...full.rows[0], rows: most };
  const { rows } = await connection.query<Batch>(
    `select ${texts}, (count(*) over ())::float8 as rows from ${table} where ${condition}
      order by ${order.expression} desc limit 1`,
    parameters,
  );
  return rows[0];
}
