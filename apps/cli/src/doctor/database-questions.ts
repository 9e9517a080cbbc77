import type { Client } from 'pg';
import { note, ok, problem, warning, type Seen } from './finding.ts';

interface ServerFacts {
  readonly version_num: number;
  readonly version: string;
  readonly backend: number;
  readonly replica: boolean;
  readonly read_only: string;
  readonly isolation: string;
  readonly free_connections: number;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly autovacuum: string;
  readonly track_activities: string;
  /** Both as SQL. */
  readonly role: string;
  readonly database: string;
  readonly may_create: boolean;
  /** Of those that Crossfade keeps its own things in. */
  readonly missing_schemas: readonly string[];
  readonly not_owned: number;
}

const factsQuery = `
  select current_setting('server_version_num')::int as version_num,
         current_setting('server_version') as version,
         pg_backend_pid() as backend,
         pg_is_in_recovery() as replica,
         current_setting('default_transaction_read_only') as read_only,
         current_setting('default_transaction_isolation') as isolation,
         current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int
           - (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as free_connections,
         current_setting('fsync') as fsync,
         current_setting('full_page_writes') as full_page_writes,
         current_setting('autovacuum') as autovacuum,
         current_setting('track_activities') as track_activities,
         quote_ident(current_user) as role,
         quote_ident(current_database()) as database,
         has_database_privilege(current_database(), 'CREATE') as may_create,
         array(select s from unnest(array['crossfade', 'crossfade_ledger']) as s where to_regnamespace(s) is null) as missing_schemas,
         (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
             and not pg_has_role(c.relowner, 'USAGE')) as not_owned`;

/** Asks the server; `where` is the URL without its password. */
export async function examineServer(client: Client, where: string): Promise<Seen[]> {
  const { rows } = await client.query<ServerFacts>(factsQuery);
  const [facts] = rows;
  if (facts === undefined) throw new Error('the server answered a question for its settings with no row');
  const version = `${where} is Postgres ${facts.version}`;
  if (facts.version_num < 140_000)
    return [problem(version, 'Crossfade needs Postgres 14 or newer: upgrade it')];
  return [
    ok(version),
    ...whatForbids(facts),
    ...whatHurts(facts),
    ...pooler(client, facts),
    ...(await whatGetsInTheWay(client)),
  ];
}

function whatForbids(facts: ServerFacts): Seen[] {
  const seen: Seen[] = [];
  if (facts.replica) {
    seen.push(problem('the server is a replica: nothing can be written', 'use the URL of its primary'));
  } else if (facts.read_only === 'on') {
    const todo = 'alter the role or the database: set default_transaction_read_only = off';
    seen.push(problem('transactions are read-only by default', todo));
  }
  if (!facts.may_create) seen.push(mayNotCreate(facts));
  if (facts.not_owned > 0) {
    const todo = 'a plan can only alter tables of its own role: use the owner, or be a member of it';
    seen.push(warning(`${facts.not_owned} tables belong to other roles`, todo));
  }
  return seen;
}

function mayNotCreate({ role, database, missing_schemas: missing }: ServerFacts): Seen {
  const grant = `grant create on database ${database} to ${role}`;
  if (missing.length === 0) {
    const what = `role ${role} may not create schemas here: what another tool has made already cannot be compared with the plan`;
    return warning(what, grant);
  }
  const made = missing.map((schema) => `create schema ${schema} authorization ${role}`).join('; ');
  return problem(
    `role ${role} may not make what Crossfade keeps its journal and its ledger in: schema ${missing.join(', schema ')}`,
    `${grant}; or have it made by somebody who may: ${made}`,
  );
}

function whatHurts(facts: ServerFacts): Seen[] {
  const seen: Seen[] = [];
  if (facts.free_connections < 20) {
    const todo = 'raise max_connections, or end what is not needed: a run takes up to 20';
    seen.push(warning(`only ${facts.free_connections} connections are free`, todo));
  }
  for (const setting of ['fsync', 'full_page_writes', 'autovacuum', 'track_activities'] as const) {
    if (facts[setting] === 'on') continue;
    const harm = setting === 'fsync' || setting === 'full_page_writes' ? dataAtRisk : harms[setting];
    seen.push(warning(`${setting} is ${facts[setting]}: ${harm}`, `alter system set ${setting} = on`));
  }
  if (facts.isolation !== 'read committed') {
    const todo = 'leave default_transaction_isolation at "read committed"';
    seen.push(warning(`transactions are "${facts.isolation}" by default: they fail more often`, todo));
  }
  return seen;
}

const dataAtRisk = 'a power cut may destroy the data';
const harms = {
  autovacuum: 'what a backfill replaces is never cleaned up',
  track_activities: 'work that a dead controller left running cannot be found',
};

/** Behind a pooler the process that the protocol named is not the one that answers. */
function pooler(client: Client, { backend }: ServerFacts): Seen[] {
  const named: unknown = Reflect.get(client, 'processID');
  if (named === backend) return [];
  const todo =
    'set DATABASE_DIRECT_URL to the server behind it: without, a plan that builds an index CONCURRENTLY is refused';
  return [note('a connection pooler stands before the server', todo)];
}

interface Obstacle {
  readonly kind: 'index' | 'long' | 'idle' | 'prepared';
  readonly name: string;
  readonly seconds: number | null;
}

/** With pg_catalog first, so that nobody's own table answers for a system view. */
const obstaclesQuery = `
  select 'index' as kind, format('%I.%I', n.nspname, c.relname) as name, null::int as seconds
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where not i.indisvalid and c.relkind = 'i'
     and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
   union all
  select case when state like 'idle in%' then 'idle' else 'long' end,
         format('%s (%s)', pid, coalesce(nullif(application_name, ''), usename)),
         extract(epoch from clock_timestamp() - xact_start)::int
    from pg_catalog.pg_stat_activity
   where backend_type = 'client backend' and pid <> pg_backend_pid() and datname = current_database()
     and clock_timestamp() - xact_start > case when state like 'idle in%' then interval '10 s' else interval '60 s' end
   union all
  select 'prepared', gid, extract(epoch from clock_timestamp() - prepared)::int
    from pg_catalog.pg_prepared_xacts where database = current_database()
   order by 1, 3 desc nulls last
   limit 20`;

async function whatGetsInTheWay(client: Client): Promise<Seen[]> {
  const { rows } = await client.query<Obstacle>(obstaclesQuery);
  if (rows.length === 0) return [ok('no invalid index, no transaction that stands in the way')];
  return rows.map(({ kind, name, seconds }) => {
    if (kind === 'index')
      return warning(`the index ${name} is invalid`, `drop index concurrently ${name}; then build it again`);
    if (kind === 'prepared') {
      const todo = `holds its locks until: commit prepared '${name}', or rollback prepared '${name}'`;
      return warning(`the prepared transaction ${name} is ${seconds} s old`, todo);
    }
    const what = kind === 'idle' ? 'is idle in a transaction' : 'has one transaction open';
    const todo = `schema changes wait for it: let it end, or select pg_terminate_backend(${name.split(' ')[0]})`;
    return warning(`the session ${name} ${what} for ${seconds} s`, todo);
  });
}
