import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { createPostgresStore } from '@crossfade/store';
import Fastify from 'fastify';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BatchRefusedError, type TelemetryBatch } from './batch.ts';
import { countFlagRequests, currentRequest } from './fastify-telemetry.ts';
import { postgresTelemetrySink } from './postgres-sink.ts';
import { createTelemetry } from './telemetry.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await client.end();
  await database.drop();
});

async function prepare() {
  const store = await createPostgresStore({ connectionString: database.url });
  closing.push(async () => await store.close());
  const sink = postgresTelemetrySink({ connectionString: database.url });
  closing.push(async () => await sink.close());
  return { store, sink };
}

const batch = (id: string, news: Partial<TelemetryBatch>): TelemetryBatch => ({
  id,
  process: 'shop-1',
  exposures: [],
  uses: [],
  windows: [],
  receipts: [],
  dropped: 0,
  ...news,
});
const exposure = (person: string, variant: string, revision: number, ageMs = 0) => ({
  flag: 'search',
  variant,
  person,
  revision,
  ageMs,
});
const everything = async (store: Awaited<ReturnType<typeof prepare>>['store']) =>
  await store.readFlagUse({
    fromRevision: 0,
    toRevision: 100,
    fromMs: 0,
    toMs: (await store.now()) + 1,
    overridden: [],
  });

