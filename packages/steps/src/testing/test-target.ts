import type { Target, TargetConnection } from '@crossfade/engine';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { connectionOf, createPgTarget } from './pg-target.ts';

export interface TestTarget {
  readonly url: string;
  /** Through the pooler, when the tests run behind one. */
  readonly target: Target;
  /** Past any pooler, for what needs a session of its own. */
  readonly directTarget: Target;
  /** For what the test itself looks at and disturbs. */
  readonly connection: TargetConnection;
  /** Another session, to stand in the way with. */
  connect(applicationName: string): Promise<pg.Client>;
  drop(): Promise<void>;
}

/** A fresh database with the given tables in it. */
export async function createTestTarget(setUp: string): Promise<TestTarget> {
  const database = await createTestDatabase();
  const clients: pg.Client[] = [];
  const connect = async (applicationName: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: database.directUrl, application_name: applicationName });
    client.on('error', () => undefined); // Dropping the database ends whatever a test left open.
    await client.connect();
    clients.push(client);
    return client;
  };
  const own = await connect('the test');
  await own.query(setUp);
  return {
    url: database.url,
    target: createPgTarget(database.url),
    directTarget: createPgTarget(database.directUrl),
    connection: connectionOf(own),
    connect,
    async drop() {
      for (const client of clients) await client.end();
      await database.drop();
    },
  };
}
