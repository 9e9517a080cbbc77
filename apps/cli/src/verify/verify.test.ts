import { rmSync } from 'node:fs';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { crossfade, startCrossfade } from '../testing/crossfade-process.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';

const rows = 200_000;
const planYaml = `crossfade: 1
name: shop
title: Shop
description: A column of a table, and a table with two shapes
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
        set: { total_cents: "(total * 100)::bigint" }
        where: total_cents is null
        dual_write: application
        undo: { set: { total_cents: "null" } }
      - id: shape
        type: reshape
        title: Points for scores
        description: ""
        after: [fill]
        table: public.scores
        key: id
        columns: [{ from: score, to: points, type: integer, up: "score::integer", down: "points::text" }]
        rewrite: true
      - id: rest
        type: wait
        title: Wait
        description: ""
        after: [shape]
        for: 1h
`;

let database: TestDatabase;
let client: Client;
let plan: string;
let where: string[];
beforeAll(async () => {
  database = await createTestDatabase();
  where = ['--database', database.url];
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    create table public.orders (shop int, id bigint, total numeric not null, total_cents bigint, primary key (shop, id));
    insert into public.orders select n % 3, n, n / 100.0, n from generate_series(1, ${rows}) n;
    create table public.scores (id int primary key, score text not null);
    insert into public.scores select n, n::text from generate_series(1, 5000) n;
    analyze public.orders, public.scores;
  `);
  plan = writeSmallPlan({ 'plan.yaml': planYaml });
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(plan, { recursive: true, force: true });
});

interface Found {
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}
async function verify(...given: string[]): Promise<{ readonly code: number | null; readonly found: Found }> {
  const { code, stdout, stderr } = await crossfade('verify', ...given, '--json', ...where);
  expect(stderr).toBe('');
  return { code, found: JSON.parse(stdout) as Found };
}

describe('crossfade verify', { timeout: 60_000 }, () => {
  it('refuses where nothing was run', async () => {
    const end = await crossfade('verify', ...where);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('no plan has been run on this database yet: there is nothing to verify');
  });

  it('compares every row of every such step of the newest run, without a controller', async () => {
    const run = await crossfade('run', plan, '--speed', '100000', '--json', '--no-report', ...where);
    expect(run.code, run.stderr).toBe(0);
    const end = await crossfade('verify', ...where);
    expect(end.code, end.stderr).toBe(0);
    expect(end.stdout).toMatch(
      /^✔ fill: 200,000 rows of public\.orders compared, none differs; [\d,]+ rows\/s\.\n✔ shape: 5,000 rows of public\.scores compared, none differs; [\d,]+ rows\/s\.\n$/,
    );
  });

  it('finds and names the one row among all that somebody has changed, by the columns of its key', async () => {
    await client.query('update public.orders set total_cents = 1 where shop = 0 and id = 123456');
    const { code, found } = await verify('fill', '--workers', '2');
    expect(code).toBe(1);
    expect(found.steps).toEqual([
      expect.objectContaining({ step: 'fill', compared: rows, different: 1, keys: ['["0", "123456"]'] }),
    ]);
    const end = await crossfade('verify', 'fill', ...where);
    expect(end.stdout).toContain('✘ fill: 1 of 200,000 rows of public.orders differs');
    expect(end.stdout).toContain('Keys: ["0", "123456"]');
    await client.query('update public.orders set total_cents = id where shop = 0 and id = 123456');
  });

  it('finds in each shape of a table what the other does not say, and what it has not', async () => {
    await client.query(`
      begin;
      set local session_replication_role = replica;
      update public.scores_crossfade_new set points = -1 where id = 7;
      insert into public.scores_crossfade_new (id, points) values (9000, 1);
      delete from public.scores_crossfade_new where id = 70;
      commit;
    `);
    const { code, found } = await verify('shape');
    expect(code).toBe(1);
    expect(found.steps).toEqual([
      expect.objectContaining({ step: 'shape', compared: 5_000, different: 3, keys: ['7', '70', '9000'] }),
    ]);
    await client.query(`
      begin;
      set local session_replication_role = replica;
      update public.scores_crossfade_new set points = 7 where id = 7;
      insert into public.scores_crossfade_new (id, points) values (70, 70);
      delete from public.scores_crossfade_new where id = 9000;
      commit;
    `);
    expect((await verify('shape')).code).toBe(0);
  });

  it('is interrupted, and goes on from there', async () => {
    await client.query('update public.orders set total_cents = 1 where shop = 0 and id in (3, 199998)');
    // Held up in the middle: the lock is waited for.
    const started = startCrossfade('verify', 'fill', ...where);
    const progress = async () =>
      (
        await client.query<{ compared: number }>(
          `select sum(compared)::int as compared from crossfade_ledger.verifications
            where asked_by = 'command' and step_id = 'fill' and verification <> $1`,
          [before],
        )
      ).rows[0]?.compared ?? 0;
    const { rows: known } = await client.query<{ verification: string }>(
      `select verification from crossfade_ledger.verifications where asked_by = 'command' and step_id = 'fill' limit 1`,
    );
    const before = known[0]?.verification ?? '';
    await vi.waitUntil(async () => (await progress()) > 0, { timeout: 20_000, interval: 1 });
    started.process.kill('SIGTERM');
    const cut = await started.ended;
    expect(cut.code, cut.stderr).toBe(4);
    expect(cut.stdout).toContain('"crossfade verify --resume" goes on from here');
    const { code, found } = await verify('fill', '--resume');
    expect(code).toBe(1);
    expect(found.steps).toEqual([
      expect.objectContaining({ compared: rows, different: 2, keys: ['["0", "3"]', '["0", "199998"]'] }),
    ]);
    await client.query('update public.orders set total_cents = id where total_cents <> id');
  });

  it.each([
    ['fil', 'the plan has no step fil: expected fill, shape; did you mean fill?'],
    ['rest', 'step rest is of type wait, which has no rows to compare: expected fill, shape'],
    ['\u001B[31m', 'the plan has no step'],
  ])('refuses the step %j', async (step, problem) => {
    const end = await crossfade('verify', step, ...where);
    expect(end.code).toBe(2);
    expect(end.stderr.replaceAll(/\s+/g, ' ')).toContain(problem);
  });

  it('says that a plan has nothing to verify', async () => {
    const other = await createTestDatabase();
    const small = writeSmallPlan();
    try {
      const at = ['--database', other.url];
      await crossfade('run', small, '--speed', '100000', '--json', '--no-report', ...at);
      const end = await crossfade('verify', ...at);
      expect(end.code).toBe(2);
      expect(end.stderr.replaceAll(/\s+/g, ' ')).toContain(
        'has no step of type backfill or reshape: there is nothing to verify',
      );
    } finally {
      await other.drop();
      rmSync(small, { recursive: true, force: true });
    }
  });
});
