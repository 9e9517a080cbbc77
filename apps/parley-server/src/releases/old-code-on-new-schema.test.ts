import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { allFlags, PASSWORD } from '../testing/asking.ts';
import { dayAt } from '../testing/day-at.ts';
import { pack, type Packed } from '../testing/packed-release.ts';
import { logIn } from '../testing/person-at.ts';
import { openReleaseStage, type ReleaseStage } from '../testing/release-stage.ts';

/** Only end a test that hangs: a busy machine packs slowly. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let batch1: Packed;
let stage: ReleaseStage;

beforeAll(async () => {
  batch1 = await pack('batch-1');
  stage = await openReleaseStage();
  await stage.run(batch1, 'install');
});
afterAll(async () => await stage.close());

it('does on the schema of Batch 2 all that it did before, whatever the flags say', async () => {
  const before = await dayAt(await stage.serve(batch1), 'monday');
  expect(before).toMatchObject({
    flags: allFlags(false),
    found: { mode: 'basic', results: [{ body: 'Is line 7 late?' }] },
    file: 'line 7: 8.10, 8.30',
  });
  expect(before.page.messages.map(({ body, isDeleted }) => [body, isDeleted])).toEqual([
    ['Is line 7 late?', false],
    ['A tram is seldom late', false],
    ['', true],
    ['This is the timetable', false],
  ]);
  await stage.stopServing();
  await stage.migrate();
  await stage.publishAllFlags();
  expect(await dayAt(await stage.serve(batch1), 'tuesday')).toEqual(before);
});

it('fills in what the new schema wants of each message, without knowing of it', async () => {
  const rows = await stage.sql(
    `SELECT count(*)::int AS messages, count(body_search)::int AS searchable, count(body_sha256)::int AS fingerprints
     FROM messages m JOIN auth.users u ON u.id = m.sender_id WHERE u.email LIKE '%-tuesday@parley.example'`,
  );
  expect(rows).toEqual([{ messages: 4, searchable: 4, fingerprints: 4 }]);
});

it('has nothing to ask of what Batch 2 brings', async () => {
  const ana = await logIn(await stage.serve(batch1), 'ana-tuesday@parley.example', PASSWORD);
  await expect(ana.ask('GET', '/v1/agents')).rejects.toThrow('404');
  await expect(ana.ask('POST', '/v1/timings', { timings: [] })).rejects.toThrow('404');
  await stage.stopServing();
});
