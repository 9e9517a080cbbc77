import { TerminalError, type EffectCall, type JsonObject, type PerformContext } from '@crossfade/engine';
import { takeOver } from '../target/take-over.ts';
import { withTarget } from '../target/with-target.ts';
import { countOf } from '../text.ts';
import { expandColumns } from './column-phases.ts';
import type { ReshapeConfig } from './config.ts';
import { fillShape } from './fill.ts';
import type { PhaseSql } from './phase-sql.ts';
import { isBegun, runPhase, type PhaseName, type ReshapeWork } from './reshape-work.ts';
import { ensureReshapeLedger, forgetStep, readSettled, settled } from './reshape-ledger.ts';
import { resolveShape, type Shape } from './shape.ts';
import { readTableFacts, type TableFacts } from './table-facts.ts';
import { expandTable, linkTable, swapTables } from './table-phases.ts';
import { verifyShape } from './verify.ts';

const kinds = ['expand', 'fill', 'link', 'verify', 'swap', 'restore'] as const;
type Kind = (typeof kinds)[number];

/** One part of a change of shape; performed again, it goes on where it was cut off. */
export async function performReshape(
  { config, kind }: EffectCall<ReshapeConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  const known = kinds.find((one) => one === kind);
  if (!known) throw new TerminalError(`reshape has no effect ${kind}`);
  return await withTarget(context, async (connection) => {
    await takeOver(connection, context);
    await ensureReshapeLedger(connection);
    const work: ReshapeWork = { connection, context, limits: config };
    return known === 'restore'
      ? await restore(work)
      : await perform(known, work, await shapeOf(config, work));
  });
}

/** As the table was before it was first touched. */
async function shapeOf(config: ReshapeConfig, { connection, context }: ReshapeWork): Promise<Shape> {
  const schemas = [config.views?.old, config.views?.new].filter((name) => name !== undefined);
  const facts = await settled<TableFacts>(connection, context, 'facts', async () => {
    const found = await readTableFacts(connection, config.table, schemas);
    // Refused before anything of it is noted.
    resolveShape(config, found);
    return found;
  });
  // For the contract step, which knows this one by its name only.
  await settled(connection, context, 'config', async () => await Promise.resolve(config));
  return resolveShape(config, facts);
}

async function perform(kind: Exclude<Kind, 'restore'>, work: ReshapeWork, shape: Shape): Promise<JsonObject> {
  const { connection, context } = work;
  switch (kind) {
    case 'fill':
      return await fillShape(shape, connection, context);
    case 'verify':
      return await verify(work, shape);
    default:
      await runPhase(work, kind, 'apply', await phaseSql(kind, work, shape));
      return { done: kind };
  }
}

const compose: Readonly<Record<'link' | 'swap', (shape: Shape) => PhaseSql>> = {
  link: linkTable,
  swap: swapTables,
};

async function phaseSql(
  kind: 'expand' | 'link' | 'swap',
  { connection, context }: ReshapeWork,
  shape: Shape,
): Promise<PhaseSql> {
  return await settled<PhaseSql>(connection, context, kind, async () => {
    if (kind !== 'expand') return compose[kind](shape);
    return shape.config.rewrite ? expandTable(shape) : expandColumns(shape);
  });
}

const mostNamed = 5;

async function verify({ connection, context }: ReshapeWork, shape: Shape): Promise<JsonObject> {
  const { names, config } = shape;
  const tables = { old: names.table, new: config.rewrite ? names.newTable : names.table };
  const { compared, different, keys } = await verifyShape(shape, tables, connection, context);
  if (different > 0) {
    throw new TerminalError(
      `step ${context.stepId}: ${countOf(different, 'row')} of ${config.table} ${different === 1 ? 'does' : 'do'} not say the same ` +
        `in both shapes: ${keys.slice(0, mostNamed).join(', ')}${different > mostNamed ? ', …' : ''}`,
    );
  }
  return { compared };
}

const undone: readonly PhaseName[] = ['swap', 'link', 'expand'];

/** What both releases have written since is in the old shape: nothing is lost with the new one. */
async function restore(work: ReshapeWork): Promise<JsonObject> {
  const { connection, context } = work;
  if (await readSettled(connection, context, 'contracted'))
    throw new TerminalError(
      `step ${context.stepId}: its old shape has been dropped by its contract step: what was in it cannot be brought back`,
    );
  for (const phase of undone) {
    const sql = await readSettled<PhaseSql>(connection, context, phase);
    if (sql && (await isBegun(work, phase))) await runPhase(work, phase, 'revert', sql);
  }
  await forgetStep(connection, context);
  return { restored: true };
}
