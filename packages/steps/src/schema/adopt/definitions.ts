import type { TargetConnection } from '@crossfade/engine';
import { catalogQueries } from '../catalog-queries.ts';

/** `index public.by_body` → what it is, in words that are equal for what is equal. */
export type Definitions = ReadonlyMap<string, string>;

const everything = Object.entries(catalogQueries)
  .map(
    ([kind, query]) => `select '${kind} ' || q.name as name, q.definition, q.name as place from (${query}) q`,
  )
  .join(' union all ');

/** Of all that lies in schemas, or in tables, given as `public` or `public.messages`, quoted. */
export async function definitionsIn(
  connection: TargetConnection,
  places: readonly string[],
): Promise<Definitions> {
  return await read(
    connection,
    `where exists (select from unnest($1::text[]) p where starts_with(d.place, p || '.'))`,
    places,
  );
}

export async function definitionsOf(
  connection: TargetConnection,
  names: readonly string[],
): Promise<Definitions> {
  return await read(connection, 'where d.name = any($1)', names);
}

async function read(
  connection: TargetConnection,
  which: string,
  parameter: readonly string[],
): Promise<Definitions> {
  const { rows } = await connection.query<{ name: string; definition: string | null }>(
    `select d.name, d.definition from (${everything}) d ${which}`,
    [parameter],
  );
  // Since Postgres 18 a NOT NULL is also a constraint with a name of its own; the column says it already.
  return new Map(
    rows
      .filter(({ name, definition }) => !(name.startsWith('constraint ') && definition?.startsWith('n ')))
      .map(({ name, definition }) => [name, definition ?? '']),
  );
}
