import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { verifyChain, type JournalEntry } from '@crossfade/engine';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientLog } from './report/client-log.ts';
import { startCrossfade, type CrossfadeEnd } from './testing/crossfade-process.ts';
import { LiveParley } from './testing/live-parley.ts';
import { seededNumbers } from './testing/seeded-numbers.ts';
import { until } from './testing/until.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-kill-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
const plan = join(import.meta.dirname, 'testing', 'ten-second-plan');
const seeds = [11, 12];
const killsPerRun = 4;

/** What a run leaves behind, and what must be the same whatever happened to its controller. */
interface Outcome {
  readonly schema: string;
  readonly frozenRows: string;
  readonly entries: readonly JournalEntry[];
  readonly clients: ClientLog;
  readonly kills: number;
}

/** Runs the ten-second plan on a fresh Parley; the controller is killed whenever the journal reaches one of these numbers. */
async function runPlan(killAtSeq: readonly number[]): Promise<Outcome> {
  const parley = await LiveParley.start({ messages: 2_000 });
  try {
    let kills = 0;
    for (let end: CrossfadeEnd | undefined; end?.code !== 0;) {
      const where = ['--app', parley.url, '--database', parley.databaseUrl];
      const how = ['--speed', '60000', '--lease-ms', '1000', '--json', '--no-report'];
      const run = startCrossfade('run', plan, ...how, ...where);
      const seq = killAtSeq[kills];
      if (seq !== undefined) {
        await until(`journal entry ${seq}`, async () =>
          (await parley.store.readJournal(seq - 1)).length > 0 ? true : undefined,
        );
        run.process.kill('SIGKILL');
        kills += 1;
      }
      end = await run.ended;
      if (seq === undefined && end.code !== 0)
        throw new Error(`the run ended with ${end.code}: ${end.stdout}${end.stderr}`);
    }
    return {
      kills,
      clients: await parley.peopleLeave(),
      entries: await parley.store.readJournal(0),
      schema: await parley.schemaDigest(),
      frozenRows: await parley.frozenRows('body, body_search::text'),
    };
  } finally {
    await parley.stop();
  }
}

describe('a controller that is killed with SIGKILL in the middle of a ten-second plan', () => {
  let undisturbed: Outcome;
  beforeAll(async () => {
    undisturbed = await runPlan([]);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(seeds)('leaves what an undisturbed run leaves (seed %i)', { timeout: 180_000 }, async (seed) => {
    const points = seededNumbers(seed, killsPerRun, 3, undisturbed.entries.length - 2);
    const killed = await runPlan(points);
    expect(killed.kills, `killed at entries ${points.join(', ')}`).toBe(killsPerRun);
    expect(killed.schema).toBe(undisturbed.schema);
    expect(killed.frozenRows).toBe(undisturbed.frozenRows);
    expectEverythingOnce(killed);
  });

  it('is compared with a run in which nothing was lost either', () => {
    expect(undisturbed.frozenRows.startsWith('2000:')).toBe(true);
    expectEverythingOnce(undisturbed);
  });
});

function expectEverythingOnce({ clients, entries }: Outcome): void {
  expect(clients.requests.filter((request) => !request.ok)).toEqual([]);
  expect(clients.verified).toMatchObject({ missing: 0, changed: 0, duplicated: 0, outOfOrder: 0 });
  expect(clients.verified?.acknowledged).toBeGreaterThan(0);
  expect(verifyChain(entries)).toMatchObject({ ok: true });
  const finished = entries.flatMap(({ event }) => (event.type === 'effect.finished' ? [event.key] : []));
  expect(new Set(finished).size).toBe(finished.length);
  const completed = entries.flatMap(({ event }) => (event.type === 'step.completed' ? [event.step] : []));
  expect(completed.toSorted()).toEqual(['column', 'fill', 'index', 'rollout', 'tell', 'verify-data', 'warm']);
}
