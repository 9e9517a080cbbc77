import pg from 'pg';
import { databaseUrl } from '../commands/database-url.ts';
import type { ImportSummary } from './import-summary.ts';

export type ContentWork = {
  client: pg.Client;
  onProgress: (line: string) => void;
  signal: AbortSignal;
};

/**
 * What `import` and `sample` share: a connection from DATABASE_URL, progress on stderr, the summary as one JSON line on
 * stdout, and an end between two batches on Ctrl-C.
 */
export async function runContentCommand(
  command: string,
  work: (tools: ContentWork) => Promise<ImportSummary>,
): Promise<void> {
  const connectionString = databaseUrl();
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error(`${command}: stopped; run it again to complete it`));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const client = new pg.Client({
    connectionString,
    application_name: `parley ${command}`,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    // A batch takes a second at most; what takes so long waits for somebody who does not let go.
    statement_timeout: 120_000,
  });
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  // Without a listener, a connection lost between two queries would end the process; the next query tells of it.
  client.on('error', (error) => onProgress(`${command}: the database connection was lost: ${error.message}`));
  try {
    await client.connect();
    const summary = await work({ client, onProgress, signal: stop.signal });
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await client.end();
  }
}
