import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import { openJob, type BackfillJob } from '../backfill/backfill-job.ts';
import { examineBySql } from '../backfill/verify/examine-by-sql.ts';
import { firstOf, type Examiner } from '../backfill/verify/examiner.ts';
import { noFigures, sumOf, type VerificationFigures } from '../backfill/verify/verification-ledger.ts';
import { walkAll, type VerifyOptions } from '../backfill/verify/walk.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { fillOf } from './column-phases.ts';
import {
  keyAcross,
  newScope,
  oldScope,
  saysTheSame,
  searchPath,
  writtenDown,
  writtenUp,
} from './expressions.ts';
import { backfillConfig } from './fill.ts';
import type { Shape } from './shape.ts';

/** Where both shapes stand, quoted; of columns, it is one table. */
export interface ShapeTables {
  readonly old: string;
  readonly new: string;
}

interface ShapeOptions extends VerifyOptions {
  /** Otherwise rows that have no new shape yet are still to do. */
  readonly isFilled: boolean;
}

const ofStep: ShapeOptions = { askedBy: 'step', workers: 1, resume: false, isFilled: true };

/**
 * Compares every row's two shapes: of a table that was written anew, the old rows with the new ones, and then whether the new table
 * has rows that the old one has not. Both must be equal at each moment, whoever writes meanwhile.
 */
export async function verifyShape(
  shape: Shape,
  tables: ShapeTables,
  connection: TargetConnection,
  context: PerformContext,
  options: ShapeOptions = ofStep,
): Promise<VerificationFigures> {
  const walks = [];
  for (const side of sidesOf(shape, tables, options.isFilled)) {
    const job = await openSide(side, shape, connection, context);
    walks.push({ job, part: side.part, examiner: examinerOf(side, job) });
  }
  const found = await walkAll(walks, options);
  const [first = noFigures, ...others] = found;
  // The rows of the new table are those of the old one once more: only what is wrong with them is new.
  return others.map((other) => ({ ...other, compared: 0 })).reduce(sumOf, first);
}

/** An expression that fails of a row fails the statement; the function that says the same takes several times as long. */
function examinerOf({ differs, differsQuickly }: Side, job: BackfillJob): Examiner {
  const careful = examineBySql(job, differs(job.table));
  return differsQuickly ? firstOf(examineBySql(job, differsQuickly(job.table)), careful) : careful;
}

/** Where both stand at the moment; undefined while they do not. */
export async function findTables(
  { names, config }: Shape,
  connection: TargetConnection,
): Promise<ShapeTables | undefined> {
  const { rows } = await eachInTransaction(connection).query<{
    differs: boolean;
    new: boolean;
    old: boolean;
  }>(
    `select exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                     where format('"%s"."%s"', n.nspname, p.proname) = $1) as differs,
            to_regclass($2) is not null as new, to_regclass($3) is not null as old`,
    [names.differs, names.newTable, names.oldTable],
  );
  const found = theRow(rows);
  if (!found.differs) return undefined;
  if (!config.rewrite) return { old: names.table, new: names.table };
  if (found.old) return { old: names.oldTable, new: names.table };
  return found.new ? { old: names.table, new: names.newTable } : undefined;
}

/** One walk along the keys of a table, with what is wrong with a row of it. */
interface Side {
  readonly part: string;
  /** Without quotes. */
  readonly name: string;
  readonly key: string;
  /** SQL that is true of a row that has no new shape yet. */
  readonly todo: string;
  /** `row`: the table, quoted. */
  readonly differs: (row: string) => string;
  /** The same, but that it fails of a row for which an expression of the plan fails. */
  readonly differsQuickly?: (row: string) => string;
}

function sidesOf(shape: Shape, { old, new: next }: ShapeTables, isFilled: boolean): readonly Side[] {
  const { key, names, config, facts } = shape;
  const unquoted = (table: string): string => {
    const own = { [names.newTable]: names.newName, [names.oldTable]: names.oldName };
    return own[table] ?? facts.name;
  };
  const first = { part: 'old shape', name: unquoted(old), key: key.old.standing };
  if (!config.rewrite) {
    const todo = isFilled ? 'false' : (fillOf(shape)?.where ?? 'false');
    return [
      {
        ...first,
        todo,
        differs: (row) => `${names.differs}(${row}.*)`,
        differsQuickly: (row) => `not (${saysTheSame(shape, row, row)})`,
      },
    ];
  }
  const keyNew = quoteIdentifier(key.new.standing);
  const keyOld = quoteIdentifier(key.old.standing);
  const up = (row: string) => keyAcross(writtenUp(shape), key.new.name, oldScope(shape, row));
  const down = (row: string) => keyAcross(writtenDown(shape), key.old.name, newScope(shape, row));
  return [
    {
      ...first,
      todo: isFilled ? 'false' : `not exists (select from ${next} as c where c.${keyNew} = ${up(old)})`,
      differs: (row) =>
        `not exists (select from ${next} as c where c.${keyNew} = ${up(row)} and not ${names.differs}(${row}.*, c.*))`,
      differsQuickly: (row) =>
        `not exists (select from ${next} as c where c.${keyNew} = ${up(row)} and ${saysTheSame(shape, row, 'c')})`,
    },
    {
      part: 'new shape',
      todo: 'false',
      name: unquoted(next),
      key: key.new.standing,
      differs: (row) => `not exists (select from ${old} as r where r.${keyOld} = ${down(row)})`,
    },
  ];
}

const neverRun = (): never => {
  throw new TerminalError('a verification changes no rows');
};

async function openSide(
  { name, key, todo }: Side,
  shape: Shape,
  connection: TargetConnection,
  context: PerformContext,
): Promise<BackfillJob> {
  const config = {
    ...backfillConfig(shape, { set: {}, where: 'false' }),
    table: `${shape.facts.schema}.${name}`,
    key,
  };
  const job = await openJob('fill', connection, context, config, neverRun);
  return {
    ...job,
    todo,
    prepare: async (given) => void (await given.query(`set local search_path = ${searchPath(shape)}`)),
  };
}
