import { randomBytes } from 'node:crypto';
import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { quoteName } from '../../sql/quote-name.ts';
import type { Statement } from '../../sql/parse-statements.ts';
import { relationsIn } from '../statement-facts.ts';
import { attempt } from './attempt.ts';
import { isComparable, isComparableLater } from './comparable.ts';
import { copyTable, type Table } from './copy-table.ts';
import { definitionsIn, type Definitions } from './definitions.ts';
import { madeBy, type MadeObject } from './made-objects.ts';
import { intoScratch, type Scratch } from './scratch-text.ts';

/** What one statement came to where it was tried out; undefined for one that was not. */
export interface TriedOut {
  /** Names of what it made or changed, as they would be in the real schemas. */
  readonly changed: readonly string[];
  /** How everything was defined after it. */
  readonly after: Definitions;
  readonly error: string | null;
}

/**
 * Carries out the comparable statements, and those of later steps, on empty copies of the tables that they name, without what
 * they would make there, in schemas of their own. To be called in a transaction that is rolled back; leaves the search path
 * empty.
 */
export async function tryOut(
  connection: TargetConnection,
  statements: readonly Statement[],
  later: readonly Statement[],
): Promise<readonly (TriedOut | undefined)[]> {
  const bench = await setUp(connection, statements, later);
  const tried: (TriedOut | undefined)[] = [];
  let before = await look(connection, bench.scratch, bench.ground.path);
  const tryOne = async (statement: Statement): Promise<void> => {
    const one = await tryStatement(connection, bench, statement, before);
    before = one.after;
    tried.push(one);
  };
  for (const statement of statements) {
    if (isComparable(statement)) await tryOne(statement);
    else tried.push(undefined);
  }
  // Where something is missing, what comes later would find the real one in its place.
  const isWhole = tried.every((one) => !one || one.error === null);
  for (const statement of isWhole ? later.filter(isComparableLater) : []) await tryOne(statement);
  await connection.query(`set local search_path = ''`);
  return tried;
}

interface Bench {
  readonly ground: Ground;
  readonly scratch: Scratch;
  /** Why a table has no copy, by its name in full. */
  readonly uncopied: ReadonlyMap<string, string>;
}

async function setUp(
  connection: TargetConnection,
  statements: readonly Statement[],
  later: readonly Statement[],
): Promise<Bench> {
  const ground = await readGround(connection, [...statements, ...later]);
  const made = [...madeBy(statements), ...madeBy(later)];
  const scratch = scratchFor(ground, made);
  for (const standIn of scratch.schemas.values())
    await connection.query(`create schema ${quoteIdentifier(standIn)}`);
  const uncopied = new Map<string, string>();
  for (const table of ground.tables) {
    const failure = await copyTable(connection, scratch, table, made);
    if (failure !== null) uncopied.set(`${table.schema}.${table.name}`, failure);
  }
  return { ground, scratch, uncopied };
}

async function tryStatement(
  connection: TargetConnection,
  bench: Bench,
  statement: Statement,
  before: Definitions,
): Promise<TriedOut> {
  const { scratch, ground } = bench;
  const real = await namesReal(connection, bench, statement);
  const error = real ?? (await attempt(connection, intoScratch(statement.text, scratch)));
  const after = await look(connection, scratch, ground.path);
  const changed = [...after]
    .filter(([name, definition]) => before.get(name) !== definition)
    .map(([name]) => name);
  return { changed, after, error };
}

/** Nothing is tried out on people's own tables: says which one has no copy, of those that the statement does not make itself. */
async function namesReal(
  connection: TargetConnection,
  { ground: { tables }, scratch: { schemas }, uncopied }: Bench,
  statement: Statement,
): Promise<string | null> {
  const own = new Set(madeBy([statement]).flatMap(({ table, name }) => (table === null ? [name] : [])));
  const named = new Set(relationsIn(statement).map(({ name }) => name));
  const needed = tables.filter(({ name }) => named.has(name) && !own.has(name));
  const { rows } = await connection.query<{ name: string }>(
    `select name from unnest($1::text[], $2::text[]) as n (copy, name) where to_regclass(n.copy) is null limit 1`,
    [
      needed.map(
        ({ schema, name }) => `${quoteIdentifier(schemas.get(schema) ?? schema)}.${quoteIdentifier(name)}`,
      ),
      needed.map(({ schema, name }) => `${schema}.${name}`),
    ],
  );
  if (!rows[0]) return null;
  const { name } = rows[0];
  return `${name} cannot be copied to try it out (${uncopied.get(name) ?? 'it is to be made first'})`;
}

interface Ground {
  /** Schemas in which names without one are looked for, the first of which takes what is created. */
  readonly path: readonly string[];
  /** That are named and are there. */
  readonly tables: readonly Table[];
  readonly schemas: readonly string[];
}

async function readGround(connection: TargetConnection, statements: readonly Statement[]): Promise<Ground> {
  const named = statements.flatMap(relationsIn);
  const { rows } = await connection.query<Table>(
    `select distinct s.nspname as schema, c.relname as name, pg_get_partkeydef(c.oid) as "partitionKey"
       from unnest($1::text[], $2::text[]) as n (schema, name)
       join pg_class c on c.oid = to_regclass(coalesce(quote_ident(n.schema) || '.', '') || quote_ident(n.name))
       join pg_namespace s on s.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [named.map(({ schema }) => schema), named.map(({ name }) => name)],
  );
  const { rows: path } = await connection.query<{ schema: string }>(
    `select schema from unnest(current_schemas(false)) as schema`,
  );
  const ownPath = path.map(({ schema }) => schema);
  const said = named.flatMap(({ schema }) => (schema === null ? [] : [schema]));
  return {
    path: ownPath,
    tables: rows,
    schemas: [...new Set([...ownPath.slice(0, 1), ...rows.map(({ schema }) => schema), ...said])],
  };
}

function scratchFor({ schemas, tables }: Ground, made: readonly MadeObject[]): Scratch {
  const prefix = `crossfade_scratch_${randomBytes(4).toString('hex')}`;
  const madeSchemas = made.flatMap(({ schema }) => (schema === null ? [] : [schema]));
  const all = [...new Set([...schemas, ...madeSchemas])];
  return {
    schemas: new Map(all.map((schema, index) => [schema, `${prefix}_${index}`])),
    names: new Set([...tables, ...made].map(({ name }) => name)),
  };
}

/** What is defined in the stand-ins, in the words of what they stand for: with all names in full. */
async function look(
  connection: TargetConnection,
  { schemas }: Scratch,
  path: readonly string[],
): Promise<Definitions> {
  await connection.query(`set local search_path = ''`);
  const found = await definitionsIn(connection, [...schemas.values()]);
  const inScratch = path.flatMap((schema) => [schemas.get(schema) ?? [], schema].flat());
  await connection.query(`select set_config('search_path', $1, true)`, [
    inScratch.map(quoteIdentifier).join(', '),
  ]);
  const real = (text: string): string => {
    let words = text;
    for (const [schema, standIn] of schemas) words = words.replaceAll(`${standIn}.`, `${quoteName(schema)}.`);
    return words;
  };
  return new Map([...found].map(([name, definition]) => [real(name), real(definition)]));
}
