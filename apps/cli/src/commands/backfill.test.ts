import { rmSync } from 'node:fs';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crossfade } from '../testing/crossfade-process.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';

const planYaml = `crossfade: 1
name: shop
title: Shop
description: A number that was kept as text
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
        key: [shop, id]
        set: { total_cents: "(total::numeric * 100)::bigint" }
        where: total_cents is null
        tolerate: 3
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
    create table public.orders (shop text not null, id bigint not null, total text not null, total_cents bigint, primary key (shop, id));
    insert into public.orders (shop, id, total)
      select 'a', n, case n when 7 then 'seven' when 8 then '8,00' when 9 then 'nine' else n::text end from generate_series(1, 100) n;
  `);
  plan = writeSmallPlan({ 'plan.yaml': planYaml });
  const run = await crossfade(
    'run',
    plan,
    '--speed',
    '1000000',
    '--json',
    '--no-report',
    '--database',
    database.url,
  );
  if (run.code !== 0) throw new Error(run.stderr);
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(plan, { recursive: true, force: true });
});

const given = async (...words: string[]) => await crossfade('backfill', ...words, '--database', database.url);
const counts = async () =>
  (
    await client.query(
      `select sum(passed)::int as passed, sum(migrated)::int as migrated, sum(skipped)::int as skipped,
              sum(quarantined)::int as quarantined, sum(vanished)::int as vanished from crossfade_ledger.slices`,
    )
  ).rows;

describe('crossfade backfill', { timeout: 60_000 }, () => {
  it('shows the rows that were set aside, by key, with the reason', async () => {
    const { code, stdout } = await given('quarantine', 'fill');
    expect(code).toBe(0);
    expect(stdout).toContain('fill: 3 rows set aside.');
    expect(stdout).toMatch(
      /\["a", "7"\] {2}invalid input syntax for type numeric: "seven" {2}\(\d+ attempts?, last at 2/,
    );
  });

  it('tries one of them again when it was mended, and counts it where it belongs', async () => {
    await client.query(`update public.orders set total = '7' where id = 7`);
    const { code, stdout } = await given('retry', 'fill', '--key', '["a", "7"]', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      filled: 1,
      doneAlready: 0,
      gone: 0,
      left: [{ attempts: expect.any(Number) }, {}],
    });
    expect(await counts()).toEqual([{ passed: 100, migrated: 98, skipped: 0, quarantined: 2, vanished: 0 }]);
  });

  it('tries all of them, and says of those that are bad still why', async () => {
    await client.query(
      `update public.orders set total = '8 Euro' where id = 8; delete from public.orders where id = 9`,
    );
    const { code, stdout } = await given('retry', 'fill');
    expect(code).toBe(1);
    expect(stdout).toContain('fill: 0 rows filled, 1 row deleted since; 1 row set aside still.');
    expect(stdout).toContain('invalid input syntax for type numeric: "8 Euro"');
    await client.query(`update public.orders set total = '8', total_cents = 800 where id = 8`);
    const last = await given('retry', 'fill');
    expect(last.stdout).toContain('fill: 0 rows filled, 1 row done already; 0 rows set aside still.');
    expect(last.code).toBe(0);
    expect(await counts()).toEqual([{ passed: 100, migrated: 98, skipped: 1, quarantined: 0, vanished: 1 }]);
    expect((await given('quarantine', 'fill')).stdout).toContain('fill has set no row aside.');
  });

  it.each([
    [['retry', 'fil'], 'fil is no backfill of run'],
    [['quarantine', 'fill', '--key', 'x'], '--key is for retry'],
  ])('refuses %j with what was expected', async (words, reason) => {
    const { code, stderr } = await given(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});
