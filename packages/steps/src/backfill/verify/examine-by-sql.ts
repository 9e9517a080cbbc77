import { theRow } from '../../sql/the-row.ts';
import type { BackfillJob } from '../backfill-job.ts';
import type { Examined, Examiner } from './examiner.ts';

const mostRows = 50_000;

/** `differs`: true of a row that is not what it should be. No row leaves the database, but the keys of those. */
export function examineBySql({ table, key, todo }: BackfillJob, differs: string): Examiner {
  const state = `case when ${todo} then 1 when ${differs} then 2 else 0 end`;
  return {
    mostRows,
    async examine(reading, { condition, parameters }) {
      // Without "offset 0" the state of each row would be worked out once for every figure.
      const sql = `select count(*)::float8 as rows, (count(*) filter (where state = 1))::float8 as "notDone",
                coalesce(array_agg(${key.asTextIn('checked')}) filter (where state = 2), '{}') as differing
           from (select ${key.names}, ${state} as state from ${table} where ${condition} offset 0) as checked`;
      return await reading(async (connection) =>
        theRow((await connection.query<Examined>(sql, parameters)).rows),
      );
    },
  };
}
