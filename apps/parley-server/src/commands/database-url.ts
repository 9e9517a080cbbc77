import pg from 'pg';

const EXPECTED = 'expected postgres://USER:PASSWORD@HOST:PORT/DATABASE';

/** @throws when DATABASE_URL is not set, or no address: no command guesses which database it may change. */
export function databaseUrl(environment: NodeJS.ProcessEnv = process.env): string {
  const url = addressIn(environment, 'DATABASE_URL');
  if (url === undefined) throw new Error(`DATABASE_URL is not set: ${EXPECTED}`);
  return url;
}

/** The database server itself, for LISTEN, where DATABASE_URL leads through a pooler. */
export function directDatabaseUrl(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return addressIn(environment, 'DATABASE_DIRECT_URL');
}

/** The value is not shown when it is wrong: there may be a password in it. The driver's reasons do not quote it. */
function addressIn(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = environment[name]?.trim() ?? '';
  if (text === '') return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    throw new Error(`${name} is not the address of a Postgres database: ${EXPECTED}`);
  }
  // Only read, not connected: what is wrong with it is better told now than by every request.
  const problem = problemOf(() => new pg.Client({ connectionString: text }));
  if (problem === undefined) return text;
  throw new Error(`${name} is not the address of a Postgres database (${problem}): ${EXPECTED}`);
}

function problemOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
