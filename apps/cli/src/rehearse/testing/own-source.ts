import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetConnection } from '@crossfade/engine';
import { startEmbeddedPostgres } from '@crossfade/local-postgres';
import { Client } from 'pg';
import { readState, type DatabaseState } from '../compare-states.ts';

/** An embedded cluster of the test's own, whose files are copied, with one database. */
export interface OwnSource {
  readonly url: string;
  readonly data: string;
  readonly client: Client;
  state(): Promise<DatabaseState>;
  stop(): Promise<void>;
}

export async function startOwnSource(setUp: string): Promise<OwnSource> {
  const parent = mkdtempSync(join(tmpdir(), 'crossfade-rehearse-'));
  await chmod(parent, 0o711);
  const directory = join(parent, 'source');
  const server = await startEmbeddedPostgres({ directory, settings: { fsync: 'off' } });
  const url = await server.ensureDatabase('app');
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(setUp);
  return {
    url,
    data: join(directory, 'data'),
    client,
    state: async () => await readState(connectionOf(client)),
    async stop() {
      await client.end();
      await server.stop();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

function connectionOf(client: Client): TargetConnection {
  return {
    query: async (text, parameters = []) => {
      const { rows, rowCount } = await client.query(text, [...parameters]);
      return { rows, rowCount: rowCount ?? 0 };
    },
  };
}
