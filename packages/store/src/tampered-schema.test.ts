import { createTestDatabase } from '@crossfade/local-postgres/testing';
import type { ControlStore, EventDraft } from '@crossfade/engine';
import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { createPostgresStore } from './postgres-store.ts';
import { startCuttingProxy } from './testing/cutting-proxy.ts';

const leftOpen: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of leftOpen.splice(0).toReversed()) await close();
});

async function openStore() {
  const database = await createTestDatabase();
  leftOpen.push(async () => await database.drop());
  const store = await createPostgresStore({ connectionString: database.url });
  leftOpen.push(async () => await store.close());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  leftOpen.push(async () => await client.end());
  return { database, store, client };
}

function draft(reason: string): EventDraft {
  return { runId: 'run-1', actor: 'test', event: { type: 'rollback.requested', reason } };
}

async function append(store: ControlStore, expectedSeq: number, ...reasons: readonly string[]) {
  return await store.append({ entries: reasons.map(draft), expectedSeq, token: null, flagDocument: null });
}

describe('a schema from which somebody has deleted by hand', () => {
  test('the head: nothing is appended, and the place is named', async () => {
    const { store, client } = await openStore();
    await client.query('delete from crossfade.head');
    await expect(append(store, 0, 'one')).rejects.toThrow(
      'crossfade.head or crossfade.lease has no row: the schema was changed by hand',
    );
    const { rows } = await client.query('select count(*)::int as entries from crossfade.journal');
    expect(rows).toEqual([{ entries: 0 }]);
  });

  test('the lease: nobody leads, nothing is appended, and the place is named', async () => {
    const { store, client } = await openStore();
    await client.query('delete from crossfade.lease');
    await expect(store.takeLease({ holder: 'a', ttlMs: 1_000 })).rejects.toThrow(
      'crossfade.lease has no row: the schema was changed by hand',
    );
    await expect(store.renewLease(1, 1_000)).resolves.toBe(false);
    await expect(append(store, 0, 'one')).rejects.toThrow('crossfade.head or crossfade.lease has no row');
  });

  test('the version: what is there is not made a second time over it', async () => {
    const { database, client } = await openStore();
    await client.query('delete from crossfade.schema_version');
    await expect(createPostgresStore({ connectionString: database.url })).rejects.toThrow(/already exists/);
    const { rows } = await client.query('select count(*)::int as leases from crossfade.lease');
    expect(rows).toEqual([{ leases: 1 }]);
  });
});

test('an append of nothing leaves the journal where it is, and says so', async () => {
  const { store } = await openStore();
  await append(store, 0, 'one');
  await expect(append(store, 1)).resolves.toEqual({ status: 'appended', entries: [] });
  await expect(append(store, 1, 'two')).resolves.toMatchObject({ entries: [{ seq: 2 }] });
});

test('a store that nobody listens to for problems goes on after its connections were ended', async () => {
  const { database } = await openStore();
  const store = await createPostgresStore({
    connectionString: database.directUrl,
    applicationName: 'unheard',
  });
  leftOpen.push(async () => await store.close());
  await append(store, 0, 'one');
  const client = new Client({ connectionString: database.directUrl });
  await client.connect();
  leftOpen.push(async () => await client.end());
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'unheard'`,
  );
  const entries = async () =>
    await store.readJournal(0).then(
      ({ length }) => length,
      () => 'not yet',
    );
  await expect.poll(entries, { timeout: 15_000 }).toBe(1);
});

test('a COMMIT whose outcome cannot be found out any more is said to be unknown, and not to have failed', async () => {
  const { database } = await openStore();
  const proxy = await startCuttingProxy(database.url);
  const store = await createPostgresStore({ connectionString: proxy.url });
  leftOpen.push(async () => await store.close());
  await append(store, 0, 'one');
  proxy.cutAt('commit', 'after');
  const appending = append(store, 1, 'two');
  const settled = appending.then(
    () => 'appended',
    (error: unknown) => String(error),
  );
  await expect.poll(() => proxy.cuts(), { timeout: 15_000, interval: 1 }).toBe(1);
  await proxy.close();
  await expect(settled).resolves.toContain('whether it happened is unknown');
});
