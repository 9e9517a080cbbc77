import type { TargetConnection } from '@crossfade/engine';
import { callsIn } from '../../schema/function-calls.ts';
import { parseStatements } from '../../sql/parse-statements.ts';
import { eachInTransaction } from '../../target/each-in-transaction.ts';

/**
 * Why an expression may say something else when it is asked again, in words such as "random() is not immutable"; undefined when
 * nothing speaks for that. A call is judged by all functions of its name that take as many arguments.
 */
export async function whyNotImmutable(
  connection: TargetConnection,
  expressions: readonly string[],
): Promise<string | undefined> {
  for (const expression of expressions) {
    const parsed = parseStatements(`select (\n${expression}\n)`);
    if (!parsed.ok) return `${expression}: ${parsed.message}`;
    const tree = parsed.statements.map(({ node }) => node);
    const why = whyByItself(tree) ?? (await whyByItsCalls(connection, tree));
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyByItself(tree: unknown): string | undefined {
  const words = new Set(wordsIn(tree));
  if (words.has('SQLValueFunction')) return 'the current time or user is not immutable';
  return words.has('SubLink') ? 'it reads other rows, which may have changed since' : undefined;
}

function wordsIn(tree: unknown): readonly string[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, part]: [string, unknown]) => [name, ...wordsIn(part)]);
}

async function whyByItsCalls(connection: TargetConnection, tree: unknown): Promise<string | undefined> {
  const calls = callsIn(tree).map(({ funcname = [], args = [] }) => ({
    name: funcname.flatMap((part) => ('String' in part ? [part.String.sval ?? ''] : [])).at(-1),
    args: args.length,
  }));
  if (calls.length === 0) return undefined;
  const { rows } = await eachInTransaction(connection).query<{ name: string }>(
    `select c.name from unnest($1::text[], $2::int[]) with ordinality as c (name, args, at)
      where exists (select from pg_proc p where p.proname = c.name and p.provolatile <> 'i'
                      and (p.provariadic <> 0 or c.args between p.pronargs - p.pronargdefaults and p.pronargs))
      order by c.at limit 1`,
    [calls.map(({ name }) => name), calls.map(({ args }) => args)],
  );
  return rows[0] && `${rows[0].name}() is not immutable`;
}
