import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import { claimStep, type StepIdentity } from '../../target/ledger.ts';
import type { SchemaWork } from '../schema-work.ts';
import { StatementLedger } from '../statement-ledger.ts';
import { readGround } from './read-ground.ts';
import { recipeFile, type RecipeText } from './recipe-file.ts';
import type { Recipe } from './recipe.ts';
import { recogniseRecipe, type EarlierRecipe } from './recognise-recipe.ts';

const limits = { lockTimeoutMs: 2_000, statementTimeoutMs: 30_000 };

/** `change`: the change as the plan says it, as canonical text. */
export interface AskedRecipe {
  readonly recipe: Recipe;
  readonly change: string;
}

/**
 * The statements of a step's recipe, made when it is first applied and kept beside the data: once the first of them is begun,
 * it is gone on with, and taken back, by the same ones, also when the server is a newer one by then or the table has got a
 * partition.
 * @throws TerminalError when the recipe cannot be carried out here.
 */
export async function pinRecipe(work: SchemaWork, asked: AskedRecipe): Promise<RecipeText> {
  const { connection, context: step, ledger } = work;
  const before = await pinnedRecipe(connection, step);
  if (before && (await isBegun(ledger.apart()))) return before;
  const { recipe, change } = asked;
  const { serverMajor, ...ground } = await readGround(connection, recipe);
  const made = recipe.compile({ serverMajor, ...ground });
  const earlier = await recogniseRecipe(work, change, made);
  if (earlier) return await pin(connection, step, change, earlier);
  if (!made.ok) throw new TerminalError(`step ${step.stepId}: ${recipe.name}: ${made.reason}`);
  return await pin(connection, step, change, { ...made, serverMajor });
}

async function isBegun(ledger: StatementLedger): Promise<boolean> {
  return (await ledger.begunStatements('apply')).size > 0 || (await ledger.adopted()).length > 0;
}

type Pinned = RecipeText & { readonly serverMajor: number };

/** What an earlier run made is found: it counts as done, and the undo leaves it to that run. Noted together, or not at all. */
async function pin(
  connection: TargetConnection,
  step: StepIdentity,
  change: string,
  text: Pinned | EarlierRecipe,
): Promise<RecipeText> {
  await inTransaction(connection, limits, async () => {
    await claimStep(connection, step);
    await connection.query(
      `insert into crossfade_ledger.recipes (run_id, step_id, change, apply, revert, together, server_major)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (run_id, step_id) do update set apply = excluded.apply, revert = excluded.revert,
         together = excluded.together, server_major = excluded.server_major, made_at = excluded.made_at`,
      [step.runId, step.stepId, change, text.apply, text.revert, text.together, text.serverMajor],
    );
    if (!('runId' in text)) return;
    const what = `the same change, which run ${text.runId} made at ${text.madeAt}`;
    const tasks = recipeFile(text).apply.statements.map((statement, index) => ({ statement, index }));
    await new StatementLedger(connection, step).adopt(tasks.map((task) => ({ task, what })));
  });
  return text;
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
