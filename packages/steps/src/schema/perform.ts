import {
  canonicalJson,
  TerminalError,
  type EffectCall,
  type JsonObject,
  type PerformContext,
  type TargetConnection,
} from '@crossfade/engine';
import { refuseUnwritable } from '../target/refuse-unwritable.ts';
import { takeOver } from '../target/take-over.ts';
import { withTarget } from '../target/with-target.ts';
import { forgetApplied, noteApplied } from './adopt/note-applied.ts';
import type { SchemaConfig } from './config.ts';
import { readMigrationFile, type MigrationFile } from './migration-file.ts';
import { prepare } from './prepare.ts';
import { nameViolations } from './recipes/name-violations.ts';
import { openRecipe } from './recipes/open-recipe.ts';
import { unpinRecipe, type AskedRecipe } from './recipes/pinned-recipe.ts';
import { recipeOf } from './recipes/recipe-of.ts';
import { runAlone } from './run-alone.ts';
import { runTogether } from './run-together.ts';
import { refusePooler } from './refuse-pooler.ts';
import { StatementLedger } from './statement-ledger.ts';
import type { SchemaWork, Way } from './schema-work.ts';
import { undoTasks } from './undo-tasks.ts';

/** Applies a migration or takes it back; performed again, it goes on where it was cut off. */
export async function performSchema(
  effect: EffectCall<SchemaConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  const { config, kind } = effect;
  if (kind !== 'apply' && kind !== 'revert') throw new TerminalError(`schema has no effect ${kind}`);
  const asked: AskedRecipe | MigrationFile = config.change
    ? { recipe: recipeOf(config.change), change: canonicalJson(config.change) }
    : readMigrationFile(config, context.files);
  return await withTarget(context, async (connection) => {
    if (kind === 'apply' && 'revert' in asked) refuseBothWays(connection, config.file, asked);
    if (kind === 'apply') await refuseUnwritable(connection, context.stepId);
    await takeOver(connection, context);
    const ledger = new StatementLedger(connection, context);
    const work: SchemaWork = { connection, context, config, ledger };
    return 'revert' in asked ? await carryOut(work, kind, asked) : await performRecipe(work, kind, asked);
  });
}

async function performRecipe(work: SchemaWork, way: Way, asked: AskedRecipe): Promise<JsonObject> {
  const { connection, context } = work;
  const file = await openRecipe(work, way, asked);
  if (way === 'apply') refuseBothWays(connection, work.config.file, file);
  try {
    const facts = await carryOut(work, way, file);
    if (way === 'revert') await unpinRecipe(connection, context);
    return facts;
  } catch (error) {
    throw await nameViolations(connection, asked.recipe, error);
  }
}

async function carryOut(work: SchemaWork, way: Way, file: MigrationFile): Promise<JsonObject> {
  return way === 'apply' ? await apply(work, file) : await revert(work, file);
}

/** Of both directions: what could not be taken back must not be begun. */
function refuseBothWays(connection: TargetConnection, name: string, file: MigrationFile): void {
  refusePooler(connection, name, [...file.apply.statements, ...file.revert.statements]);
}

async function apply(work: SchemaWork, file: MigrationFile): Promise<JsonObject> {
  const { apply: part } = file;
  await work.ledger.apart().forgetOther('apply');
  const tasks = part.statements.map((statement, index) => ({ statement, index }));
  await prepare(work, tasks, file);
  if (part.together) await runTogether(work, 'apply', tasks);
  else await runAlone(work, 'apply', tasks);
  await noteApplied(work, tasks);
  return { statements: part.statements.length, found: await work.ledger.apart().adopted() };
}

async function revert(work: SchemaWork, file: MigrationFile): Promise<JsonObject> {
  await forgetApplied(work);
  const tasks = undoTasks(file, await work.ledger.apart().begunStatements('apply'));
  // Only now: where nothing was begun, as when it was refused itself, there is nothing to refuse.
  refusePooler(
    work.connection,
    work.config.file,
    tasks.map(({ statement }) => statement),
  );
  if (file.revert.together) await runTogether(work, 'revert', tasks);
  else await runAlone(work, 'revert', tasks);
  const left = await work.ledger.apart().adopted();
  await work.ledger.apart().forgetOther('revert');
  await work.ledger.apart().forgetAdopted();
  return { statements: tasks.length, left };
}
