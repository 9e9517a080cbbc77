import { TerminalError } from '@crossfade/engine';
import type { ExplainGround, Explanation } from '../../explains.ts';
import type { SchemaConfig } from '../config.ts';
import { readMigrationFile, type MigrationFile } from '../migration-file.ts';
import { imaginedGround } from '../recipes/imagined-ground.ts';
import { readGround } from '../recipes/read-ground.ts';
import { recipeFile } from '../recipes/recipe-file.ts';
import { recipeOf } from '../recipes/recipe-of.ts';
import type { Ground, Recipe } from '../recipes/recipe.ts';
import { explainPart } from './explain-part.ts';

/** What a step of type schema will do on the server: its file as it is, its change as that server understands it. */
export async function explainSchema(
  config: SchemaConfig,
  ground: ExplainGround,
): Promise<readonly Explanation[]> {
  if (!config.change) return [explainFile(readMigrationFile(config, ground.files))];
  const recipe = recipeOf(config.change);
  if ('query' in ground.asked) return [await explainThere(recipe, ground.asked)];
  return onVersions(
    ground.asked,
    ground.asked.map((serverMajor) => explainOn(recipe, imaginedGround(recipe, serverMajor))),
  );
}

function explainFile({ apply, revert }: MigrationFile, notes: readonly string[] = []): Explanation {
  return { servers: null, apply: explainPart(apply), undo: explainPart(revert), notes, refused: null };
}

function explainOn(recipe: Recipe, ground: Ground): Explanation {
  const made = recipe.compile(ground);
  if (!made.ok) return refusal(made.reason);
  return explainFile(recipeFile(made), made.notes);
}

const nothing = { statements: [], together: true };

function refusal(refused: string): Explanation {
  return { servers: null, apply: nothing, undo: nothing, notes: [], refused };
}

/** A table that an earlier step will make is not there yet: it is imagined, and that is said. */
async function explainThere(
  recipe: Recipe,
  connection: Extract<ExplainGround['asked'], { query: unknown }>,
): Promise<Explanation> {
  try {
    return explainOn(recipe, await readGround(connection, recipe));
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    const told = explainOn(recipe, imaginedGround(recipe, newest));
    return { ...told, notes: [...told.notes, `Now ${error.message}: told as for an ordinary table.`] };
  }
}

const newest = 18;

/** Versions that do the same are told once. */
function onVersions(majors: readonly number[], told: readonly Explanation[]): readonly Explanation[] {
  const different = told.filter(
    (each, place) => told.findIndex((other) => JSON.stringify(other) === JSON.stringify(each)) === place,
  );
  if (different.length === 1) return different;
  return told.map((each, place) => ({ ...each, servers: nameOf(majors, place) }));
}

function nameOf(majors: readonly number[], place: number): string {
  const [major, next] = [majors[place], majors[place + 1]];
  return next === undefined ? `Postgres ${major} and newer` : `Postgres before ${next}`;
}
