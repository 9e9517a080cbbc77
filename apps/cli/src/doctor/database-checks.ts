import { Socket } from 'node:net';
import { redactUrl } from '@crossfade/local-postgres';
import { Client } from 'pg';
import { errorText } from '../error-text.ts';
import { examineServer } from './database-questions.ts';
import { problem, type Check, type Finding, type Seen } from './finding.ts';

/** The connection a check may use; every statement on it ends by itself. */
async function withDoctorConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    connectionString: url,
    application_name: 'crossfade doctor',
    connectionTimeoutMillis: 3_000,
    query_timeout: 3_000,
  });
  client.on('error', () => undefined); // Also rejects the query that runs.
  try {
    await client.connect();
    return await work(client);
  } finally {
    // Not end(): a server that hangs does not answer a farewell either.
    socket.destroy();
  }
}

/** Whether the database can be used, and what in it would get in the way of a plan. */
export function databaseCheck(url: string): Check {
  const look = async (): Promise<readonly Seen[]> => {
    try {
      return await withDoctorConnection(url, (client) => examineServer(client, redactUrl(url)));
    } catch (error) {
      const what = `${redactUrl(url)} cannot be used: ${errorText(error)}`;
      return [problem(what, 'start the server, or mend DATABASE_URL (host, port, user, password, database)')];
    }
  };
  return { area: 'database', topic: 'database', look };
}

/** Whether more can be learned from the database: nothing hinders us from asking it. */
export function answers(findings: readonly Finding[]): boolean {
  return !findings.some(({ area, level }) => area === 'database' && level === 'problem');
}
