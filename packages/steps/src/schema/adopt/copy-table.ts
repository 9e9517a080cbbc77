import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { attempt } from './attempt.ts';
import type { MadeObject } from './made-objects.ts';
import { intoScratch, type Scratch } from './scratch-text.ts';

export interface Table {
  readonly schema: string;
  readonly name: string;
  /** `RANGE (at)`, as after PARTITION BY; null for a table without partitions. */
  readonly partitionKey: string | null;
}

/**
 * An empty copy of a table in its stand-in, with its keys and unique indexes, which foreign keys may point to, and without what
 * is to be made in it. Returns why there is none; null when there is, or it is to be made itself.
 */
export async function copyTable(
  connection: TargetConnection,
  scratch: Scratch,
  { schema, name, partitionKey }: Table,
  made: readonly MadeObject[],
): Promise<string | null> {
  if (made.some((object) => isWhole(object, name))) return null;
  const { schemas } = scratch;
  const real = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  const copy = `${quoteIdentifier(schemas.get(schema) ?? schema)}.${quoteIdentifier(name)}`;
  // An index over partitions is another than one of a single table.
  const partitioned = partitionKey === null ? '' : ` partition by ${partitionKey}`;
  const failure = await attempt(
    connection,
    `create table ${copy} (like ${real} including all excluding indexes)${partitioned}`,
  );
  if (failure !== null) return failure;
  const own = made.filter((object) => object.table === name && (object.schema ?? schema) === schema);
  const namesOf = (kind: string): readonly string[] =>
    own.filter((object) => object.kind === kind).map((object) => object.name);
  for (const part of ['column', 'constraint']) {
    for (const partName of namesOf(part)) {
      await attempt(
        connection,
        `alter table ${copy} drop ${part} if exists ${quoteIdentifier(partName)} cascade`,
      );
    }
  }
  for (const key of await keysOf(connection, real)) {
    if (namesOf('constraint').includes(key.name)) continue;
    await attempt(
      connection,
      `alter table ${copy} add constraint ${quoteIdentifier(key.name)} ${key.definition}`,
    );
  }
  for (const index of await uniqueIndexesOf(connection, real)) {
    if (!namesOf('index').includes(index.name))
      await attempt(connection, intoScratch(index.definition, scratch));
  }
  return null;
}

/** It is to be made itself. */
function isWhole({ kind, table, name: made }: MadeObject, name: string): boolean {
  return table === null && made === name && (kind === 'table' || kind === 'view');
}

interface Part {
  readonly name: string;
  readonly definition: string;
}

async function keysOf(connection: TargetConnection, table: string): Promise<readonly Part[]> {
  const { rows } = await connection.query<Part>(
    `select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = $1::regclass and contype in ('p', 'u')`,
    [table],
  );
  return rows;
}

/** Those that belong to no key. */
async function uniqueIndexesOf(connection: TargetConnection, table: string): Promise<readonly Part[]> {
  const { rows } = await connection.query<Part>(
    `select c.relname as name, pg_get_indexdef(i.indexrelid) as definition
       from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = $1::regclass and i.indisunique and i.indisvalid
        and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = i.indrelid)`,
    [table],
  );
  return rows;
}
