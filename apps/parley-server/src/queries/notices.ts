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

/** The most pressing first. */
export async function activeNotices(database: Queries): Promise<NoticeRow[]> {
  return await database.query<NoticeRow>(ACTIVE, []);
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
