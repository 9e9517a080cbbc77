import type { Target, TargetConnection } from '@crossfade/engine';
import pg from 'pg';

/**
 * A target over `pg`: one connection of its own for each piece of work, cancelled and closed when the work is aborted. Through a
 * pooler it is only closed.
 */
export function createPgTarget(url: string): Target {
  return {
    async withConnection(options, work) {
      options.signal.throwIfAborted();
      const client = await connect(url, 'crossfade');
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const pooled = !('processID' in client) || client.processID !== rows[0]?.pid;
      const cancel = (): void => {
        // A server or a database that is gone has nothing left to cancel.
        if (!pooled) cancelBackend(url, rows[0]?.pid ?? 0).catch(() => undefined);
      };
      options.signal.addEventListener('abort', cancel, { once: true });
      try {
        if (pooled)
          return await work({ ...connectionOf(client), pooled, transactionName: options.applicationName });
        await client.query(`select set_config('application_name', $1, false)`, [options.applicationName]);
        return await work(connectionOf(client));
      } finally {
        options.signal.removeEventListener('abort', cancel);
        await client.end();
      }
    },
  };
}

async function connect(url: string, applicationName: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: applicationName });
  client.on('error', () => undefined); // The query that runs on a broken connection rejects too.
  await client.connect();
  return client;
}

export function connectionOf(client: pg.Client): TargetConnection {
  const query: TargetConnection['query'] = async (text, parameters = []) => {
    const { rows, rowCount } = await client.query(text, [...parameters]);
    return { rows, rowCount: rowCount ?? 0 };
  };
  return { query };
}

async function cancelBackend(url: string, pid: number): Promise<void> {
  const client = await connect(url, 'cancel');
  try {
    await client.query('select pg_cancel_backend($1)', [pid]);
  } finally {
    await client.end();
  }
}
