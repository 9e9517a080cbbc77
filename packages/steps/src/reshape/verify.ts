import type { PerformContext, TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { keyAcross, newScope, oldScope, searchPath, writtenDown, writtenUp } from './expressions.ts';
import type { Shape } from './shape.ts';

export interface Verification {
  readonly compared: number;
  readonly different: number;
  /** The keys of a few. */
  readonly examples: readonly string[];
}

interface Tables {
  readonly old: string;
  readonly new: string;
}

const rowsAtOnce = 20_000;
const mostExamples = 5;
const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 600_000, readOnly: true };

/**
 * Compares every row's two shapes, a range of keys at a time: each in one statement, and so as of one moment, in which
 * both must be equal, whoever writes meanwhile.
 */
export async function verifyShape(
  shape: Shape,
  tables: Tables,
  connection: TargetConnection,
  context: PerformContext,
): Promise<Verification> {
  const total = { compared: 0, different: 0, examples: [] as string[] };
  for (const side of sidesOf(shape, tables)) {
    for (let after: string | null = null; ;) {
      context.signal.throwIfAborted();
      const range = await inTransaction(connection, limits, async () => {
        await connection.query(`set local search_path = ${searchPath(shape)}`);
        return await compareRange(side, connection, after);
      });
      if (range.last === null) break;
      after = range.last;
      total.different += range.different;
      total.examples.push(...range.examples.slice(0, mostExamples - total.examples.length));
      if (side.counts) total.compared += range.rows;
      context.report({
        done: total.compared,
        total: null,
        unit: 'rows',
        note: `compares both shapes of ${shape.config.table}`,
      });
    }
  }
  return total;
}

/** One walk along the keys of a table, with what is wrong with a row of it. */
interface Side {
  readonly table: string;
  readonly key: string;
  readonly keyType: string;
  readonly differs: string;
  readonly counts: boolean;
}

function sidesOf(shape: Shape, { old, new: next }: Tables): readonly Side[] {
  const { key, names, config } = shape;
  const first = { table: old, key: quoteIdentifier(key.old.standing), keyType: key.old.type, counts: true };
  if (!config.rewrite) return [{ ...first, differs: `${names.differs}(t.*)` }];
  const keyNew = quoteIdentifier(key.new.standing);
  const keyOld = quoteIdentifier(key.old.standing);
  const up = keyAcross(writtenUp(shape), key.new.name, oldScope(shape, 't'));
  const down = keyAcross(writtenDown(shape), key.old.name, newScope(shape, 't'));
  return [
    {
      ...first,
      differs: `not exists (select from ${next} as c where c.${keyNew} = ${up} and not ${names.differs}(t.*, c.*))`,
    },
    {
      table: next,
      key: keyNew,
      keyType: key.new.type,
      counts: false,
      differs: `not exists (select from ${old} as r where r.${keyOld} = ${down})`,
    },
  ];
}

interface Range {
  readonly rows: number;
  readonly different: number;
  readonly examples: readonly string[];
  readonly last: string | null;
}

async function compareRange(
  { table, key, keyType, differs }: Side,
  connection: TargetConnection,
  after: string | null,
): Promise<Range> {
  const { rows } = await connection.query<Range>(
    `select count(*)::float8 as rows, (count(*) filter (where differs))::float8 as different,
            coalesce((array_agg(key) filter (where differs))[1:${mostExamples}], '{}') as examples,
            (array_agg(key order by at desc))[1] as last
       from (select t.${key}::text as key, t.${key} as at, ${differs} as differs from ${table} as t
              where ${after === null ? '$1::text is null' : `t.${key} > $1::${keyType}`} order by t.${key} limit ${rowsAtOnce}) as t`,
    [after],
  );
  return theRow(rows);
}
