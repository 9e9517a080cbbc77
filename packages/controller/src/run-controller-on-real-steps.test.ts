import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyChain, type OutgoingMessage } from '@crossfade/engine';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { catalogDigest } from '@crossfade/steps';
import { createPostgresStore } from '@crossfade/store';
import { Client } from 'pg';
import { afterEach, expect, test } from 'vitest';
import { createOpenMetricsScraper } from './metrics/scraper.ts';
import { createPostgresTarget } from './postgres-target.ts';
import {
  command,
  eventsOf,
  eventTypes,
  publishedFlags,
  startController,
  startRun,
} from './testing/controller-fixture.ts';
import { eventually } from './testing/eventually.ts';
import { oldSchema, smallMigration } from './testing/small-migration.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** An application that answers about a hundred requests a second, a share of them slowly. */
async function startApplication() {
  const application = { slowShare: 0, fast: 0, slow: 0 };
  let seenAtMs = performance.now();
  const server = createServer(({ url }, response) => {
    const requests = (performance.now() - seenAtMs) / 10;
    seenAtMs = performance.now();
    application.fast += requests * (1 - application.slowShare);
    application.slow += requests * application.slowShare;
    const count = application.fast + application.slow;
    const metrics = `request_duration_seconds_bucket{le="0.2"} ${application.fast}
request_duration_seconds_bucket{le="+Inf"} ${count}
request_duration_seconds_count ${count}
request_duration_seconds_sum ${count / 10}
# EOF
`;
    const readiness = '{"status":"ok","checks":{"database":{"ok":true,"tookMs":1}}}';
    response.end(url === '/metrics' ? metrics : readiness);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { application, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function startMigration() {
  const database = await createTestDatabase();
  closing.push(async () => await database.drop());
  const store = await createPostgresStore({ connectionString: database.url });
  closing.push(async () => await store.close());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  closing.push(async () => await client.end());
  await client.query(oldSchema);

  const { application, url } = await startApplication();
  const metrics = createOpenMetricsScraper({
    endpoints: [url],
    intervalMs: 200,
    now: async () => await store.now(),
  });
  closing.push(async () => await metrics.stop());
  const target = createPostgresTarget({ connectionString: database.url });
  const sent: OutgoingMessage[] = [];
  const notifier = { send: async (message: OutgoingMessage) => void sent.push(message) };
  const bound = smallMigration();
  const digest = async () => {
    const signal = new AbortController().signal;
    return await target.withConnection({ applicationName: 'digest', signal }, async (connection) => {
      return (await catalogDigest(connection)).digest;
    });
  };
  const before = await digest();
  await startRun(store, bound, { speed: 4 * 60 * 60 });
  const controller = startController(store, bound, { target, metrics, notifier });
  closing.push(async () => {
    controller.stop();
    await controller.ended;
  });
  return { store, client, application, bound, sent, digest, before, controller };
}

test('schema, backfill, check, rollout and message on a real database, to the end', async () => {
  const { store, client, sent, controller } = await startMigration();
  expect((await controller.ended).status).toBe('completed');
  const { rows } = await client.query(
    `select count(*)::int as n from people where greeting = 'Hello ' || name`,
  );
  expect(rows).toEqual([{ n: 400 }]);
  const members = await client.query('select count(*)::int as n from crossfade.segment_members');
  expect(members.rows).toEqual([{ n: 100 }]);
  expect(sent).toMatchObject([{ channel: 'team', subject: 'It is there', body: 'Look at the greeting.\n' }]);
  expect(verifyChain(await store.readJournal(0))).toMatchObject({ ok: true });
  const exposed = (await eventsOf(store)).filter(({ type }) => type === 'exposure.changed');
  expect(exposed).toHaveLength(2);
});

test('answers that become slow take it back: flag off, column gone, catalog as before', async () => {
  const { store, application, digest, before, controller } = await startMigration();
  await eventually(async () => await eventTypes(store)).toContain('exposure.changed');
  expect(await digest()).not.toBe(before);
  application.slowShare = 0.5;
  expect((await controller.ended).status).toBe('rolled_back');
  expect(await publishedFlags(store)).toEqual({ greeting: false, share: 0 });
  expect(await digest()).toBe(before);
});

test('an operator takes it back in the middle of the backfill', async () => {
  const { store, client, bound, digest, before, controller } = await startMigration();
  await eventually(async () => await eventTypes(store)).toContain('step.completed'); // The column is there.
  await eventually(async () => {
    const { rows } = await client.query('select count(greeting)::int as n from people');
    return rows;
  }).not.toEqual([{ n: 0 }]);
  await command(store, bound, { type: 'rollback.requested', reason: 'not today' });
  expect((await controller.ended).status).toBe('rolled_back');
  expect(await digest()).toBe(before);
  const types = await eventTypes(store);
  expect(types).toContain('effect.abandoned');
  expect(types.filter((type) => type === 'step.completed')).toHaveLength(1);
});
