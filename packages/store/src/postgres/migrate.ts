import { genesisHash } from '@crossfade/engine';
import type { Pool, PoolClient } from 'pg';
import { sql } from './sql.ts';
import { transact } from './transact.ts';

const versionTableExists = sql('version-table-exists');
const readVersion = sql('read-version');
const lockMigrations = sql('lock-migrations');
const createVersionTable = sql('create-version-table');
const writeVersion = sql('write-version');
const insertHead = sql('insert-head');

/** In order; a migration that has been released is never edited, the next change is a new one. */
const migrations: readonly string[] = [sql('migration-1')];

/**
 * Brings the schema `crossfade` to this version. Any number of processes may do it at once: the first does the work, the
 * others find it done.
 * @throws Error when a newer Crossfade has made the schema.
 */
export async function migrate(pool: Pool): Promise<void> {
  if ((await currentVersion(pool)) === migrations.length) return;
  await transact(pool, async (client) => {
    await client.query(lockMigrations);
    await client.query(createVersionTable);
    const version = await currentVersion(client);
    if (version > migrations.length) {
      throw new Error(
        `schema crossfade has version ${version}, this Crossfade knows versions up to ${migrations.length}: use a newer Crossfade`,
      );
    }
    for (const migration of migrations.slice(version)) await client.query(migration);
    await client.query(insertHead, [genesisHash]);
    await client.query(writeVersion, [migrations.length]);
  });
}

async function currentVersion(queryable: Pool | PoolClient): Promise<number> {
  const table = await queryable.query<{ exists: boolean }>(versionTableExists);
  if (table.rows[0]?.exists !== true) return 0;
  const { rows } = await queryable.query<{ version: number }>(readVersion);
  return rows[0]?.version ?? 0;
}
