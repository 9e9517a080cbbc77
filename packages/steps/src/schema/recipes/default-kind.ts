import type { Node } from 'libpg-query';
import { parseStatements } from '../../sql/parse-statements.ts';
import { callsIn } from '../function-calls.ts';
import { nameParts } from '../created-and-dropped.ts';

/** Functions of Postgres and of its usual extensions that give another value at each call. */
const volatileFunctions: ReadonlySet<string | undefined> = new Set([
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'uuid_generate_v1',
  'uuid_generate_v4',
  'gen_random_bytes',
  'random',
  'random_normal',
  'clock_timestamp',
  'timeofday',
  'nextval',
]);

/** Of Postgres, that give one value for a whole statement. */
const stableFunctions: ReadonlySet<string | undefined> = new Set([
  'now',
  'statement_timestamp',
  'transaction_timestamp',
  'current_setting',
]);

/**
 * What the text of a default shows without a server: one value for all rows, another for each, or functions and operators that
 * only the server knows.
 */
export function defaultKind(text: string | undefined): 'constant' | 'volatile' | 'unknown' {
  if (text === undefined) return 'constant';
  const parsed = parseStatements(`select (${text})`);
  const node = parsed.ok ? parsed.statements[0]?.node : undefined;
  if (!node) return 'unknown';
  const names = callsIn(node).map(({ funcname }) => (funcname ?? []).flatMap(nameParts).at(-1));
  if (names.some((name) => volatileFunctions.has(name))) return 'volatile';
  return names.every((name) => stableFunctions.has(name)) && isPlain(node) ? 'constant' : 'unknown';
}

/** Nothing in it that is worked out by what somebody may have made: operators, casts to types of their own, queries. */
function isPlain(node: Node): boolean {
  const text = JSON.stringify(node);
  const casts = [...text.matchAll(/"typeName":\{"names":(\[.*?\])/g)].map(([, names = '']) => names);
  return (
    !/"A_Expr"|"SubLink"|"FuncExpr"|"CollateClause"/.test(text) &&
    casts.every(
      (names) => names.includes('pg_catalog') || /"(text|jsonb?|uuid|date|timestamptz|bytea)"/.test(names),
    )
  );
}