describe('what applications report', () => {
  test('is kept by person: first and last, whoever tells it in whatever order', async () => {
    const { store, sink } = await prepare();
    await sink.send(batch('a', { exposures: [exposure('anna', 'on', 5, 1_000), exposure('ben', 'off', 5)] }));
    await sink.send(batch('b', { exposures: [exposure('anna', 'on', 3, 5_000), exposure('anna', 'on', 9)] }));
    const { rows } = await client.query(
      `select targeting_key, variant, first_revision::int as first, last_revision::int as last,
         extract(epoch from last_at - first_at)::float8 as seconds
       from crossfade.exposures order by 1`,
    );
    expect(rows).toEqual([
      { targeting_key: 'anna', variant: 'on', first: 3, last: 9, seconds: expect.any(Number) as number },
      { targeting_key: 'ben', variant: 'off', first: 5, last: 5, seconds: 0 },
    ]);
    expect((rows[0] as { seconds: number }).seconds).toBeGreaterThanOrEqual(4.9);
    expect((await everything(store)).seen).toEqual([{ segment: null, flag: 'search', people: 2 }]);
  });

  test('is one, if it is told twice', async () => {
    const { store, sink } = await prepare();
    const uses = [{ event: 'search', person: 'anna', count: 3, ageMs: 0 }];
    await sink.send(batch('a', { uses }));
    await sink.send(batch('a', { uses }));
    const { rows } = await client.query('select uses::int as uses from crossfade.feature_uses');
    expect(rows).toEqual([{ uses: 3 }]);
    expect((await everything(store)).uses).toEqual([{ event: 'search', people: 1 }]);
  });

  test('tells who had a flag and then had it no more, by the revisions of the flags and no clock', async () => {
    const { store, sink } = await prepare();
    await sink.send(
      batch('a', {
        exposures: [
          exposure('anna', 'on', 4),
          exposure('anna', 'off', 2, 10_000),
          exposure('ben', 'on', 4, 10_000),
          exposure('ben', 'off', 6),
          exposure('cleo', 'control', 7),
          exposure('cleo', 'on', 5),
        ],
      }),
    );
    const { turns } = await everything(store);
    expect(turns).toEqual([
      { flag: 'search', losses: [{ onRevision: 4, offRevision: 6 }], people: 1 },
      { flag: 'search', losses: [{ onRevision: 5, offRevision: 7 }], people: 1 },
    ]);
    // What is told after a span does not change what is said of it.
    const early = {
      fromRevision: 0,
      toRevision: 5,
      fromMs: 0,
      toMs: (await store.now()) + 1,
      overridden: [],
    };
    const byName = { ...early, toRevision: 100, overridden: [{ flag: 'search', targetingKey: 'ben' }] };
    expect((await store.readFlagUse(byName)).turns).toMatchObject([{ losses: [{ onRevision: 5 }] }]);
    expect((await store.readFlagUse(early)).turns).toEqual([]);
    await sink.send(batch('b', { exposures: [exposure('anna', 'off', 8)] }));
    expect((await store.readFlagUse(early)).turns).toEqual([]);
    expect((await everything(store)).turns).toHaveLength(3);
  });

  const toldOfAnna = [
    ['gone for good', [3, 4], [6, 20], [[4, 6]]],
    [
      'gone, back, and gone again',
      [3, 10],
      [5, 20],
      [
        [3, 5],
        [10, 20],
      ],
    ],
    ['gone and back', [3, 30], [5, 20], [[3, 5]]],
    ['off before it was opened, too', [3, 10], [2, 20], [[10, 20]]],
    ['off before it was opened, and back', [3, 30], [2, 20], [[3, 20]]],
    ['never on before it was off', [21, 30], [2, 20], []],
  ] as const;
  test.each(toldOfAnna)('tells %s, as closely as it is known', async (_what, on, off, losses) => {
    const { store, sink } = await prepare();
    const exposures = [
      ...on.map((revision) => exposure('anna', 'on', revision)),
      ...off.map((revision) => exposure('anna', 'off', revision)),
    ];
    await sink.send(batch('a', { exposures }));
    const told = losses.map(([onRevision, offRevision]) => ({ onRevision, offRevision }));
    const { turns } = await everything(store);
    expect(turns).toEqual(told.length === 0 ? [] : [{ flag: 'search', losses: told, people: 1 }]);
  });

  test.each([
    ['an earlier run', [3], [5, 20]],
    ['an earlier run, of which a later one tells again', [3], [5, 40]],
    ['an earlier run, and had it back', [3, 30], [5, 20]],
    ['a later run', [12], [31]],
    ['a later run, who had none before it was opened', [12], [5, 31]],
  ])('tells nothing of who lost it in %s', async (_what, on, off) => {
    const { store, sink } = await prepare();
    const exposures = [
      ...on.map((revision) => exposure('anna', 'on', revision)),
      ...off.map((revision) => exposure('anna', 'off', revision)),
    ];
    await sink.send(batch('a', { exposures }));
    const toMs = (await store.now()) + 1;
    const ofRun = { fromRevision: 10, toRevision: 30, fromMs: 0, toMs, overridden: [] };
    expect((await store.readFlagUse(ofRun)).turns).toEqual([]);
  });

  test('is counted for each segment too', async () => {
    const { store, sink } = await prepare();
    await store.takeLease({ holder: 'a', ttlMs: 60_000 });
    await store.addSegmentMembers('power', ['anna', 'ben', 'nobody'], 1);
    const exposures = [exposure('anna', 'on', 1), exposure('ben', 'off', 1), exposure('cleo', 'on', 1)];
    await sink.send(batch('a', { exposures }));
    const { seen, exposures: shown } = await everything(store);
    expect(seen).toEqual([
      { segment: null, flag: 'search', people: 3 },
      { segment: 'power', flag: 'search', people: 2 },
    ]);
    expect(shown.filter(({ variant }) => variant === 'on')).toMatchObject([
      { segment: null, people: 2 },
      { segment: 'power', people: 1 },
    ]);
  });

  test('from two processes at once about the same people does not lock them up', async () => {
    const { store, sink } = await prepare();
    const other = postgresTelemetrySink({ connectionString: database.url });
    closing.push(async () => await other.close());
    const people = Array.from({ length: 500 }, (_, n) => exposure(`person ${n}`, 'on', 1));
    await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (n) => {
        const exposures = n % 2 === 0 ? people : people.toReversed();
        await (n % 2 === 0 ? sink : other).send(batch(`batch ${n}`, { exposures }));
      }),
    );
    expect((await everything(store)).seen).toEqual([{ segment: null, flag: 'search', people: 500 }]);
  });

  test('that the database can never hold is refused for good, and nothing of it is kept', async () => {
    const { store, sink } = await prepare();
    const exposures = [exposure('anna', 'on', 1), exposure('b\0n', 'on', 1)];
    await expect(sink.send(batch('a', { exposures }))).rejects.toThrow(BatchRefusedError);
    await sink.send(batch('b', { exposures: [exposure('cleo', 'on', 1)] }));
    expect((await everything(store)).seen).toEqual([{ segment: null, flag: 'search', people: 1 }]);
  });

  test('by a page makes it no process of the application', async () => {
    const { store, sink } = await prepare();
    const exposures = [exposure('anna', 'on', 1)];
    await sink.send({ ...batch('a', { exposures }), process: 'page' }, 'client shop');
    await sink.send(batch('b', { exposures }), 'server shop');
    expect((await everything(store)).processes.map(({ process }) => process)).toEqual(['shop-1']);
  });

  test('is let go where Crossfade has never run, and goes on where the connection was lost', async () => {
    const sink = postgresTelemetrySink({ connectionString: database.url, applicationName: 'telling' });
    closing.push(async () => await sink.close());
    await sink.send(batch('a', { exposures: [exposure('anna', 'on', 1)] }));
    const store = await createPostgresStore({ connectionString: database.url });
    closing.push(async () => await store.close());
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'telling' and datname = current_database()`,
    );
    await sink.send(batch('b', { exposures: [exposure('anna', 'on', 1)] })).catch(async () => {
      await sink.send(batch('b', { exposures: [exposure('anna', 'on', 1)] }));
    });
    expect((await everything(store)).seen).toHaveLength(1);
  });
});

describe('a Fastify application', () => {
  test('tells of each request the flags that were answered in it, and of no other', async () => {
    const { sink } = await prepare();
    const app = Fastify();
    closing.push(async () => await app.close());
    const telemetry = createTelemetry({
      sink,
      process: 'shop-1',
      revision: () => 1,
      windowMs: 1,
      sendEveryMs: 1_000_000,
      currentRequest,
      log: { info: () => undefined, warn: () => undefined },
    });
    countFlagRequests(app, telemetry);
    app.get<{ Params: { person: string; variant: string } }>(
      '/search/:person/:variant',
      async ({ params }) => {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        telemetry.hook.after(
          { flagKey: 'search', context: { targetingKey: params.person } },
          { variant: params.variant },
        );
        if (params.person === 'ben') throw new Error('broken');
        return {};
      },
    );
    app.get('/plain', async () => ({}));
    const paths = ['/search/anna/on', '/plain', '/search/ben/off', '/search/anna/on'];
    await Promise.all(paths.map(async (path) => await app.inject(path)));
    await telemetry.stop();
    const { rows } = await client.query(
      'select variant, targeting_keys, requests, failed from crossfade.person_windows order by variant',
    );
    expect(rows).toEqual([
      { variant: 'off', targeting_keys: ['ben'], requests: [1], failed: [1] },
      { variant: 'on', targeting_keys: ['anna'], requests: [2], failed: [0] },
    ]);
    expect(telemetry.metrics()).toContain(
      'crossfade_flag_requests_total{flag="search",variant="on",outcome="ok"} 2',
    );
  });
});
