import type { ExplainGround } from '@crossfade/steps';
import { redactUrl } from '@crossfade/local-postgres';
import { withDatabase } from '../control.ts';
import { errorText } from '../error-text.ts';
import { Refusal } from '../exit-codes.ts';
import { openTarget } from '../open-target.ts';
import type { Output } from '../output.ts';

interface GroundOptions {
  readonly database?: string;
  readonly server?: string;
}

/** Versions between which the way of doing things changes. */
const usualServers = [15, 18];
const oldest = 14;
const longestLookMs = 60_000;

/**
 * The server to explain for: the one that is imagined, else the one of --database or DATABASE_URL, else those of usual versions.
 * A DATABASE_URL that nobody answers at is no reason to explain nothing.
 */
export async function withGround<T>(
  { database, server }: GroundOptions,
  output: Output,
  work: (asked: ExplainGround['asked']) => Promise<T>,
): Promise<T> {
  if (server !== undefined) return await work([versionIn(server)]);
  const url = database ?? process.env['DATABASE_URL']?.trim();
  if (url === undefined || url === '') return await work(usualServers);
  let isThere = false;
  try {
    return await withDatabase({ database: url }, async (databaseUrl) => {
      const target = await openTarget(databaseUrl);
      const options = { applicationName: 'crossfade/explain', signal: AbortSignal.timeout(longestLookMs) };
      return await target.withConnection(options, async (connection) => {
        isThere = true;
        return await work(connection);
      });
    });
  } catch (error) {
    if (isThere || database !== undefined) throw error;
    output.warn(`DATABASE_URL ${redactUrl(url)} was not asked (${errorText(error)}): told for any server.`);
    return await work(usualServers);
  }
}

function versionIn(text: string): number {
  const major = Number(/^(\d{2})(\.\d+)?$/.exec(text)?.[1]);
  if (major >= oldest) return major;
  throw new Refusal(`--server ${text}: expected a version of Postgres from ${oldest} on, such as 15 or 18`);
}
