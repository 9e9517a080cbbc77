import {
  TerminalError,
  type EffectCall,
  type Json,
  type PerformContext,
  type TargetConnection,
} from '@crossfade/engine';
import type { ReshapeConfig } from '../reshape/config.ts';
import { lines, literal, type PhaseSql } from '../reshape/phase-sql.ts';
import { keepFunction } from '../reshape/column-phases.ts';
import { upFunction } from '../reshape/mirror-functions.ts';
import { ensureReshapeLedger, forgetStep, readSettled, settled } from '../reshape/reshape-ledger.ts';
import { isBegun, runPhase, type ReshapeWork } from '../reshape/reshape-work.ts';
import { resolveShape, type Shape } from '../reshape/shape.ts';
import type { TableFacts } from '../reshape/table-facts.ts';
import { linkTable } from '../reshape/table-phases.ts';
import { verifyShape } from '../reshape/verify.ts';
import { quoteIdentifier, quoteTable } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { takeOver } from '../target/take-over.ts';
import { withTarget } from '../target/with-target.ts';
import { countOf } from '../text.ts';
import { readBinding, type BoundObject } from './bound-objects.ts';
import type { ContractConfig } from './config.ts';
import { finishColumns, lostWithColumns, prepareColumns } from './contract-columns.ts';
import { finishTable, lostWithTable, type BothTables } from './contract-table.ts';

/** Drops for good, or looks whether that has happened. */
export async function performContract(
  { config, kind }: EffectCall<ContractConfig>,
  context: PerformContext,
): Promise<Json> {
  if (kind !== 'contract' && kind !== 'look') throw new TerminalError(`contract has no effect ${kind}`);
  return await withTarget(context, async (connection) => {
    await takeOver(connection, context);
    await ensureReshapeLedger(connection);
    const work: ReshapeWork = { connection, context, limits: config };
    if (kind === 'look') return await takeBack(work);
    // Anew each time, for what has come to the table since; not once it is done, as the tables are not there any more.
    const composed = (await isBegun(work, 'finish')) ? undefined : await compose(work, config);
    const { close, prepare, finish } = await settled<Contract>(
      connection,
      context,
      'contract',
      async () => composed ?? (await compose(work, config)),
    );
    if (composed) {
      await runPhase(work, 'close', 'apply', close);
      await lastLook(work, config);
      await runPhase(work, 'prepare', 'apply', prepare);
    }
    await runPhase(work, 'finish', 'apply', finish);
    return { contracted: true };
  });
}

interface Contract {
  /** From here on, a write that the new shape cannot hold is refused: after the last look, nothing may be left out. */
  readonly close: PhaseSql;
  readonly prepare: PhaseSql;
  readonly finish: PhaseSql;
}

const nothing: PhaseSql = { together: true, apply: '', revert: '' };

/** @returns whether it has been dropped. What was only prepared goes. */
async function takeBack(work: ReshapeWork): Promise<boolean> {
  const { connection, context } = work;
  if (await isBegun(work, 'finish')) return true;
  const known = await readSettled<Contract>(connection, context, 'contract');
  for (const phase of ['prepare', 'close'] as const)
    if (known && (await isBegun(work, phase))) await runPhase(work, phase, 'revert', known[phase]);
  await forgetStep(connection, context);
  return false;
}

async function compose(work: ReshapeWork, config: ContractConfig): Promise<Contract> {
  const { connection, context } = work;
  const { of } = config;
  if (of === undefined)
    return { close: nothing, prepare: nothing, finish: await dropAlone(connection, config) };
  const shape = await shapeOf(work, of);
  const mark = `insert into crossfade_ledger.reshapes (run_id, step_id, phase, content) values (${literal(context.runId)}, ${literal(of)}, 'contracted', '{}')`;
  if (!shape.config.rewrite) {
    refuseSilentLoss(lostWithColumns(shape, await readBinding(connection, shape.names.table)), config);
    return {
      close: closing(keepFunction(shape, true), keepFunction(shape, false)),
      prepare: prepareColumns(shape, shape.names.table),
      finish: finishColumns(shape, mark),
    };
  }
  const tables = await bothTables(work, of, shape);
  refuseSilentLoss(lostWithTable(shape, tables), config);
  return {
    close: closing(upFunction(shape, tables, true), upFunction(shape, tables)),
    prepare: prepareTable(shape, tables.new),
    finish: finishTable(shape, tables, config.loses, mark),
  };
}

const closing = (strict: string, lenient: string): PhaseSql => ({
  together: true,
  apply: lines(strict),
  revert: lines(lenient),
});

