import type { BackfillJob } from '../backfill-job.ts';
import type { BackfillConfig } from '../config.ts';
import { isGivenAsItIs, readColumns } from '../transform/column-values.ts';
import type { Transforming } from '../transform/transforming.ts';
import { differsFrom } from './differs.ts';
import { examineBySql } from './examine-by-sql.ts';
import { examineByInverse, examineByRepeating } from './examine-transformed.ts';
import type { Examiner } from './examiner.ts';
import { whyNotImmutable } from './not-immutable.ts';

/** What compares the rows, or why nothing can. */
export type HowToVerify = { readonly examiner: Examiner } | { readonly notVerified: string };

/** `verify` of the plan: "auto", "again", "off", or SQL that is true of a row that is right. */
export async function howToVerify(
  job: BackfillJob,
  config: BackfillConfig,
  transforming: Transforming | undefined,
): Promise<HowToVerify> {
  const { verify } = config;
  if (verify === 'off') return { notVerified: 'the plan says verify: off' };
  if (verify !== 'auto' && verify !== 'again')
    return { examiner: examineBySql(job, `not coalesce((\n${verify}\n), false)`) };
  if (transforming) return await ofTransform(job, transforming, verify);
  const set = config.set ?? {};
  const columns = await readColumns(job.connection, config.table, Object.keys(set));
  const why = verify === 'auto' ? await whyNotImmutable(job.connection, Object.values(set)) : undefined;
  if (why !== undefined) return { notVerified: why };
  return { examiner: examineBySql(job, differsFrom(job.table, columns, set)) };
}

async function ofTransform(
  job: BackfillJob,
  given: Transforming,
  verify: 'auto' | 'again',
): Promise<HowToVerify> {
  if (verify === 'again') return { examiner: examineByRepeating(given, job) };
  const { file } = given.config;
  if (!(await given.pool.hasInverse(job.context.signal)))
    return { notVerified: `${file} exports no inverse, and the plan does not say verify: again` };
  const changed = given.written.find(({ type }) => !isGivenAsItIs(type));
  // What it returned is not what Postgres gives back, and so no proof of anything.
  if (changed)
    return {
      notVerified: `${changed.name} is of type ${changed.type}, which the inverse would be given as text`,
    };
  return { examiner: examineByInverse(given, job) };
}
