import { bindPlan, type BoundPlan, type ControlStore } from '@crossfade/engine';
import { createFlagEvaluator } from '@crossfade/flags';
import { gateCatalog } from '@crossfade/gates';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { parsePlan, planDigest } from '@crossfade/plan';
import { stepCatalog } from '@crossfade/steps';
import { createPostgresStore } from '@crossfade/store';
import { Client } from 'pg';
import { afterEach, expect, test } from 'vitest';
import { createPostgresTarget } from './postgres-target.ts';
import { command, eventsOf, startController, startRun } from './testing/controller-fixture.ts';
import { eventually } from './testing/eventually.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** One flag, open to half of the keen people for a long time. */
function longStage(segment: string): BoundPlan {
  const files = {
    'plan.yaml': `crossfade: 1
name: keen
title: For keen people
calendar: { weeks: 1, start: week 1 monday }
segments:
  keen: { title: Keen people, ${segment} }
groups:
  alpha: { title: Alpha, segment: keen, percentage: 50 }
flags:
  greeting: { title: Greeting }
phases:
  - id: release
    title: Release
    steps:
      - { id: show, type: rollout, title: Show it, flags: [greeting], stages: [{ group: alpha, bake: 6d }] }
`,
  };
  const catalogs = { steps: stepCatalog, gates: gateCatalog };
  const { plan, findings } = parsePlan(files, catalogs, { today: '2026-01-01' });
  if (!plan) throw new Error(`the test's plan is not valid: ${JSON.stringify(findings, null, 2)}`);
  return bindPlan(plan, planDigest(files), files, catalogs);
}

async function startStage(segment: string) {
  const database = await createTestDatabase();
  closing.push(async () => await database.drop());
  const store = await createPostgresStore({ connectionString: database.url });
  closing.push(async () => await store.close());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  closing.push(async () => await client.end());
  await client.query(`
    create table people (id uuid primary key default gen_random_uuid(), keen boolean not null);
    insert into people (keen) select n % 2 = 0 from generate_series(1, 200) as n`);
  const bound = longStage(segment);
  await startRun(store, bound);
  const target = createPostgresTarget({ connectionString: database.url });
  const start = () => {
    const controller = startController(store, bound, { target });
    closing.push(async () => {
      controller.stop();
      await controller.ended;
    });
    return controller;
  };
  return { store, client, bound, start };
}

/** Who has the flag, of everybody, as an application that reads now would answer. */
async function having(store: ControlStore, client: Client): Promise<readonly string[]> {
  const { document } = (await store.readFlagDocument()) ?? { document: '{"flags":{}}' };
  const members = new Map([['keen', new Set(await store.readSegmentMembers('keen'))]]);
  const evaluator = createFlagEvaluator(document, members);
  const { rows } = await client.query<{ id: string }>('select id from people order by id');
  return rows
    .map(({ id }) => id)
    .filter((targetingKey) => evaluator.evaluate('greeting', { targetingKey }).value === true);
}

const everySecond = 'sql: "select id from people where keen", refresh: 1s';

test('who joins a segment while a flag is open to it is let in, and clients are told', async () => {
  const { store, client, start } = await startStage(everySecond);
  start();
  await eventually(async () => (await eventsOf(store)).map(({ type }) => type)).toContain('exposure.changed');
  const before = await having(store, client);
  const revision = (await store.readFlagDocument())?.revision ?? 0;
  expect(before.length).toBeGreaterThan(0);

  // Some leave, and others join, by the same hand.
  await client.query('update people set keen = not keen');
  await eventually(async () =>
    (await eventsOf(store)).some((event) => event.type === 'segment.grown' && event.size === 200),
  ).toBe(true);
  const after = await having(store, client);
  expect(after.length).toBeGreaterThan(before.length);
  expect(before.filter((person) => !after.includes(person))).toEqual([]);
  expect((await store.readFlagDocument())?.revision).toBeGreaterThan(revision);
}, 60_000);

test('a look that fails takes nothing back and nobody out; it is told once, and so is its end', async () => {
  const { store, client, bound, start } = await startStage(everySecond);
  start();
  await eventually(async () => (await having(store, client)).length).toBeGreaterThan(0);
  const before = await having(store, client);
  await client.query('alter table people rename column keen to eager');
  await eventually(async () => await troublesOf(store)).toEqual([
    'segment keen: column "keen" does not exist',
  ]);
  expect(await having(store, client)).toEqual(before);
  await client.query('alter table people rename column eager to keen');
  await eventually(async () => await troublesOf(store)).toEqual([
    'segment keen: column "keen" does not exist',
    null,
  ]);
  await command(store, bound, { type: 'rollback.requested', reason: 'enough' });
  await eventually(async () => await having(store, client)).toEqual([]);
}, 60_000);

async function troublesOf(store: ControlStore): Promise<readonly (string | null)[]> {
  const events = await eventsOf(store);
  return events.flatMap((event) => (event.type === 'segment.trouble' ? [event.problem] : []));
}

test('a segment that would cost the database too much opens nothing, and is asked for again', async () => {
  const { store, client, start } = await startStage('sql: "select id from people where keen", max_cost: 1');
  start();
  const waiting = async () =>
    (await eventsOf(store)).flatMap((event) => (event.type === 'step.waiting' ? [event.reason] : []));
  await eventually(async () => (await waiting())[0] ?? '').toMatch(
    /^held: segment keen: Postgres expects its SQL to cost \d+, more than its max_cost of 1: it was not run$/,
  );
  expect(await having(store, client)).toEqual([]);
  expect((await eventsOf(store)).map(({ type }) => type)).not.toContain('rollback.started');
});
