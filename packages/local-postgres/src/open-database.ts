import { parseDatabaseUrl } from './database-url.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded-postgres.ts';
import { assertUsableDatabase } from './usable-database.ts';

export type OpenDatabase = {
  url: string;
  /** The server, when it is ours; `undefined` when DATABASE_URL named one. */
  embedded: EmbeddedPostgres | undefined;
  /** Stops our server; leaves the one of DATABASE_URL alone. */
  close: () => Promise<void>;
  /** Ends our server at once, without waiting. */
  kill: () => void;
};

/**
 * The database to work in: the one of `DATABASE_URL` in `env` when it is set (checked), else `databaseName` in an
 * embedded Postgres under `directory`.
 * @throws ForeignDatabaseError, UnsupportedPostgresError, or an Error that says what is wrong with DATABASE_URL.
 */
export async function openDatabase(
  options: EmbeddedPostgresOptions & {
    databaseName: string;
    env: Readonly<Record<string, string | undefined>>;
  },
): Promise<OpenDatabase> {
  const { databaseName, env, ...embeddedOptions } = options;
  const given = env['DATABASE_URL']?.trim() ?? '';
  if (given !== '') {
    parseDatabaseUrl(given, 'DATABASE_URL');
    await assertUsableDatabase(given);
    return { url: given, embedded: undefined, close: async () => undefined, kill: () => undefined };
  }
  const embedded = await startEmbeddedPostgres(embeddedOptions);
  try {
    const url = await embedded.ensureDatabase(databaseName);
    await assertUsableDatabase(url);
    return { url, embedded, close: embedded.stop, kill: embedded.kill };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
