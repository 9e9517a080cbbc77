/** @throws when DATABASE_URL is not set: no command guesses which database it may change. */
export function databaseUrl(environment: NodeJS.ProcessEnv = process.env): string {
  const url = environment['DATABASE_URL']?.trim() ?? '';
  if (url === '')
    throw new Error('DATABASE_URL is not set: expected postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  return url;
}
