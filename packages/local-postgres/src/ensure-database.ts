import { Client, DatabaseError } from 'pg';
import { withDatabase } from './database-url.ts';

const DUPLICATE_DATABASE = '42P04';
/** Two who create the same database at the same moment: the later one may fail on the catalogue's index. */
const UNIQUE_VIOLATION = '23505';

/** Creates the database on the server of `adminUrl` when it is missing; returns its URL. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<string> {
  await withClient(adminUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 1) return;
    try {
      // template0: nobody is ever connected to it, so that creating never has to wait.
      await client.query(`create database ${client.escapeIdentifier(name)} template template0`);
    } catch (error) {
      const code = error instanceof DatabaseError ? error.code : undefined;
      if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw error;
    }
  });
  return withDatabase(adminUrl, name);
}

/** Connects (at most 10 s), does the work, closes the connection. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // A broken connection also rejects the query that runs on it.
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
