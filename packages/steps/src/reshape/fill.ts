import type { JsonObject, PerformContext, TargetConnection } from '@crossfade/engine';
import { openJob, type BackfillJob } from '../backfill/backfill-job.ts';
import { backfillConfigSchema, type BackfillConfig } from '../backfill/config.ts';
import { assignmentsOf, filling } from '../backfill/fill-rows.ts';
import { runBackfill } from '../backfill/perform.ts';
import {
  findBatch,
  passBatch,
  rangeOf,
  type Batch,
  type BatchRunner,
  type Passed,
} from '../backfill/run-batch.ts';
import type { Slice } from '../backfill/slice-ledger.ts';
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
  const config = backfillConfig(shape, fill);
  const job = await openJob('fill', connection, context, config, filling(assignmentsOf(fill.set)));
  return { ...job, prepare: async (given) => await prepare(shape, given) };
}

async function openCopy(
  shape: Shape,
  connection: TargetConnection,
  context: PerformContext,
): Promise<BackfillJob> {
  // The columns and the guard are those of a copy: see copyRows, and below.
  const config = backfillConfig(shape, { set: {}, where: 'false' });
  const job = await openJob('fill', connection, context, config, copying(shape));
  const { names, key } = shape;
  const upKey = keyAcross(writtenUp(shape), key.new.name, oldScope(shape, quoteIdentifier(shape.facts.name)));
  return {
    ...job,
    todo: `not exists (select from ${names.newTable} as c where c.${quoteIdentifier(key.new.standing)} = ${upKey})`,
    prepare: async (given) => await prepare(shape, given),
  };
}

function copying(shape: Shape): BatchRunner {
  return async (job, slice, size) =>
    await passBatch(
      job,
      slice,
      async () => await findBatch(job, slice, size),
      async (batch) => await copyRows(shape, job, slice, batch),
    );
}

/**
 * Locks a row against being deleted or given another key, and copies it as its last writer left it. Whoever changes it
 * meanwhile writes the new row, too: before us, and then it is left as it is; or after us, over ours.
 */
async function copyRows(shape: Shape, job: BackfillJob, slice: Slice, batch: Batch): Promise<Passed> {
  const written = writtenUp(shape);
  const values = written.map((column) => computed(column, oldScope(shape, 'crossfade_locked')));
  const { condition, parameters } = rangeOf(job, slice, batch.lastPosition);
  const { rows } = await job.connection.query<{ migrated: number; present: number }>(
    `with crossfade_locked as materialized (
       select * from ${job.table} where ${condition} order by ${job.key.list} for key share
     ), crossfade_added as (
       insert into ${shape.names.newTable} (${columnList(written.map(({ column }) => column))}) overriding system value
       select ${values.join(', ')} from crossfade_locked
       on conflict (${quoteIdentifier(shape.key.new.standing)}) do nothing returning 1
     )
     select (select count(*) from crossfade_locked)::float8 as present, (select count(*) from crossfade_added)::float8 as migrated`,
    parameters,
  );
  const { migrated, present } = theRow(rows);
  return { migrated, skipped: present - migrated, vanished: Math.max(0, batch.rows - present) };
}

/** For this transaction: names are found as in the triggers, and what is written is not written back. */
async function prepare(shape: Shape, connection: TargetConnection): Promise<void> {
  await connection.query(
    `set local search_path = ${searchPath(shape)}; set local ${mirroring} = '${shape.names.mark}'`,
  );
}

export function backfillConfig(
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
