import type { Node } from 'libpg-query';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { Statement } from '../../sql/parse-statements.ts';
import { listed } from '../alter-commands.ts';
import { nameParts } from '../created-and-dropped.ts';

/**
 * What a function is called with, each as `to_regtype` takes it: with its name they tell it from others. Null where that is
 * more than the text says, such as `messages.id%type`, and for what is no function.
 */
export function argumentTypes({ node }: Statement): readonly string[] | null {
  if (!('CreateFunctionStmt' in node)) return null;
  const types = listed(node.CreateFunctionStmt.parameters).flatMap(inputType);
  return types.some((type) => type === null) ? null : types.filter((type) => type !== null);
}

const ofTheResult: ReadonlySet<string | undefined> = new Set(['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE']);

function inputType(parameter: Node): readonly (string | null)[] {
  if (!('FunctionParameter' in parameter)) return [null];
  const { mode, argType } = parameter.FunctionParameter;
  if (ofTheResult.has(mode)) return [];
  if (!argType || argType.pct_type === true) return [null];
  const name = listed(argType.names).flatMap(nameParts).map(quoteIdentifier).join('.');
  // Postgres has arrays, and not arrays of so many dimensions.
  return [listed(argType.arrayBounds).length > 0 ? `${name}[]` : name];
}