/** A table of another shape is pointed at only now, as nobody writes the old one any more. */
function prepareTable(shape: Shape, table: string): PhaseSql {
  if (shape.config.columns.length === 0) return nothing;
  const [columns, keys] = [prepareColumns(shape, table), linkTable(shape)];
  return { together: false, apply: columns.apply + keys.apply, revert: columns.revert + keys.revert };
}

async function shapeOf({ connection, context }: ReshapeWork, of: string): Promise<Shape> {
  const step = { runId: context.runId, stepId: of };
  const facts = await readSettled<TableFacts>(connection, step, 'facts');
  const reshape = await readSettled<ReshapeConfig>(connection, step, 'config');
  if (!facts || !reshape)
    throw new TerminalError(
      `step ${context.stepId}: the step ${of} has given no table a new shape in this run`,
    );
  return resolveShape(reshape, facts);
}

async function bothTables(
  { connection, context }: ReshapeWork,
  of: string,
  { names }: Shape,
): Promise<BothTables> {
  const { rows } = await eachInTransaction(connection).query<{ swapped: boolean }>(
    `select exists (select from crossfade_ledger.reshapes where run_id = $1 and step_id = $2 and phase = 'swap') as swapped`,
    [context.runId, of],
  );
  const isSwapped = theRow(rows).swapped;
  const old = isSwapped ? names.oldTable : names.table;
  const next = isSwapped ? names.table : names.newTable;
  const [ofOld, ofNew] = [await readBinding(connection, old), await readBinding(connection, next)];
  return { old, new: next, isSwapped, ofOld, ofNew };
}

const mostNamed = 5;

/** What one release wrote last must be in the other's shape before it goes. */
async function lastLook(work: ReshapeWork, { of }: ContractConfig): Promise<void> {
  if (of === undefined) return;
  const { connection, context } = work;
  const shape = await shapeOf(work, of);
  const tables = shape.config.rewrite
    ? await bothTables(work, of, shape)
    : { old: shape.names.table, new: shape.names.table };
  if (shape.config.rewrite) await refuseUnknownColumns(work, shape, tables.old);
  const { different, keys } = await verifyShape(shape, tables, connection, context);
  if (different === 0) return;
  throw new TerminalError(
    `step ${context.stepId}: ${countOf(different, 'row')} of ${shape.config.table} would be lost with the old shape: the new one does ` +
      `not say the same (${keys.slice(0, mostNamed).join(', ')}${different > mostNamed ? ', …' : ''})`,
  );
}

/** A column that came to the old table since would go with it: the new one was made without. */
async function refuseUnknownColumns(
  { connection, context }: ReshapeWork,
  shape: Shape,
  old: string,
): Promise<void> {
  const { rows } = await eachInTransaction(connection).query<{ name: string }>(
    'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped',
    [old],
  );
  const known = new Set(shape.facts.columns.map(({ name }) => name));
  const unknown = rows.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new TerminalError(
    `step ${context.stepId}: ${shape.config.table} has got ${unknown.join(', ')} since its new shape was laid, which would be lost with the ` +
      'old one, and nothing is dropped: add columns before a table is written anew, or after its contract',
  );
}

async function dropAlone(connection: TargetConnection, config: ContractConfig): Promise<PhaseSql> {
  const { drop_column: column, drop_table: table } = config;
  if (table !== undefined) {
    const { objects } = await readBinding(connection, quoteTable(table));
    // Its own indexes and constraints go with it as a matter of course; what others have set to work on it does not.
    refuseSilentLoss(
      objects.filter(({ kind }) => kind === 'trigger'),
      config,
    );
    return { ...nothing, apply: lines(`drop table ${quoteTable(table)}`) };
  }
  if (!column) return nothing;
  const { objects } = await readBinding(connection, quoteTable(column.table));
  refuseSilentLoss(
    objects.filter(({ columns }) => columns.includes(column.column)),
    config,
  );
  return {
    ...nothing,
    apply: lines(`alter table ${quoteTable(column.table)} drop column ${quoteIdentifier(column.column)}`),
  };
}

function refuseSilentLoss(objects: readonly BoundObject[], { loses }: ContractConfig): void {
  const unnamed = objects.filter(({ name }) => !loses.includes(name));
  if (unnamed.length === 0) return;
  const listed = unnamed.map(({ kind, name }) => `the ${kind} ${name}`).join(', ');
  const names = unnamed.map(({ name }) => name).join(', ');
  throw new TerminalError(
    `${listed} would be lost, too, and nothing is dropped: make what is still wanted for the new shape, and name in the plan what may go (loses: [${names}])`,
  );
}
