import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '@crossfade/engine';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { crossfadeHere } from './testing/crossfade-here.ts';
import { startCrossfade, type CrossfadeProcess } from './testing/crossfade-process.ts';
import { LiveParley } from './testing/live-parley.ts';
import { parleyFlags } from './testing/parley-flags.ts';
import { until } from './testing/until.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-take-back-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
const plan = join(import.meta.dirname, 'testing', 'ten-second-plan');
const flagsOffWithinMs = 1_000;

/** One Parley and its people live through all of it, run after run. */
describe('crossfade rollback in the middle of a run', { timeout: 180_000 }, () => {
  let parley: LiveParley;
  let client: Client;
  let schemaBefore: string;
  beforeAll(async () => {
    parley = await LiveParley.start({ messages: 4_000 });
    client = new Client({ connectionString: parley.databaseUrl });
    await client.connect();
    schemaBefore = await parley.schemaDigest();
  }, 120_000);
  afterAll(async () => {
    await client.end();
    await parley.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A run; after one that was taken back, another one. */
  async function startRun(): Promise<CrossfadeProcess> {
    const again = (await parley.store.readJournal(0)).at(-1)?.runId;
    const given = ['--speed', '60000', '--lease-ms', '1000', '--json', '--no-report'];
    if (again !== undefined) given.push('--again', again);
    return startCrossfade('run', plan, ...given, '--app', parley.url, '--database', parley.databaseUrl);
  }

  function takeBack(): Promise<{ code: number | null; stdout: string }> {
    return crossfadeHere('rollback', '--reason', 'a test', '--json', '--database', parley.databaseUrl);
  }

  /** Of the newest run only, from where its journal begins. */
  async function journalAfter(seq: number): Promise<readonly JournalEntry[]> {
    return (await parley.store.readJournal(0)).filter((entry) => entry.seq > seq);
  }

  async function headSeq(): Promise<number> {
    return (await parley.store.readJournal(0)).at(-1)?.seq ?? 0;
  }

  function journalShows(
    what: string,
    after: number,
    shows: (entry: JournalEntry) => boolean,
  ): Promise<JournalEntry> {
    return until(what, async () => (await journalAfter(after)).findLast(shows), 60_000);
  }

  async function filledRows(): Promise<number> {
    const { rows } = await client.query<{ filled: number }>(
      'SELECT count(body_search)::integer AS filled FROM public.messages',
    );
    return rows[0]?.filled ?? 0;
  }

  it('stops a backfill in its middle', async () => {
    const before = await headSeq();
    const run = await startRun();
    await journalShows(
      'the backfill',
      before,
      ({ event }) => event.type === 'effect.requested' && event.step === 'fill',
    );
    await until('some rows', async () => (await filledRows()) > 0 || undefined);
    expect(await takeBack()).toMatchObject({ code: 0 });
    expect(await run.ended).toMatchObject({ code: 3 });
    const abandoned = (await journalAfter(before)).filter(({ event }) => event.type === 'effect.abandoned');
    expect(abandoned, 'the backfill was cut off, not finished').toHaveLength(1);
    expect(await parley.schemaDigest()).toBe(schemaBefore);
  });

  it('does the work itself when no controller runs, and nothing the second time', async () => {
    const before = await headSeq();
    const run = await startRun();
    await journalShows(
      'the column',
      before,
      ({ event }) => event.type === 'step.completed' && event.step === 'column',
    );
    run.process.kill('SIGKILL');
    await run.ended;
    expect(await takeBack()).toMatchObject({ code: 0 });
    expect(await parley.schemaDigest()).toBe(schemaBefore);
    const entries = await headSeq();
    expect(await takeBack()).toMatchObject({ code: 0 });
    expect(await headSeq()).toBe(entries);
  });

  it('turns a rollout round: flags off within a second, Batch 1 throughout, the schema as before; then runs to its end', async () => {
    const before = await headSeq();
    const run = await startRun();
    await journalShows(
      'everybody let in',
      before,
      ({ event }) => event.type === 'exposure.changed' && event.audiences[0]?.percentage === 100,
    );
    const flags = await parleyFlags(parley.url);
    await until('the flag reaching people', async () => ((await flags()).advanced_search ? true : undefined));
    const taken = takeBack();
    const requested = await journalShows(
      'the request',
      before,
      ({ event }) => event.type === 'rollback.requested',
    );
    await until('flags off in Parley', async () => ((await flags()).advanced_search ? undefined : true));
    expect((await parley.store.now()) - requested.atMs).toBeLessThan(flagsOffWithinMs);
    expect(await taken).toMatchObject({ code: 0 });
    expect(await run.ended).toMatchObject({ code: 3 });
    expect(await parley.schemaDigest()).toBe(schemaBefore);

    const again = await (await startRun()).ended;
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const clients = await parley.peopleLeave();
    expect(clients.requests.filter((request) => !request.ok)).toEqual([]);
    expect(clients.verified).toMatchObject({ missing: 0, changed: 0, duplicated: 0, outOfOrder: 0 });
  });
});
