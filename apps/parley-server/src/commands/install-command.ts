import { parseArgs } from 'node:util';
import { installSchema } from '../content/install-schema.ts';
import { connectClient } from './connect-client.ts';
import { databaseUrl } from './database-url.ts';

export async function run(argv: string[]): Promise<void> {
  parseArgs({ args: argv, options: {} });
  await installBatch1(databaseUrl());
  process.stdout.write(`${JSON.stringify({ installed: 'batch-1' })}\n`);
}

/** Makes Batch 1's tables, over a connection of its own. */
export async function installBatch1(connectionString: string): Promise<void> {
  const { client, end } = await connectClient({
    connectionString,
    applicationName: 'parley',
    answerTimeoutMs: 70_000,
  });
  try {
    await installSchema(client);
  } finally {
    await end();
  }
}
