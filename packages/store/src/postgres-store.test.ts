import { setTimeout as sleep } from 'node:timers/promises';
import { noFlagUse, verifyChain, type ControlStore, type EventDraft } from '@crossfade/engine';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { sql } from './postgres/sql.ts';
import { eventually } from './testing/eventually.ts';
import { createPostgresStore, openPostgresStore } from './postgres-store.ts';
import { describeControlStore } from './testing/control-store-contract.ts';
import { startCuttingProxy } from './testing/cutting-proxy.ts';

const leftOpen: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of leftOpen.splice(0).toReversed()) await close();
});

describeControlStore('Postgres store', async () => {
  const database = await createTestDatabase();
  const stores: ControlStore[] = [];
  const open = async () => {
    const store = await createPostgresStore({ connectionString: database.url });
    stores.push(store);
    return store;
  };
  const close = async () => {
    await Promise.all(stores.map(async (store) => await store.close()));
    await database.drop();
  };
  return { open, close };
});

describe('opening', () => {
  test('many processes may open an empty database at once', async () => {
    const { url } = await freshDatabase();
    const stores = await Promise.all(Array.from({ length: 6 }, async () => await openStore(url)));
    for (const store of stores) expect(await store.readJournal(0)).toEqual([]);
    expect(await sqlOn(url, 'select count(*)::int as n from crossfade.lease')).toEqual([{ n: 1 }]);
  });

  test('whoever makes the schema may take longer than one wait for the lock', async () => {
    const { url, directUrl } = await freshDatabase();
    const maker = new Client({ connectionString: directUrl });
    await maker.connect();
    leftOpen.push(async () => await maker.end());
    await maker.query(`begin; ${sql('lock-migrations')}`);
    const opening = openStore(url);
    const waits = async () =>
      await sqlOn(
        directUrl,
        `select query_start::text from pg_stat_activity
          where wait_event_type = 'Lock' and datname = current_database()`,
      );
    await expect.poll(waits, { timeout: 20_000 }).toHaveLength(1);
    const [first] = await waits();
    await expect.poll(async () => (await waits())[0] ?? first, { timeout: 20_000 }).not.toEqual(first);
    await maker.query('rollback');
    expect(await (await opening).readJournal(0)).toEqual([]);
  });

  test('a schema made by a newer Crossfade is refused', async () => {
    const { url } = await freshDatabase();
    await openStore(url);
    await sqlOn(url, 'update crossfade.schema_version set version = 99');
    await expect(createPostgresStore({ connectionString: url })).rejects.toThrow(
      'schema crossfade has version 99, this Crossfade knows versions up to 3: use a newer Crossfade',
    );
  });
});

describe('looking', () => {
  /** In a session that may only read. */
  function readOnly(url: string): string {
    const only = new URL(url);
    only.searchParams.set('options', '-c default_transaction_read_only=on');
    return only.href;
  }

  test('finds nothing where nothing is, and leaves nothing there', async () => {
    const { directUrl } = await freshDatabase();
    expect(await openPostgresStore({ connectionString: readOnly(directUrl) })).toBeUndefined();
    expect(await sqlOn(directUrl, `select to_regnamespace('crossfade') as schema`)).toEqual([
      { schema: null },
    ]);
  });

  test('reads what is there, and needs to write nothing for it', async () => {
    const { directUrl } = await freshDatabase();
    await append(await openStore(directUrl), 0, ['one']);
    const store = await openPostgresStore({ connectionString: readOnly(directUrl) });
    leftOpen.push(async () => await store?.close());
    expect(await store?.readJournal(0)).toMatchObject([{ event: { reason: 'one' } }]);
  });

  test('works with what an older Crossfade made, which the next run brings up to date', async () => {
    const { url } = await freshDatabase();
    await openStore(url);
    await sqlOn(
      url,
      `drop table crossfade.person_windows, crossfade.telemetry_batches, crossfade.exposures, crossfade.feature_uses,
         crossfade.flag_receipts, crossfade.notices;
       drop index crossfade.segment_members_by_person;
       alter table crossfade.segment_members drop column since, drop column seq;
       insert into crossfade.segment_members values ('power', 'p1'); update crossfade.schema_version set version = 1`,
    );
    const store = await openPostgresStore({ connectionString: url });
    if (store === undefined) throw new Error('the store is there');
    leftOpen.push(async () => await store.close());
    await append(store, 0, ['one']);
    expect(await store.readMemberships('p1')).toEqual([{ segment: 'power', sinceMs: null }]);
    const span = { fromRevision: 0, toRevision: 9, fromMs: 0, toMs: Date.now(), overridden: [] };
    expect(await store.readFlagUse(span)).toEqual(noFlagUse);
    const [membership] = await (await openStore(url)).readMemberships('p1');
    expect(membership?.sinceMs).toBeGreaterThan(0);
  });

  test('what people are told is what was shown last, and goes on while it is shown again', async () => {
    const { url } = await freshDatabase();
    const store = await openStore(url);
    await store.takeLease({ holder: 'a', ttlMs: 60_000 });
    const notice = { step: 'fill', title: 'Search', text: 'Go on as usual.', progress: null };
    const shown = async () =>
      (await sqlOn(
        url,
        'select step_id, title, text, progress, started_at from crossfade.notices',
      )) as Record<string, unknown>[];
    await store.showNotices([notice, { ...notice, step: 'seal' }], 1);
    const [first] = await shown();
    await store.showNotices([{ ...notice, progress: 0.25 }], 1);
    expect(await shown()).toEqual([{ ...first, progress: 0.25 }]);
    await sqlOn(
      url,
      `update crossfade.notices set shown_at = now() - interval '1 hour', started_at = '2020-01-01'`,
    );
    await store.showNotices([notice], 1);
    expect((await shown())[0]?.['started_at']).not.toEqual(new Date('2020-01-01'));
    await store.showNotices([], 1);
    expect(await shown()).toEqual([]);
  });

  test.each([
    [
      0.5,
      'schema crossfade has version 0.5, and this Crossfade works with 1 to 3: crossfade run brings it up',
    ],
    [99, 'use a newer Crossfade'],
  ])('leaves alone what another Crossfade made: version %d', async (version, told) => {
    const { url } = await freshDatabase();
    await openStore(url);
    await sqlOn(
      url,
      `alter table crossfade.schema_version alter version type float; update crossfade.schema_version set version = ${version}`,
    );
    await expect(openPostgresStore({ connectionString: url })).rejects.toThrow(told);
  });
});

