import { genesisHash } from '@crossfade/engine';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { sql } from './sql.ts';
import { CommitOutcomeUnknownError, transact } from './transact.ts';

const versionTableExists = sql('version-table-exists');
const readVersion = sql('read-version');
const lockMigrations = sql('lock-migrations');
const createVersionTable = sql('create-version-table');
const writeVersion = sql('write-version');
const insertHead = sql('insert-head');

/** In order; a migration that has been released is never edited, the next change is a new one. */
const migrations: readonly string[] = [sql('migration-1'), sql('migration-2'), sql('migration-3')];

/**
 * What only looks, and the kill switch, work on older versions too: a newer Crossfade on somebody's desk must not have to change a
 * live database before it can switch a flag off.
 */
const oldestUsable = 1;

const lockNotAvailable = '55P03';
/** Each waits three seconds for the lock: whoever stands still with it is ended by the server sooner than all of them. */
const mostAttempts = 10;

/**
 * Brings the schema `crossfade` to this version. Any number of processes may do it at once: the first does the work, the
 * others find it done, however slow it is.
 * @throws Error when a newer Crossfade has made the schema.
 */
export async function migrate(pool: Pool): Promise<void> {
  for (let attempt = 1; (await currentVersion(pool)) !== migrations.length; attempt += 1) {
    try {
      await bringUpToDate(pool);
    } catch (error) {
      if (attempt === mostAttempts || !mayBeTriedAgain(error)) throw error;
    }
  }
}

/** Somebody else is at it, or it may have happened: the version tells. */
function mayBeTriedAgain(error: unknown): boolean {
  if (error instanceof CommitOutcomeUnknownError) return true;
  return error instanceof DatabaseError && error.code === lockNotAvailable;
}

async function bringUpToDate(pool: Pool): Promise<void> {
  await transact(pool, async (client) => {
    await client.query(lockMigrations);
    await client.query(createVersionTable);
    const version = await currentVersion(client);
    assertNotNewer(version);
    for (const migration of migrations.slice(version)) await client.query(migration);
    await client.query(insertHead, [genesisHash]);
    await client.query(writeVersion, [migrations.length]);
  });
}

/**
 * Whether there is a schema `crossfade` to work with, looked at and left as it is.
 * @throws Error when a Crossfade has made it that is newer, or too old.
 */
export async function isThere(pool: Pool): Promise<boolean> {
  const version = await currentVersion(pool);
  assertNotNewer(version);
  if (version > 0 && version < oldestUsable) {
    throw new Error(
      `schema crossfade has version ${version}, and this Crossfade works with ${oldestUsable} to ${migrations.length}: crossfade run brings it up to date`,
    );
  }
  return version > 0;
}

function assertNotNewer(version: number): void {
  if (version <= migrations.length) return;
  throw new Error(
    `schema crossfade has version ${version}, this Crossfade knows versions up to ${migrations.length}: use a newer Crossfade`,
  );
}

async function currentVersion(queryable: Pool | PoolClient): Promise<number> {
  const table = await queryable.query<{ exists: boolean }>(versionTableExists);
  if (table.rows[0]?.exists !== true) return 0;
  const { rows } = await queryable.query<{ version: number }>(readVersion);
  return rows[0]?.version ?? 0;
}
