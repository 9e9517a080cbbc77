import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { quoteName } from '../../sql/quote-name.ts';
import { theRow } from '../../sql/the-row.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import { sqlStateOf } from '../../target/sql-state.ts';
import { countOf } from '../../text.ts';
import { readGround } from './read-ground.ts';
import type { Recipe, Violations } from './recipe.ts';

/** Counted no further: whether it is ten thousand or a million, somebody must look. */
const mostCounted = 10_000;
const mostNamed = 3;
const limits = { lockTimeoutMs: 2_000, statementTimeoutMs: 20_000, readOnly: true };

/** The error itself, or, when rows stand in the way of the recipe, one that says how many, and names a few of them. */
export async function nameViolations(
  connection: TargetConnection,
  recipe: Recipe,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof TerminalError) || !sqlStateOf(error.cause)?.startsWith('23')) return error;
  try {
    const { table } = await readGround(connection, recipe);
    const violations = recipe.violations?.(table);
    if (!violations) return error;
    const seen = await look(connection, violations);
    return seen === '' ? error : new TerminalError(`${error.message}: ${seen}`, { cause: error.cause });
  } catch {
    // Too many to look through, or not for our eyes: what Postgres said must do.
    return error;
  }
}

interface Seen {
  readonly found: number;
  readonly named: readonly string[];
}

/** "3 rows, such as id 4, id 17" */
async function look(connection: TargetConnection, { from, keys, noun }: Violations): Promise<string> {
  const label = keys.map((key) => `${quoteName(key)}::text`);
  const named = keys.length === 0 ? 'null' : `concat_ws(', ', ${label.join(', ')})`;
  const { rows } = await inTransaction(
    connection,
    limits,
    async () =>
      await connection.query<Seen>(
        `select count(*)::integer as found, coalesce((array_agg(left(key, 80)))[1:${mostNamed}], '{}') as named
           from (select ${named} as key from ${from} limit ${mostCounted + 1}) as v`,
      ),
  );
  const { found, named: some } = theRow(rows);
  if (found === 0) return '';
  const counted = found > mostCounted ? `more than ${countOf(mostCounted, noun)}` : countOf(found, noun);
  const which = some.map((key) => `${keys.join(', ')} = ${key}`).join('; ');
  return `${counted}${keys.length === 0 ? '' : `, such as ${which}`}. Correct them before the plan is run again`;
}
