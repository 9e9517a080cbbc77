import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { askForSession, type ServerSession } from '@crossfade/store';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCanceller } from './cancel-backend.ts';
import { eventually } from './testing/eventually.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let watcher: Client;
let stranger: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  watcher = await connect();
  stranger = await connect();
});
afterAll(async () => {
  await stranger.end();
  await watcher.end();
  await database.drop();
});

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: database.directUrl });
  client.on('error', () => undefined); // The work under way hears of it.
  await client.connect();
  return client;
}

async function isAtWork(pid: number): Promise<boolean> {
  const found = await watcher.query(`select 1 from pg_stat_activity where pid = $1 and state = 'active'`, [
    pid,
  ]);
  return found.rowCount === 1;
}

/** Cancels this session until it lets go, or until the canceller has given up. */
async function cancel(session: ServerSession, client: Client): Promise<'let go' | 'given up'> {
  const given = Promise.withResolvers<'given up'>();
  const settings = { connectionString: database.directUrl };
  const giveUp = () => given.resolve('given up');
  const canceller = createCanceller({ settings, client, session, giveUp });
  canceller.start();
  const over = eventually(async () => await isAtWork(session.pid)).toBe(false);
  const how = await Promise.race([given.promise, over.then(() => 'let go' as const)]);
  await canceller.stop();
  return how;
}

test('the number of a process that has ended is not taken for whoever has it now', async () => {
  const session = await askForSession(stranger, 1_000);
  const work = stranger.query('select pg_sleep(600)').catch((error: unknown) => error);
  await eventually(async () => await isAtWork(session.pid)).toBe(true);

  const ours = { ...session, startedAt: String(Number(session.startedAt) - 1) };
  expect(await cancel(ours, stranger)).toBe('given up');
  expect(await isAtWork(session.pid)).toBe(true);

  expect(await cancel(session, stranger)).toBe('let go');
  expect(await work).toMatchObject({ message: 'canceling statement due to user request' });
});