describe('the journal', () => {
  test.each([
    "update crossfade.journal set actor = 'me'",
    'delete from crossfade.journal',
    'truncate crossfade.journal',
  ])('refuses: %s', async (statement) => {
    const { url } = await freshDatabase();
    const store = await openStore(url);
    await append(store, 0, ['one']);
    await expect(sqlOn(url, statement)).rejects.toThrow('crossfade.journal only grows');
    expect(await store.readJournal(0)).toHaveLength(1);
  });

  test('a row changed behind the trigger’s back is found by the chain', async () => {
    const { url } = await freshDatabase();
    const store = await openStore(url);
    await append(store, 0, ['one', 'two', 'three']);
    await sqlOn(
      url,
      `alter table crossfade.journal disable trigger journal_rows_stay;
       update crossfade.journal set body = replace(body, 'two', '2') where seq = 2`,
    );
    expect(verifyChain(await store.readJournal(0))).toMatchObject({ ok: false, seq: 2 });
  });

  test.each([
    ['removed', 'delete from crossfade.journal where seq > 1', 'ends with entry 1'],
    ['removed whole', 'delete from crossfade.journal', 'ends with no entry'],
    ['replaced', `update crossfade.journal set hash = 'abc' where seq = 3`, 'ends with entry 3 (abc…)'],
  ])('whose end was %s behind the trigger’s back is refused', async (_how, statement, problem) => {
    const { url } = await freshDatabase();
    const store = await openStore(url);
    await append(store, 0, ['one', 'two', 'three']);
    await sqlOn(url, `alter table crossfade.journal disable trigger journal_rows_stay; ${statement}`);
    await expect(store.readJournal(0)).rejects.toThrow(`crossfade.journal ${problem}`);
  });

  test('is read in pages, in order and complete', async () => {
    const store = await openStore((await freshDatabase()).url);
    const reasons = Array.from({ length: 11_003 }, (_, index) => `entry ${index + 1}`);
    await append(store, 0, reasons);
    const entries = await store.readJournal(2);
    expect(entries).toHaveLength(11_001);
    expect(entries.at(-1)).toMatchObject({ seq: 11_003, event: { reason: 'entry 11003' } });
    expect(verifyChain(await store.readJournal(0))).toMatchObject({ ok: true, entries: 11_003 });
  });
});

describe('a connection lost during COMMIT', () => {
  test('whose COMMIT has arrived: found in the journal, appended once', async () => {
    const { proxy, store } = await behindProxy();
    await append(store, 0, ['one']);
    proxy.cutAt('commit', 'after');
    expect(await append(store, 1, ['two', 'three'])).toMatchObject({
      status: 'appended',
      entries: [{ seq: 2 }, { seq: 3 }],
    });
    expect(proxy.cuts()).toBe(1);
    expect(verifyChain(await store.readJournal(0))).toMatchObject({ ok: true, entries: 3 });
  });

  test('whose COMMIT never arrived: an error, and nothing appears later', async () => {
    const { proxy, store } = await behindProxy();
    await append(store, 0, ['one']);
    proxy.cutAt('commit', 'before');
    await expect(append(store, 1, ['two'])).rejects.toThrow(
      'the connection was lost during COMMIT, and nothing was written',
    );
    expect(await store.readJournal(0)).toHaveLength(1);
    expect(await append(store, 1, ['two'])).toMatchObject({ status: 'appended' });
  });
});

