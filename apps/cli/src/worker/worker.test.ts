import { rmSync } from 'node:fs';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { crossfade, startCrossfade } from '../testing/crossfade-process.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';

const rows = 400_000;
const planYaml = `crossfade: 1
name: shop
title: Shop
description: A column of a table of one's own
calendar: { weeks: 1, start: week 1 monday 00:00, default_time: "00:00" }
flags: {}
groups: {}
phases:
  - id: only
    title: Only phase
    description: ""
    steps:
      - id: fill
        type: backfill
        title: Fill
        description: ""
        table: public.orders
        key: id
        set: { total_cents: "(total * 100)::bigint" }
        where: total_cents is null
        batch_size: 250
        pace: { rows: 30000, every: 1s }
        dual_write: application
        undo: { set: { total_cents: "null" } }
`;

let database: TestDatabase;
let client: Client;
let plan: string;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    create table public.orders (id bigint primary key, total numeric not null, total_cents bigint);
    insert into public.orders (id, total) select n, n / 100.0 from generate_series(1, ${rows}) n;
    analyze public.orders;
  `);
  plan = writeSmallPlan({ 'plan.yaml': planYaml });
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(plan, { recursive: true, force: true });
});

interface SliceRow {
  readonly holder: string | null;
  readonly passed: number;
  readonly attempt: number;
}
const slices = async () =>
  (
    await client.query<SliceRow>(
      'select holder, passed::int as passed, attempt from crossfade_ledger.slices order by slice',
    )
  ).rows;

describe('crossfade worker', { timeout: 120_000 }, () => {
  it('shares a backfill with others; where one is killed, the others do what it held', async () => {
    const where = ['--database', database.url];
    const run = startCrossfade('run', plan, '--speed', '1', '--json', '--no-report', ...where);
    const killed = startCrossfade('worker', ...where);
    const other = startCrossfade('worker', '--workers', '2', '--json', ...where);
    const held = await vi.waitUntil(
      async () => {
        const all = await slices().catch(() => []);
        const name = `:${killed.process.pid}.`;
        return all.find(({ holder, passed }) => holder?.includes(name) === true && passed > 0);
      },
      { timeout: 60_000, interval: 50 },
    );
    killed.process.kill('SIGKILL');
    expect(held.holder).toMatch(/^worker /);
    const end = await run.ended;
    expect(end.code, end.stderr).toBe(0);
    other.process.kill('SIGTERM');
    const helped = await other.ended;
    expect(helped.code, helped.stderr).toBe(0);
    const figures = JSON.parse(helped.stdout) as { rows: number; steps: string[] };
    expect(figures.steps).toEqual(['fill']);
    expect(figures.rows).toBeGreaterThan(0);
    const { rows: counted } = await client.query(
      `select sum(passed)::int as passed, sum(migrated)::int as migrated, sum(skipped + quarantined + vanished)::int as others,
              max(attempt) as attempts from crossfade_ledger.slices`,
    );
    expect(counted).toEqual([{ passed: rows, migrated: rows, others: 0, attempts: 2 }]);
    const wrong = await client.query(
      'select from public.orders where total_cents is distinct from total * 100',
    );
    expect(wrong.rowCount).toBe(0);
  });

  it('ends at once where nothing is to be done and it was told to', async () => {
    const end = await crossfade('worker', '--until-idle', '--database', database.url);
    expect(end).toMatchObject({ code: 0, stdout: expect.stringContaining('0 rows passed here') });
  });

  it('says what it waits for', async () => {
    const waiting = startCrossfade('worker', '--database', database.url);
    await vi.waitUntil(() => waiting.stdout().includes('No backfill is at work; waits for one.'), {
      timeout: 20_000,
    });
    waiting.process.kill('SIGTERM');
    expect((await waiting.ended).code).toBe(0);
  });
});
