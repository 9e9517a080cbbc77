import { rmSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { appendOperatorCommand } from '@crossfade/controller';
import type { RunEvent } from '@crossfade/engine';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { createPostgresStore } from '@crossfade/store';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPlan } from './catalogs.ts';
import { doctorCommand } from './commands/doctor.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { statusCommand } from './commands/status.ts';
import { readPlanFolder } from './plan-folder.ts';
import { startRun } from './start-run.ts';
import { captured, type Said } from './testing/captured-output.ts';
import { writeSmallPlan } from './testing/small-plan.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-to-be-${process.pid}`;
  process.env['CROSSFADE_ACTOR'] = 'ana';
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});
const planFolder = writeSmallPlan();
const { bound } = checkPlan(readPlanFolder(planFolder).files);
if (!bound) throw new Error('the small plan is not valid');
const plan = bound;
afterAll(() => {
  for (const path of [planFolder, folder]) rmSync(path, { recursive: true, force: true });
});

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
});

/** A run that nobody leads, to which this has happened. */
async function aRunWith(...events: readonly RunEvent[]): Promise<void> {
  const store = await createPostgresStore({ connectionString: database.url });
  await startRun(store, plan, 1_000_000);
  await appendOperatorCommand({ store, plan: plan.plan }, ({ run }) =>
    events.map((event) => ({ runId: run?.runId ?? '', actor: 'ana', event })),
  );
  await store.close();
}

async function status(): Promise<Said> {
  const said = await captured((output) => statusCommand.execute(output, { database: database.url }));
  return { ...said, text: stripVTControlCharacters(said.text) };
}

/** Of its last part only: this machine is another one each time. */
async function doctor(): Promise<Said> {
  const said = await captured((output) => doctorCommand.execute(output, { database: database.url }));
  return { ...said, text: said.text.slice(said.text.indexOf('The run')) };
}

const asked: RunEvent = { type: 'rollback.requested', reason: 'the night' };
const stopped: readonly RunEvent[] = [
  { type: 'rollback.started', reason: 'the night', drainMs: 0 },
  { type: 'rollback.failed', step: 'table', reason: 'no room' },
];

const states: readonly (readonly [string, readonly RunEvent[], string])[] = [
  ['has only begun', [asked], 'Small was asked to be taken back.'],
  ['is completed', [{ type: 'run.completed' }, asked], 'Small is completed, and was asked to be taken back.'],
  [
    'stopped on its way back',
    [asked, ...stopped, asked],
    'Small could not be taken back whole, and was asked to be once more.',
  ],
];

describe.each(states)(
  'a run that %s and is asked to be taken back, which nobody does',
  (_state, events, told) => {
    beforeEach(async () => await aRunWith(...events));

    it('is a problem to crossfade doctor, with what to do', async () => {
      const { code, text } = await doctor();
      expect(code).toBe(1);
      expect(text).toMatch(/the run of small \(\S+\) was asked to be taken back: the night/);
      expect(text).toContain(
        'nobody leads it\n  → Nobody is taking this run back now. Go on: crossfade rollback',
      );
    });

    it('is said to be asked for by crossfade status, and by whom', async () => {
      const { text } = await status();
      expect(text.split('\n')[0]).toBe(told);
      expect(text).toContain('Asked to be taken back by ana because: the night\n');
      expect(text).toContain('Nobody is taking this run back now. Go on: crossfade rollback');
    });
  },
);

describe('a run on its way back', () => {
  it('needs somebody to lead it, and is said to be on it', async () => {
    await aRunWith(asked, ...stopped.slice(0, 1));
    const { text } = await status();
    expect(text).toMatch(/^Small is being taken back\.\n/);
    expect(text).toContain('Asked to be taken back by ana because: the night\n');
    expect(await doctor()).toMatchObject({
      code: 1,
      text: expect.stringMatching(/is being taken back: the night\n.*nobody leads it/),
    });
  });

  it('that began by itself was asked for by nobody', async () => {
    await aRunWith(...stopped);
    expect((await status()).text).toMatch(
      /\nBeing taken back because: the night\nStopped at table: no room\n/,
    );
  });

  it('is no problem once it is back', async () => {
    await aRunWith(asked);
    const taken = await captured((output) =>
      rollbackCommand.execute(output, { database: database.url, reason: 'now' }),
    );
    expect(taken.code).toBe(0);
    expect((await status()).text).toContain('Taken back by ana because: the night\n');
    expect((await doctor()).text).toMatch(/the run of small \(\S+\) is rolled back/);
    expect((await doctor()).text).not.toContain('nobody leads it');
  });
});
