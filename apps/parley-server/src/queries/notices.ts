import type { QueryResultRow } from 'pg';

export type NoticeRow = {
  id: string;
  kind: 'info' | 'work' | 'trouble';
  title: string;
  text: string;
  progress: number | null;
  until: Date | null;
  started_at: Date;
};

/** The little that is needed to ask: a pool of a server, or one connection of a command. */
export type Queries = { query<Row extends QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]> };

const ACTIVE = `
SELECT id, kind, title, text, progress::double precision AS progress, until, started_at
FROM parley.notices WHERE ended_at IS NULL
ORDER BY kind = 'trouble' DESC, kind = 'work' DESC, started_at DESC LIMIT 20`;

/** By the catalog: to ask for a table that is not there, or that is not ours to read, would be an error. */
const IS_MIGRATION_TOLD = `
SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'crossfade' AND c.relname = 'notices'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')`;

/** What was not shown again lately is of a migration that has ended without saying so. */
const OF_MIGRATION = `
SELECT 'crossfade/' || step_id AS id, 'work' AS kind, title, text, progress, NULL::timestamptz AS until, started_at
FROM crossfade.notices WHERE shown_at > now() - interval '30 seconds'
ORDER BY started_at DESC LIMIT 20`;

/** The most pressing first: trouble, what the migration is at work on, other work, and whatever else there is to know. */
export async function activeNotices(database: Queries): Promise<NoticeRow[]> {
  const [own, told] = await Promise.all([
    database.query<NoticeRow>(ACTIVE, []),
    database.query(IS_MIGRATION_TOLD, []),
  ]);
  const ofMigration = told.length === 0 ? [] : await database.query<NoticeRow>(OF_MIGRATION, []);
  const isTrouble = ({ kind }: NoticeRow): boolean => kind === 'trouble';
  return [...own.filter(isTrouble), ...ofMigration, ...own.filter((notice) => !isTrouble(notice))];
}

const ADD = `
INSERT INTO parley.notices (kind, title, text, progress, until) VALUES ($1, $2, $3, $4, $5) RETURNING id`;

export type NewNotice = Pick<NoticeRow, 'kind' | 'title' | 'text' | 'progress' | 'until'>;

/** @returns its id. */
export async function addNotice(
  database: Queries,
  { kind, title, text, progress, until }: NewNotice,
): Promise<string> {
  const [row] = await database.query<{ id: string }>(ADD, [kind, title, text, progress, until]);
  if (row === undefined) throw new Error('the database stored a notice without returning it');
  return row.id;
}

/** False when there is no such notice, or it has ended. */
export async function changeNotice(database: Queries, id: string, progress: number): Promise<boolean> {
  const sql = 'UPDATE parley.notices SET progress = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id';
  return (await database.query(sql, [id, progress])).length > 0;
}

/** False when there is no such notice, or it has ended. */
export async function endNotice(database: Queries, id: string): Promise<boolean> {
  const sql = 'UPDATE parley.notices SET ended_at = now() WHERE id = $1 AND ended_at IS NULL RETURNING id';
  return (await database.query(sql, [id])).length > 0;
}
