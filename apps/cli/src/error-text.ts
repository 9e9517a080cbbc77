import { redactUrl } from '@crossfade/local-postgres';

/**
 * What an error says. A connection that was refused at several addresses (localhost is two) is an AggregateError, which says
 * nothing itself.
 */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return [...new Set(error.errors.map(errorText))].join(', ');
  return error instanceof Error ? (plainWords.get(error.message) ?? error.message) : String(error);
}

/** What the client of Postgres says of a server that does not let us in, that is silent, or that has gone. */
const plainWords: ReadonlyMap<string, string> = new Map([
  ['timeout expired', 'it does not answer in time'],
  ['Connection terminated due to connection timeout', 'it does not answer in time'],
  ['Query read timeout', 'it does not answer in time'],
  ['timeout exceeded when trying to connect', 'it gives no connection in time'],
  ['Connection terminated', 'the connection was lost'],
  ['Connection terminated unexpectedly', 'the connection was lost'],
]);

/** Of a database that was there before, by its address without the password. */
export function awayText(databaseUrl: string, error: unknown): string {
  return `the database ${redactUrl(databaseUrl)} is away: ${errorText(error)}`;
}

/** Where an error arose and what caused it; only for those who ask. */
export function stackText(error: unknown): string {
  if (!(error instanceof Error)) return errorText(error);
  const stack = error.stack ?? errorText(error);
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${stackText(error.cause)}`;
}
