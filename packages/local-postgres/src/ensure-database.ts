import type { Client } from 'pg';
import { hasCode } from './binaries.ts';
import { withDatabase } from './database-url.ts';
import { withClient } from './with-client.ts';

const DUPLICATE_DATABASE = '42P04';
/** Two who create the same database at the same moment: the later one may fail on the catalogue's index. */
const UNIQUE_VIOLATION = '23505';
/** Copying the template may take this long on a slow disk. */
const CREATE_WITHIN_MS = 60_000;

/** Creates the database on the server of `adminUrl` when it is missing; returns its URL. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<string> {
  const ensure = async (client: Client): Promise<void> => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 1) return;
    try {
      // template0: nobody is ever connected to it, so that creating never has to wait.
      await client.query(`create database ${client.escapeIdentifier(name)} template template0`);
    } catch (error) {
      if (!hasCode(error, DUPLICATE_DATABASE) && !hasCode(error, UNIQUE_VIOLATION)) throw error;
    }
  };
  await withClient(adminUrl, ensure, CREATE_WITHIN_MS);
  return withDatabase(adminUrl, name);
}
