import type { MigrationFile } from '../migration-file.ts';
import type { SchemaWork, Way } from '../schema-work.ts';
import { pinnedRecipe, pinRecipe, type AskedRecipe } from './pinned-recipe.ts';
import { recipeFile } from './recipe-file.ts';

const nothing = { apply: [], revert: [], together: true };

/** What a recipe has become, or becomes now; to be taken back there is nothing where it never became anything. */
export async function openRecipe(work: SchemaWork, way: Way, asked: AskedRecipe): Promise<MigrationFile> {
  if (way === 'apply') return recipeFile(await pinRecipe(work, asked));
  return recipeFile((await pinnedRecipe(work.connection, work.context)) ?? nothing);
}
