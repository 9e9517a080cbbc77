import { parseStatements, type Statement } from '../../sql/parse-statements.ts';
import { areTogether, type MigrationFile } from '../migration-file.ts';

/** What a recipe has become: kept as it is, and carried out as if it were a file of the plan. */
export interface RecipeText {
  readonly apply: readonly string[];
  readonly revert: readonly string[];
  readonly together: boolean;
}

/** Each statement on a line of its own, those of the undo after the others: messages name them by their number. */
export function recipeFile({ apply, revert, together }: RecipeText): MigrationFile {
  const reverted = revert.map((text, index) => numbered(text, apply.length + index + 1));
  return {
    apply: { statements: apply.map((text, index) => numbered(text, index + 1)), together },
    revert: { statements: reverted, together: areTogether(reverted) },
  };
}

/** @throws Error when it is not exactly one statement. */
function numbered(text: string, line: number): Statement {
  const parsed = parseStatements(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.message}`);
  const [only, ...more] = parsed.statements;
  if (!only || more.length > 0) throw new Error(`${text}: expected one statement`);
  return { ...only, line };
}