test('every connection terminated by the server: the store goes on, and still hears of growth', async () => {
  // Of the server's own, as a pooler would not let us hear of it.
  const { directUrl: url } = await freshDatabase();
  const problems: Error[] = [];
  const store = await createPostgresStore({
    connectionString: url,
    applicationName: 'cut-me',
    onProblem: (e) => problems.push(e),
  });
  leftOpen.push(async () => await store.close());
  const other = await openStore(url);
  let heard = 0;
  store.onJournalGrowth(() => (heard += 1));
  await append(other, 0, ['one']);
  await eventually(() => heard).toBeGreaterThan(0);

  await sqlOn(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut-me'`,
  );
  await eventually(() => problems.length).toBeGreaterThan(0);
  heard = 0;
  await append(other, 1, ['two']);
  await eventually(() => heard).toBeGreaterThan(0);
  expect(await store.readJournal(0)).toHaveLength(2);
});

test('a half-open connection is found out, and the next call takes another one', async () => {
  const { proxy, store } = await behindProxy();
  await append(store, 0, ['one']);
  proxy.freeze();
  const startedAtMs = performance.now();
  await expect(store.readJournal(0)).rejects.toThrow(/timeout/i);
  expect(performance.now() - startedAtMs).toBeLessThan(15_000);
  expect(await store.readJournal(0)).toHaveLength(1);
});

test('closing does not wait for a server that says nothing any more', async () => {
  const { proxy, store } = await behindProxy();
  let heard = 0;
  store.onJournalGrowth(() => (heard += 1));
  await append(store, 0, ['one']);
  await eventually(() => heard).toBeGreaterThan(0);
  proxy.freeze();
  const closed = store.close().then(() => 'closed');
  expect(await Promise.race([closed, sleep(20_000, 'still waiting', { ref: false })])).toBe('closed');
});

test('a large segment is taken in without keeping the leader from renewing its lease', async () => {
  const { url } = await freshDatabase();
  const store = await openStore(url);
  await store.takeLease({ holder: 'a', ttlMs: 60_000 });
  // Each batch takes a moment, as on a busy server.
  await sqlOn(
    url,
    `create function crossfade.slow() returns trigger language plpgsql
       as 'begin perform pg_sleep(0.5); return null; end';
     create trigger slow after insert on crossfade.segment_members execute function crossfade.slow()`,
  );
  const keys = Array.from({ length: 25_000 }, (_, n) => `person ${n}`);
  const adding = store.addSegmentMembers('all', keys, 1);
  let renewals = 0;
  let added = 0;
  void adding.then((size) => (added = size));
  await eventually(async () => {
    expect(await store.renewLease(1, 60_000)).toBe(true);
    renewals += 1;
    return added;
  }).toBe(25_000);
  expect(renewals).toBeGreaterThan(1);
});

test('an append notifies of the journal’s growth, and of new flags with their revision', async () => {
  const { url, directUrl } = await freshDatabase();
  const store = await openStore(url);
  const client = new Client({ connectionString: directUrl });
  await client.connect();
  leftOpen.push(async () => await client.end());
  const heard: string[] = [];
  client.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`));
  await client.query('listen crossfade_flags; listen crossfade_journal');
  await append(store, 0, ['no flags']);
  const flagDocument = { revision: 1, digest: 'd', document: '{}' };
  await store.append({ entries: [draft('flags')], expectedSeq: 1, token: null, flagDocument });
  await eventually(() => heard).toEqual(['crossfade_journal 1', 'crossfade_journal 2', 'crossfade_flags 1']);
  expect(await store.readFlagDocument()).toEqual(flagDocument);
});

async function freshDatabase() {
  const created = await createTestDatabase();
  leftOpen.push(async () => await created.drop());
  return created;
}

async function openStore(connectionString: string): Promise<ControlStore> {
  const store = await createPostgresStore({ connectionString });
  leftOpen.push(async () => await store.close());
  return store;
}

async function behindProxy() {
  const proxy = await startCuttingProxy((await freshDatabase()).url);
  leftOpen.push(async () => await proxy.close());
  return { proxy, store: await openStore(proxy.url) };
}

async function append(store: ControlStore, expectedSeq: number, reasons: readonly string[]) {
  return await store.append({ entries: reasons.map(draft), expectedSeq, token: null, flagDocument: null });
}

function draft(reason: string): EventDraft {
  return { runId: 'run-1', actor: 'test', event: { type: 'rollback.requested', reason } };
}

async function sqlOn(connectionString: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
