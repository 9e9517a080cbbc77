import type { PerformContext, TargetConnection } from '@crossfade/engine';
import type { MigrationFile } from '../migration-file.ts';
import type { Way } from '../schema-work.ts';
import { pinnedRecipe, pinRecipe } from './pinned-recipe.ts';
import { recipeFile } from './recipe-file.ts';
import type { Recipe } from './recipe.ts';

const nothing = { apply: [], revert: [], together: true };

/** What a recipe has become, or becomes now; to be taken back there is nothing where it never became anything. */
export async function openRecipe(
  connection: TargetConnection,
  context: PerformContext,
  way: Way,
  recipe: Recipe,
): Promise<MigrationFile> {
  if (way === 'apply') return recipeFile(await pinRecipe(connection, context, recipe));
  return recipeFile((await pinnedRecipe(connection, context)) ?? nothing);
}
