import type { JsonObject, PerformContext, TargetConnection } from '@crossfade/engine';
import { openJob, type BackfillJob, type ChangedRows } from '../backfill/backfill-job.ts';
import { backfillConfigSchema, type BackfillConfig } from '../backfill/config.ts';
import { runBackfill } from '../backfill/perform.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { fillOf } from './column-phases.ts';
import { columnList, computed, keyAcross, oldScope, searchPath, writtenUp } from './expressions.ts';
import { mirroring } from './mirror-functions.ts';
import type { Shape } from './shape.ts';

/** Gives the rows that were there before their new shape: each once, as its last writer left it. */
export async function fillShape(
  shape: Shape,
  connection: TargetConnection,
  context: PerformContext,
): Promise<JsonObject> {
  const job = shape.config.rewrite
    ? await openCopy(shape, connection, context)
    : await openFill(shape, connection, context);
  return job ? await runBackfill(job, 'fill') : { rows: 0 };
}

async function openFill(
  shape: Shape,
  connection: TargetConnection,
  context: PerformContext,
): Promise<BackfillJob | undefined> {
  const fill = fillOf(shape);
  if (!fill) return undefined;
  const job = await openJob('fill', connection, context, backfillConfig(shape, fill));
  return { ...job, prepare: async () => await prepare(shape, connection) };
}

async function openCopy(
  shape: Shape,
  connection: TargetConnection,
  context: PerformContext,
): Promise<BackfillJob> {
  // The columns and the guard are those of a copy: see copyRows, and below.
  const config = backfillConfig(shape, { set: {}, where: 'false' });
  const job = await openJob('fill', connection, context, config);
  const { names, key } = shape;
  const upKey = keyAcross(writtenUp(shape), key.new.name, oldScope(shape, quoteIdentifier(shape.facts.name)));
  return {
    ...job,
    todo: `not exists (select from ${names.newTable} as c where c.${quoteIdentifier(key.new.standing)} = ${upKey})`,
    prepare: async () => await prepare(shape, connection),
    changeRows: async (given, keys) => await copyRows(shape, given, keys),
  };
}

/**
 * Locks a row against being deleted or given another key, and copies it as its last writer left it. Whoever changes it
 * meanwhile writes the new row, too: before us, and then it is left as it is; or after us, over ours.
 */
async function copyRows(
  shape: Shape,
  { connection, table, key, keyType }: BackfillJob,
  keys: readonly string[],
): Promise<ChangedRows> {
  const written = writtenUp(shape);
  const values = written.map((column) => computed(column, oldScope(shape, 'crossfade_locked')));
  const { rows } = await connection.query<ChangedRows>(
    `with crossfade_locked as materialized (
       select * from ${table} where ${key} = any($1::${keyType}[]) order by ${key} for key share
     ), crossfade_added as (
       insert into ${shape.names.newTable} (${columnList(written.map(({ column }) => column))}) overriding system value
       select ${values.join(', ')} from crossfade_locked
       on conflict (${quoteIdentifier(shape.key.new.standing)}) do nothing returning 1
     )
     select (select count(*) from crossfade_locked)::float8 as present, (select count(*) from crossfade_added)::float8 as migrated`,
    [keys],
  );
  return theRow(rows);
}

/** For this transaction: names are found as in the triggers, and what is written is not written back. */
async function prepare(shape: Shape, connection: TargetConnection): Promise<void> {
  await connection.query(
    `set local search_path = ${searchPath(shape)}; set local ${mirroring} = '${shape.names.mark}'`,
  );
}

function backfillConfig(
  { config, facts }: Shape,
  { set, where }: { readonly set: Readonly<Record<string, string>>; readonly where: string },
): BackfillConfig {
  const { key, batch_size, pace, lock_timeout } = config;
  const defaults = backfillConfigSchema.parse({
    table: 't',
    key,
    set: { c: 'null' },
    where,
    dual_write: 'trigger',
    undo: 'keep',
  });
  // Both sides may wait for each other's rows: we give way long before Postgres would end one of the two.
  const table = `${facts.schema}.${facts.name}`;
  return { ...defaults, table, set, batch_size, lock_timeout, ...(pace && { pace }) };
}
