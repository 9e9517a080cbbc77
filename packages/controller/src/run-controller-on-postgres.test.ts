import { verifyChain } from '@crossfade/engine';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { createPostgresStore } from '@crossfade/store';
import { Client } from 'pg';
import { afterEach, expect, test } from 'vitest';
import {
  command,
  eventTypes,
  publishedFlags,
  startController,
  startRun,
} from './testing/controller-fixture.ts';
import { eventually } from './testing/eventually.ts';
import { createWorld, workPlan } from './testing/work-plan.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function freshDatabase() {
  const database = await createTestDatabase();
  closing.push(async () => await database.drop());
  return database;
}

async function openStore(connectionString: string, applicationName: string) {
  const store = await createPostgresStore({ connectionString, applicationName });
  closing.push(async () => await store.close());
  return store;
}

test('a run over Postgres ends as over memory', async () => {
  const store = await openStore((await freshDatabase()).url, 'controller');
  const world = createWorld();
  const bound = workPlan(world);
  await startRun(store, bound);
  expect(await startController(store, bound).ended).toEqual({ status: 'completed', runId: 'run-1' });
  expect(world.calls.map((key) => key.split('/')[1])).toEqual(['prepare', 'fill', 'show', 'finish']);
  expect(verifyChain(await store.readJournal(0))).toMatchObject({ ok: true });
  expect(await publishedFlags(store)).toMatchObject({ calls: false, share: 50 });
});

test('every connection of the controller is cut in mid-run: it goes on, and each effect is performed once', async () => {
  const { url, directUrl } = await freshDatabase();
  const store = await openStore(url, 'controller-to-cut');
  const world = createWorld();
  const bound = workPlan(world);
  await startRun(store, bound);
  world.endless.add('fill');
  const controller = startController(store, bound);
  await eventually(() => world.calls).toContain('run-1/fill/forward/1');

  const killer = new Client({ connectionString: directUrl });
  await killer.connect();
  closing.push(async () => await killer.end());
  const { rowCount } = await killer.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'controller-to-cut'`,
  );
  expect(rowCount).toBeGreaterThan(0);

  // Past a pooler, which has not seen yet that its connections are dead.
  const operator = await openStore(directUrl, 'operator');
  await command(operator, bound, { type: 'rollback.requested', reason: 'enough' });
  expect((await controller.ended).status).toBe('rolled_back');
  expect(world.letGo).toEqual(['run-1/fill/forward/1']);
  expect(new Set(world.calls).size).toBe(world.calls.length);
  expect((await eventTypes(store)).filter((type) => type === 'controller.started')).toHaveLength(1);
});
