import type { PerformContext } from '@crossfade/engine';
import type { Statement } from '../../sql/parse-statements.ts';
import type { SchemaConfig } from '../config.ts';
import { createdBy, nameParts } from '../created-and-dropped.ts';
import { listed } from '../alter-commands.ts';
import { readSections } from '../migration-file.ts';
import { imaginedGround } from '../recipes/imagined-ground.ts';
import { recipeFile } from '../recipes/recipe-file.ts';
import { recipeOf } from '../recipes/recipe-of.ts';
import { relationsIn } from '../statement-facts.ts';

/**
 * What later steps of the plan do to what the statements name: where another tool has carried out the whole of it, the tables
 * are as the last of them leaves them.
 */
export function laterStatements(
  { laterSteps, files }: Pick<PerformContext, 'laterSteps' | 'files'>,
  serverMajor: number,
  statements: readonly Statement[],
): readonly Statement[] {
  const ours = new Set(statements.flatMap(namesIn));
  return laterSteps
    .flatMap(({ type, config }) =>
      // What a plan binds to a step type was parsed by its schema.
      type === 'schema' ? statementsOf(config as SchemaConfig, files, serverMajor) : [],
    )
    .filter((statement) => namesIn(statement).some((name) => ours.has(name)));
}

/** None for one that is not SQL, or that this server refuses: its own step will say so. */
function statementsOf(
  { change, file }: SchemaConfig,
  files: PerformContext['files'],
  serverMajor: number,
): readonly Statement[] {
  if (!change) {
    const { apply } = readSections(files[file] ?? '');
    return apply.ok ? apply.statements : [];
  }
  const recipe = recipeOf(change);
  const made = recipe.compile(imaginedGround(recipe, serverMajor));
  return made.ok ? recipeFile(made).apply.statements : [];
}

/** Of tables, and of what it creates or adds to. */
function namesIn(statement: Statement): readonly string[] {
  const { node } = statement;
  const ofType =
    'AlterEnumStmt' in node ? listed(node.AlterEnumStmt.typeName).flatMap(nameParts).slice(-1) : [];
  return [
    ...relationsIn(statement).map(({ name }) => name),
    ...createdBy(statement).map((created) => created.slice(created.indexOf(' ') + 1)),
    ...ofType,
  ];
}
