import type { Client } from 'pg';
import { parseDatabaseUrl, redactUrl } from './database-url.ts';
import { reasonOf } from './reason-of.ts';
import { SilentServerError, withClient } from './with-client.ts';

const OLDEST_VERSION = 140_000;
const NAMED_TABLES = 5;

/** What a managed Supabase database holds from the start, and our own schema. */
const NOT_FOREIGN = [
  'information_schema',
  'auth',
  'storage',
  'realtime',
  '_realtime',
  '_analytics',
  'extensions',
  'vault',
  'graphql',
  'graphql_public',
  'supabase_functions',
  'supabase_migrations',
  'pgsodium',
  'pgsodium_masks',
  'net',
  'cron',
  'pgbouncer',
  'crossfade',
  'crossfade_ledger',
];

/** Schemas of the name pg_… belong to Postgres; tables of an extension came with it, wherever it put them. */
const FOREIGN_TABLES = `
  select format('%s.%s', n.nspname, c.relname) as name
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'f', 'm', 'v')
     and n.nspname !~ '^pg_'
     and n.nspname <> all ($1::text[])
     and not exists (
       select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
   order by n.nspname = 'public' desc, 1`;

export type UsableDatabase = {
  /** As in `server_version_num`: 180004 for Postgres 18.4. */
  serverVersion: number;
  /** No tables but those of a fresh managed database and Crossfade's own. */
  empty: boolean;
  /** Holds `parley.installation`, the mark that Parley was installed here. */
  marked: boolean;
};

/** The database holds somebody else's tables: we do not touch it. */
export class ForeignDatabaseError extends Error {
  override readonly name = 'ForeignDatabaseError';
}

/** The server is older than Postgres 14. */
export class UnsupportedPostgresError extends Error {
  override readonly name = 'UnsupportedPostgresError';
}

/**
 * Looks whether Parley and Crossfade may work in this database; changes nothing in it.
 * @throws ForeignDatabaseError when it is neither empty nor marked as Parley's.
 * @throws UnsupportedPostgresError below Postgres 14.
 * @throws Error when it cannot be reached, or does not answer for 10 s; no message holds the password.
 */
export async function assertUsableDatabase(url: string): Promise<UsableDatabase> {
  parseDatabaseUrl(url, 'The database URL');
  const facts = await reach(url);
  assertSupported(facts);
  const empty = facts.tables.length === 0;
  if (!empty && !facts.marked) throw new ForeignDatabaseError(refusal(facts.where, facts.tables));
  return { serverVersion: facts.serverVersion, empty, marked: facts.marked };
}

type Facts = { serverVersion: number; versionText: string; marked: boolean; tables: string[]; where: string };

export function assertSupported(facts: Pick<Facts, 'serverVersion' | 'versionText' | 'where'>): void {
  if (facts.serverVersion >= OLDEST_VERSION) return;
  throw new UnsupportedPostgresError(
    `${facts.where} is Postgres ${facts.versionText}: expected Postgres 14 or newer`,
  );
}

async function reach(url: string): Promise<Facts> {
  try {
    return await withClient(url, gatherFacts);
  } catch (error) {
    if (error instanceof SilentServerError) throw error; // Says all that there is to say.
    throw new Error(`Cannot use the database ${redactUrl(url)}: ${reasonOf(error)}`, { cause: error });
  }
}

async function gatherFacts(client: Client): Promise<Facts> {
  const { rows } = await client.query<{ version: number; text: string; marked: boolean; database: string }>(`
    select current_setting('server_version_num')::int as version,
           current_setting('server_version') as text,
           to_regclass('parley.installation') is not null as marked,
           current_database() as database`);
  const [facts] = rows;
  if (facts === undefined) throw new Error('the server answered a question for its version with no row');
  const tables = await client.query<{ name: string }>(FOREIGN_TABLES, [NOT_FOREIGN]);
  return {
    serverVersion: facts.version,
    versionText: facts.text,
    marked: facts.marked,
    tables: tables.rows.map(({ name }) => name),
    where: `The database "${facts.database}" on ${client.host}:${client.port}`,
  };
}

function refusal(where: string, tables: string[]): string {
  const more = tables.length > NAMED_TABLES ? `, and ${tables.length - NAMED_TABLES} more` : '';
  return (
    `${where} is neither empty nor marked as Parley's, so nothing is changed in it. ` +
    `It holds: ${tables.slice(0, NAMED_TABLES).join(', ')}${more}. ` +
    'Set DATABASE_URL to an empty database, or unset it to work with an embedded one.'
  );
}
