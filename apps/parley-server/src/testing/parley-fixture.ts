import { randomUUID } from 'node:crypto';
import { compileFlagDocument } from '@crossfade/flags';
import { createFlagProvider, memoryFlagSource } from '@crossfade/flags/server';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { openBatch2 } from '../batch-2/release.ts';
import { installBatch1 } from '../commands/install-command.ts';
import type { Feature } from '../features.ts';
import { silentLog } from '../log.ts';
import { hashPassword } from '../passwords.ts';
import { createSessionToken, hashSessionToken } from '../sessions.ts';
import { buildServer, type ParleyServer, type ParleyServerOptions } from '../server.ts';

export type TestFlags = {
  provider: ReturnType<typeof createFlagProvider>;
  /** These flags are on for everybody, all others off; the share is that of the query cache. */
  publish(on: readonly Feature[], queryCacheShare?: number): void;
};

/** Flags of a test's own, published like the real ones but from memory. */
export function createTestFlags(): TestFlags {
  const source = memoryFlagSource();
  return {
    provider: createFlagProvider({ source, log: silentLog }),
    publish: (on, queryCacheShare = 0) => {
      const audiences = [{ segment: null, percentage: 100 }];
      const flags = on.map((key) => ({ key, killed: false, audiences }));
      const parameters = [{ key: 'query_cache_share', value: queryCacheShare }];
      source.publish(compileFlagDocument({ seed: 'test', flags, parameters }).document);
    },
  };
}

export type TestPerson = {
  id: string;
  email: string;
  token: string;
  authorization: { authorization: string };
};

export type ParleyFixture = {
  /** As a server reaches its database: through a pooler, where the tests run behind one. */
  url: string;
  directUrl: string;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Another Parley process, in this one: with a pool, a cache, sockets and flags of its own. */
  startServer(
    options?: Partial<
      Pick<
        ParleyServerOptions,
        | 'connectionString'
        | 'directConnectionString'
        | 'sweepIntervalMs'
        | 'limits'
        | 'trustedProxies'
        | 'logger'
        | 'workspace'
        | 'webFolder'
      >
    >,
  ): Promise<ParleyServer & { flags: TestFlags }>;
  /** Adds somebody who can log in; a session is there already. */
  addPerson(name: string): Promise<TestPerson>;
  addConversation(members: readonly TestPerson[], title?: string): Promise<string>;
  close(): Promise<void>;
};

export const TEST_PASSWORD = 'correct horse battery staple';

/** Parley at Batch 1 in a database of its own. */
export async function createParleyFixture(): Promise<ParleyFixture> {
  const database = await createTestDatabase();
  await installBatch1(database.url);
  const pool = new pg.Pool({ connectionString: database.directUrl, max: 3, idleTimeoutMillis: 0 });
  pool.on('error', () => {}); // Tests end connections on purpose.
  const servers: ParleyServer[] = [];
  const encrypted = await hashPassword(TEST_PASSWORD);
  const sql = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await pool.query<Record<string, unknown>>(text, values)).rows;

  const addPerson = async (name: string): Promise<TestPerson> => {
    const email = `${name.toLowerCase()}-${randomUUID().slice(0, 8)}@parley.example`;
    const [row] = await sql(
      `INSERT INTO auth.users (email, encrypted_password, raw_user_meta_data)
       VALUES ($1, $2, jsonb_build_object('name', $3::text)) RETURNING id`,
      [email, encrypted, name],
    );
    const id = String(row?.['id']);
    const token = await openTestSession(sql, id);
    return { id, email, token, authorization: { authorization: `Bearer ${token}` } };
  };
  return {
    url: database.url,
    directUrl: database.directUrl,
    sql,
    addPerson,
    startServer: async (options = {}) => {
      const flags = createTestFlags();
      const server = await buildServer({
        connectionString: database.url,
        // A test that puts something in between means all connections.
        directConnectionString: options.connectionString ?? database.directUrl,
        openRelease: openBatch2({ openFlags: () => flags.provider }),
        maxConnections: 5,
        ...options,
      });
      servers.push(server);
      return { ...server, flags };
    },
    addConversation: async (members, title = 'general') => {
      const [row] = await sql("INSERT INTO conversations (kind, title) VALUES ('channel', $1) RETURNING id", [
        title,
      ]);
      const id = String(row?.['id']);
      await sql(
        'INSERT INTO conversation_participants (conversation_id, user_id) SELECT $1, unnest($2::uuid[])',
        [id, members.map((person) => person.id)],
      );
      return id;
    },
    close: async () => {
      await Promise.all(servers.map(async ({ app }) => await app.close()));
      await pool.end();
      await database.drop();
    },
  };
}

async function openTestSession(sql: ParleyFixture['sql'], userId: string): Promise<string> {
  const token = createSessionToken();
  await sql(
    "INSERT INTO parley.sessions (token_hash, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')",
    [hashSessionToken(token), userId],
  );
  return token;
}
