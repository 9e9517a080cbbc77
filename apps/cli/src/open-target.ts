import { createPostgresTarget } from '@crossfade/controller';
import { TerminalError, type Target } from '@crossfade/engine';
import { redactUrl } from '@crossfade/local-postgres';
import { directDatabaseUrl } from './bounded/direct-database.ts';
import { errorText } from './error-text.ts';
import { Refusal } from './exit-codes.ts';

const longestLookMs = 20_000;

/**
 * The application's database, to be worked in. Where DATABASE_DIRECT_URL is set, it has been looked at that both lead to the
 * same one; nothing is changed.
 * @throws Refusal when DATABASE_DIRECT_URL is no address of a Postgres, cannot be reached, or leads elsewhere.
 */
export async function openTarget(databaseUrl: string): Promise<Target> {
  const direct = directDatabaseUrl();
  const target = createPostgresTarget({ connectionString: databaseUrl, directConnectionString: direct });
  if (direct !== undefined) await lookAt(target, databaseUrl, direct);
  return target;
}

async function lookAt(target: Target, databaseUrl: string, direct: string): Promise<void> {
  const options = { applicationName: 'crossfade', signal: AbortSignal.timeout(longestLookMs) };
  try {
    await target.withConnection(options, () => Promise.resolve());
  } catch (error) {
    const told = errorText(error);
    const where = `DATABASE_DIRECT_URL ${redactUrl(direct)} leads to the same database as ${redactUrl(databaseUrl)}`;
    throw new Refusal(error instanceof TerminalError ? told : `cannot see whether ${where}: ${told}`, {
      cause: error,
    });
  }
}
