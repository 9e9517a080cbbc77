import { parseArgs } from 'node:util';
import pg from 'pg';
import { installSchema } from '../content/install-schema.ts';
import { databaseUrl } from './database-url.ts';

export async function run(argv: string[]): Promise<void> {
  parseArgs({ args: argv, options: {} });
  await installBatch1(databaseUrl());
  process.stdout.write(`${JSON.stringify({ installed: 'batch-1' })}\n`);
}

/** Makes Batch 1's tables, over a connection of its own. */
export async function installBatch1(connectionString: string): Promise<void> {
  const client = new pg.Client({
    connectionString,
    application_name: 'parley',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
  });
  await client.connect();
  try {
    await installSchema(client);
  } finally {
    await client.end();
  }
}
