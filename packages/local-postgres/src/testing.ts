import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { hasCode } from './binaries.ts';
import { parseDatabaseUrl, withDatabase } from './database-url.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { ensureDatabase } from './ensure-database.ts';
import { readOwner } from './owner-file.ts';
import { stillRuns } from './process-identity.ts';
import { assertUsableDatabase } from './usable-database.ts';
import { withClient } from './with-client.ts';

/** An environment variable, so that test workers, their child processes and plain scripts all find the server. */
const ADMIN_URL = 'CROSSFADE_TEST_ADMIN_URL';
/** Set when the tests are to reach their databases through a pooler in front of that server. */
const POOLER_URL = 'CROSSFADE_TEST_POOLER_URL';
const PREFIX = 'crossfade-test-postgres-';
const ABANDONED_AFTER_MS = 3_600_000;
/** Dropping writes a checkpoint, which takes a while on a slow disk. */
const DROPPED_WITHIN_MS = 60_000;

/** A fresh, empty database of the test's own. `drop` ends whatever connections it still has. */
export type TestDatabase = {
  /** As an application would reach it: through the pooler, when the tests run behind one. */
  url: string;
  /** The server itself, for what a pooler cannot carry: LISTEN, settings of a session, what a server process is doing. */
  directUrl: string;
  drop: () => Promise<void>;
};

/** Creates a database with a random name on the server that `startTestServer` provided to this process. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env[ADMIN_URL];
  if (adminUrl === undefined) {
    throw new Error(
      `${ADMIN_URL} is not set: run under vitest (tools/test-database.ts), or call startTestServer()`,
    );
  }
  const name = `crossfade_test_${randomBytes(6).toString('hex')}`;
  const directUrl = await ensureDatabase(adminUrl, name);
  const poolerUrl = process.env[POOLER_URL];
  const url = poolerUrl === undefined ? directUrl : withDatabase(poolerUrl, name);
  const drop = async (): Promise<void> => {
    const query = `drop database if exists "${name}" with (force)`;
    await withClient(adminUrl, async (client) => await client.query(query), DROPPED_WITHIN_MS);
  };
  return { url, directUrl, drop };
}

/**
 * Provides the server that `createTestDatabase` uses, to this process and those it starts: the one of DATABASE_URL
 * when that is set and may be used, else an embedded one in a temporary folder of this run.
 * @returns what ends it and removes every trace.
 */
export async function startTestServer(): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL']?.trim() ?? '';
  if (given === '') return await startTemporaryServer();
  parseDatabaseUrl(given, 'DATABASE_URL');
  await assertUsableDatabase(given);
  process.env[ADMIN_URL] = given;
  return async () => {
    delete process.env[ADMIN_URL];
  };
}

async function startTemporaryServer(): Promise<() => Promise<void>> {
  await removeAbandoned();
  const directory = await mkdtemp(path.join(os.tmpdir(), PREFIX));
  await chmod(directory, 0o711); // The server's account must be able to walk through.
  const remove = async (): Promise<void> => await rm(directory, { recursive: true, force: true });
  try {
    // Nothing here outlives the run, so that nothing has to survive a power cut.
    const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
    const server = await startEmbeddedPostgres({ directory, settings });
    process.env[ADMIN_URL] = server.url;
    return async () => {
      delete process.env[ADMIN_URL];
      await server.stop();
      await remove();
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A run that was killed could not remove its folder: the next one does. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const directory = path.join(os.tmpdir(), name);
    if (name.startsWith(PREFIX) && (await isAbandoned(directory))) {
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
}

async function isAbandoned(directory: string): Promise<boolean> {
  try {
    const { uid, mtimeMs } = await lstat(directory);
    if (uid !== process.getuid?.()) return false;
    const owner = await readOwner(directory);
    if (owner !== undefined) return !(await stillRuns(owner));
    return Date.now() - mtimeMs > ABANDONED_AFTER_MS;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false; // Another run has just removed it.
    throw error;
  }
}
export { createFaultProxy } from './testing/fault-proxy.ts';
export type { FaultProxy } from './testing/fault-proxy.ts';
export type { WriteDecision } from './testing/write-watch.ts';
