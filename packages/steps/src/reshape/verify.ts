import { TerminalError, type PerformContext, type TargetConnection } from '@crossfade/engine';
import { openJob, type BackfillJob } from '../backfill/backfill-job.ts';
import { examineBySql } from '../backfill/verify/examine-by-sql.ts';
import { sumOf, type VerificationFigures } from '../backfill/verify/verification-ledger.ts';
import { walkRows, type VerifyOptions } from '../backfill/verify/walk.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { keyAcross, newScope, oldScope, searchPath, writtenDown, writtenUp } from './expressions.ts';
import { backfillConfig } from './fill.ts';
import type { Shape } from './shape.ts';

/** Where both shapes stand, quoted; of columns, it is one table. */
export interface ShapeTables {
  readonly old: string;
  readonly new: string;
}

const ofStep: VerifyOptions = { askedBy: 'step', workers: 1, resume: false };

/**
 * Compares every row's two shapes: of a table that was written anew, the old rows with the new ones, and then whether the new table
 * has rows that the old one has not. Both must be equal at each moment, whoever writes meanwhile.
 */
export async function verifyShape(
  shape: Shape,
  tables: ShapeTables,
  connection: TargetConnection,
  context: PerformContext,
  options: VerifyOptions = ofStep,
): Promise<VerificationFigures> {
  const [first, ...others] = sidesOf(shape, tables);
  const found = await verifySide(first, shape, connection, context, options);
  let total = found;
  for (const side of others) {
    const { different, keys } = await verifySide(side, shape, connection, context, options);
    total = sumOf(total, { compared: 0, notDone: 0, different, keys });
  }
  return total;
}

/** One walk along the keys of a table, with what is wrong with a row of it. */
interface Side {
  readonly part: string;
  /** Without quotes. */
  readonly name: string;
  readonly key: string;
  /** `row`: the table, quoted. */
  readonly differs: (row: string) => string;
}

function sidesOf(shape: Shape, { old, new: next }: ShapeTables): readonly [Side, ...Side[]] {
  const { key, names, config, facts } = shape;
  const unquoted = (table: string): string => {
    const own = { [names.newTable]: names.newName, [names.oldTable]: names.oldName };
    return own[table] ?? facts.name;
  };
  const first = { part: 'old shape', name: unquoted(old), key: key.old.standing };
  if (!config.rewrite) return [{ ...first, differs: (row) => `${names.differs}(${row}.*)` }];
  const keyNew = quoteIdentifier(key.new.standing);
  const keyOld = quoteIdentifier(key.old.standing);
  const up = (row: string) => keyAcross(writtenUp(shape), key.new.name, oldScope(shape, row));
  const down = (row: string) => keyAcross(writtenDown(shape), key.old.name, newScope(shape, row));
  return [
    {
      ...first,
      differs: (row) =>
        `not exists (select from ${next} as c where c.${keyNew} = ${up(row)} and not ${names.differs}(${row}.*, c.*))`,
    },
    {
      part: 'new shape',
      name: unquoted(next),
      key: key.new.standing,
      differs: (row) => `not exists (select from ${old} as r where r.${keyOld} = ${down(row)})`,
    },
  ];
}

async function verifySide(
  side: Side,
  shape: Shape,
  connection: TargetConnection,
  context: PerformContext,
  options: VerifyOptions,
): Promise<VerificationFigures> {
  const job = await openSide(side, shape, connection, context);
  return await walkRows(job, examineBySql(job, side.differs(job.table)), options, side.part);
}

const neverRun = (): never => {
  throw new TerminalError('a verification changes no rows');
};

/** Every row counts: none is still to do. */
async function openSide(
  { name, key }: Side,
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
    prepare: async (given) => void (await given.query(`set local search_path = ${searchPath(shape)}`)),
  };
}
