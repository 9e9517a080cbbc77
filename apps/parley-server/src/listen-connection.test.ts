import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase } from './database.ts';
import { createListenConnection, type ListenConnection, type ListenOptions } from './listen-connection.ts';
import { LIMITS } from './limits.ts';
import { silentLog } from './log.ts';
import { createDatabaseDoor } from './testing/database-door.ts';
import { createPoolerDoor } from './testing/pooler-door.ts';

let database: TestDatabase;
let observer: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  observer = new pg.Client({ connectionString: database.directUrl });
  await observer.connect();
});
afterAll(async () => {
  await observer.end();
  await database.drop();
});

function open(databaseUrl = database.directUrl, options: Partial<ListenOptions> = {}): ListenConnection {
  const ordinary = openDatabase({ connectionString: databaseUrl, log: silentLog });
  const listening = createListenConnection({
    connectionString: database.directUrl,
    database: ordinary,
    log: silentLog,
    onListening: () => {},
    ...options,
  });
  onTestFinished(async () => {
    await listening.close();
    await ordinary.close();
  });
  return listening;
}

async function listeners(): Promise<number> {
  const { rows } = await observer.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
  );
  return rows.length;
}

it('is one connection, also when it is asked for several times at once', async () => {
  const { pool } = open();
  await pool.connect();
  for (let round = 0; round < 10; round += 1) {
    await Promise.allSettled(Array.from({ length: 4 }, async () => await pool.connect()));
  }
  await vi.waitFor(async () => expect(await listeners()).toBe(1), { timeout: 30_000 });
});

it('is none once it was closed, also when it was just being made', async () => {
  for (let delayMs = 0; delayMs < 20; delayMs += 1) {
    const listening = open();
    await listening.pool.connect();
    // Nobody is answered any more after the end.
    void listening.pool.connect();
    await sleep(delayMs);
    await listening.close();
  }
  await vi.waitFor(async () => expect(await listeners()).toBe(0), { timeout: 30_000 });
});

it('ends at the first question without an answer, whoever asked it and however many wait for it', async () => {
  const door = await createDatabaseDoor(database.directUrl);
  onTestFinished(async () => await door.close());
  const warnings: string[] = [];
  const listening = open(database.directUrl, {
    connectionString: door.url,
    log: { ...silentLog, warn: (_facts, message) => void warnings.push(message) },
    // Nobody asks by themselves.
    limits: { ...LIMITS.listening, answerMs: 1_000, watchMs: 2 ** 31 - 1 },
  });
  const client = await vi.waitFor(async () => await listening.pool.connect(), { timeout: 30_000 });
  await listening.check();
  warnings.splice(0);
  const ended = new Promise<void>((resolve) => client.on('end', resolve));
  door.stall();
  const asked = await Promise.allSettled(Array.from({ length: 50 }, async () => await listening.check()));
  const reasons = asked.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'fine'));
  expect(new Set(reasons)).toEqual(new Set(['Error: Query read timeout']));
  await ended;
  expect(warnings).toEqual([
    'the connection for realtime events does not answer',
    'the connection for realtime events was lost',
  ]);
});

it('publishes through a pooler of which nobody has found out yet', async () => {
  const pooler = await createPoolerDoor(database.directUrl);
  onTestFinished(async () => await pooler.close());
  const { pool } = open(pooler.url);
  await pool.query('SELECT pg_notify($1, $2)', ['somewhere', 'hello']);
  expect(pooler.turnedAway()).toBe(1);
});
