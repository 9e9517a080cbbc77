import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import type { StepIdentity } from '../../target/ledger.ts';
import type { SchemaWork } from '../schema-work.ts';
import { compareDone } from '../adopt/compare-done.ts';
import { findMade } from '../adopt/find-made.ts';
import { madeBy } from '../adopt/made-objects.ts';
import { recipeFile, type RecipeText } from './recipe-file.ts';
import type { Compiled } from './recipe.ts';

/** What another run made of the very same change, all of it, and did not take back. */
export interface EarlierRecipe extends RecipeText {
  readonly runId: string;
  /** `2026-01-05 09:00:12 UTC` */
  readonly madeAt: string;
  readonly serverMajor: number;
}

/**
 * Whether the change is there already because another run has made it. A new run would otherwise make a second index beside
 * the first, under the next free name. What has no name of its own, such as an identity, is there when it is refused for being so already.
 * @throws TerminalError when only a part is still there, or it is not the same any more.
 */
export async function recogniseRecipe(
  work: SchemaWork,
  change: string,
  now: Compiled,
): Promise<EarlierRecipe | undefined> {
  const { connection, context: step } = work;
  const earlier = await readEarlier(connection, step, change);
  if (!earlier) return undefined;
  const { statements } = recipeFile(earlier).apply;
  const made = madeBy(statements);
  if (made.length === 0) return !now.ok && now.isSo ? earlier : undefined;
  const there = await findMade(eachInTransaction(connection), made);
  const missing = made.filter((_, index) => there[index] !== true);
  if (missing.length === made.length) return undefined;
  const done = `step ${step.stepId}: run ${earlier.runId} made this change at ${earlier.madeAt}, and since then`;
  if (missing.length === 0) {
    const { differences } = await compareDone(work, statements);
    if (differences.length === 0) return earlier;
    throw new TerminalError(`${done} something else has changed it: ${differences.join('; ')}`);
  }
  throw new TerminalError(
    `${done} a part of it was taken away ` +
      `(${missing.map(({ kind, name }) => `${kind} ${name}`).join(', ')}): expected all of it to be there, or nothing`,
  );
}

async function readEarlier(
  connection: TargetConnection,
  { runId }: StepIdentity,
  change: string,
): Promise<EarlierRecipe | undefined> {
  const { rows } = await eachInTransaction(connection).query<EarlierRecipe>(
    `select r.run_id as "runId", r.apply, r.revert, r.together, r.server_major as "serverMajor",
            to_char(r.made_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') as "madeAt"
       from crossfade_ledger.recipes r
      where r.run_id <> $1 and r.change = $2 and cardinality(r.apply) = (
        select count(*) from crossfade_ledger.migrations m
         where m.run_id = r.run_id and m.step_id = r.step_id and m.direction = 'apply' and m.finished_at is not null)
      order by r.made_at desc limit 1`,
    [runId, change],
  );
  return rows[0];
}
