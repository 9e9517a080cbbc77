import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import { claimStep, type StepIdentity } from '../../target/ledger.ts';
import { readGround } from './read-ground.ts';
import type { RecipeText } from './recipe-file.ts';
import type { Recipe } from './recipe.ts';

const limits = { lockTimeoutMs: 2_000, statementTimeoutMs: 30_000 };

/**
 * The statements of a step's recipe, made when it is first applied and kept beside the data: it is gone on with, and taken
 * back, by the same ones, also when the server is a newer one by then or the table has got a partition.
 * @throws TerminalError when the recipe cannot be carried out here.
 */
export async function pinRecipe(
  connection: TargetConnection,
  step: StepIdentity,
  recipe: Recipe,
): Promise<RecipeText> {
  const before = await pinnedRecipe(connection, step);
  if (before) return before;
  const ground = await readGround(connection, recipe);
  const made = recipe.compile(ground);
  if (!made.ok) throw new TerminalError(`step ${step.stepId}: ${recipe.name}: ${made.reason}`);
  await inTransaction(connection, limits, async () => {
    await claimStep(connection, step);
    await connection.query(
      `insert into crossfade_ledger.recipes (run_id, step_id, apply, revert, together, server_major)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [step.runId, step.stepId, made.apply, made.revert, made.together, ground.serverMajor],
    );
  });
  return made;
}

/** Undefined when none was ever made, or it has been taken back. */
export async function pinnedRecipe(
  connection: TargetConnection,
  { runId, stepId }: StepIdentity,
): Promise<RecipeText | undefined> {
  const { rows } = await eachInTransaction(connection).query<RecipeText>(
    'select apply, revert, together from crossfade_ledger.recipes where run_id = $1 and step_id = $2',
    [runId, stepId],
  );
  return rows[0];
}

/** Taken back whole: the next time it is made anew, for the database as it is then. */
export async function unpinRecipe(
  connection: TargetConnection,
  { runId, stepId }: StepIdentity,
): Promise<void> {
  await eachInTransaction(connection).query(
    'delete from crossfade_ledger.recipes where run_id = $1 and step_id = $2',
    [runId, stepId],
  );
}
