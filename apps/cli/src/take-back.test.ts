import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '@crossfade/engine';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { crossfade, startCrossfade, type CrossfadeProcess } from './testing/crossfade-process.ts';
import { LiveParley } from './testing/live-parley.ts';
import { parleyFlags } from './testing/parley-flags.ts';
import { until } from './testing/until.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-take-back-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
const plan = join(import.meta.dirname, 'testing', 'ten-second-plan');
const flagsOffWithinMs = 1_000;

describe('crossfade rollback in the middle of a run', { timeout: 180_000 }, () => {
  let parley: LiveParley;
  let schemaBefore: string;
  beforeEach(async () => {
    parley = await LiveParley.start({ messages: 4_000 });
    schemaBefore = await parley.schemaDigest();
  }, 120_000);
  afterEach(() => parley.stop());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function startRun(): CrossfadeProcess {
    const given = ['--speed', '60000', '--lease-ms', '1000', '--json', '--no-report'];
    return startCrossfade('run', plan, ...given, '--app', parley.url, '--database', parley.databaseUrl);
  }

  function journalShows(what: string, shows: (entry: JournalEntry) => boolean): Promise<JournalEntry> {
    return until(what, async () => (await parley.store.readJournal(0)).findLast(shows), 60_000);
  }

  function takeBack(): Promise<{ code: number | null; stdout: string }> {
    return crossfade('rollback', '--reason', 'a test', '--json', '--database', parley.databaseUrl);
  }

  async function expectBatch1AndThenACompletedRun(): Promise<void> {
    expect(await parley.schemaDigest()).toBe(schemaBefore);
    const again = await startRun().ended;
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const clients = await parley.peopleLeave();
    expect(clients.requests.filter((request) => !request.ok)).toEqual([]);
    expect(clients.verified).toMatchObject({ missing: 0, changed: 0, duplicated: 0, outOfOrder: 0 });
  }

  it('turns a rollout round: flags off within a second, Batch 1 throughout, the schema as before; then runs to its end', async () => {
    const run = startRun();
    await journalShows(
      'everybody let in',
      ({ event }) => event.type === 'exposure.changed' && event.audiences[0]?.percentage === 100,
    );
    const flags = await parleyFlags(parley.url);
    await until('the flag reaching people', async () => ((await flags()).advanced_search ? true : undefined));
    const taken = takeBack();
    const requested = await journalShows('the request', ({ event }) => event.type === 'rollback.requested');
    await until('flags off in Parley', async () => ((await flags()).advanced_search ? undefined : true));
    expect((await parley.store.now()) - requested.atMs).toBeLessThan(flagsOffWithinMs);
    expect(await taken).toMatchObject({ code: 0 });
    expect(await run.ended).toMatchObject({ code: 3 });
    await expectBatch1AndThenACompletedRun();
  });

  it('stops a backfill in its middle', async () => {
    const run = startRun();
    await journalShows(
      'the backfill',
      ({ event }) => event.type === 'effect.requested' && event.step === 'fill',
    );
    await until('some rows', async () =>
      (await parley.frozenRows('body_search IS NOT NULL')).length > 0 ? true : undefined,
    );
    expect(await takeBack()).toMatchObject({ code: 0 });
    expect(await run.ended).toMatchObject({ code: 3 });
    const abandoned = (await parley.store.readJournal(0)).filter(
      ({ event }) => event.type === 'effect.abandoned',
    );
    expect(abandoned, 'the backfill was cut off, not finished').toHaveLength(1);
    await expectBatch1AndThenACompletedRun();
  });

  it('does the work itself when no controller runs, and nothing the second time', async () => {
    const run = startRun();
    await journalShows(
      'the column',
      ({ event }) => event.type === 'step.completed' && event.step === 'column',
    );
    run.process.kill('SIGKILL');
    await run.ended;
    expect(await takeBack()).toMatchObject({ code: 0 });
    expect(await parley.schemaDigest()).toBe(schemaBefore);
    const entries = (await parley.store.readJournal(0)).length;
    expect(await takeBack()).toMatchObject({ code: 0 });
    expect((await parley.store.readJournal(0)).length).toBe(entries);
  });
});
