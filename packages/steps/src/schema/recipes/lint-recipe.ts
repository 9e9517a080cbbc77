import type { Change } from './change-schema.ts';
import { recipeFile } from './recipe-file.ts';
import { recipeOf } from './recipe-of.ts';
import type { Recipe } from './recipe.ts';
import { imaginedTable } from './table-facts.ts';

/** Two that differ in what they understand. */
const usualServers = [15, 18] as const;

/** All that can be known to be wrong with a recipe before it meets a server. */
export function lintRecipe(change: Change): readonly string[] {
  const recipe = recipeOf(change);
  const findings = recipe.lint();
  return (findings.length > 0 ? findings : lintStatements(recipe)).map((finding) => `change.${finding}`);
}

/** A last net under what settings have become: each must be the one statement that it looks like. */
function lintStatements(recipe: Recipe): readonly string[] {
  return usualServers.flatMap((serverMajor) => {
    const table = imaginedTable(recipe.table ?? { schema: null, name: '' });
    const made = recipe.compile({ serverMajor, table, rewrites: null });
    if (!made.ok) return [];
    try {
      recipeFile(made);
      return [];
    } catch (error) {
      return [`${recipe.name}: makes no statement: ${String(error)}`];
    }
  });
}
