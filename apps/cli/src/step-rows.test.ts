import { join } from 'node:path';
import { createMemoryStore } from '@crossfade/store';
import { describe, expect, it } from 'vitest';
import { checkPlan } from './catalogs.ts';
import { loadJournal } from './control.ts';
import { readPlanFolder } from './plan-folder.ts';
import { startRun } from './start-run.ts';
import { stepRows, type StepsView } from './step-rows.ts';

/** As it begins. */
async function aRunOf(folder: string): Promise<StepsView> {
  const { bound } = checkPlan(readPlanFolder(join(import.meta.dirname, folder)).files);
  if (!bound) throw new Error(`${folder} is not valid`);
  const store = createMemoryStore({ now: () => Date.parse('2026-11-25T10:00:00Z') });
  await startRun(store, bound, 20_000);
  const { journal } = await loadJournal(store);
  if (!journal.run) throw new Error('no run was started');
  return { bound, journal, run: journal.run, nowMs: await store.now() };
}

describe('the steps of a run', () => {
  it('are a row for each phase to come in a long plan, and all of the phase that is at work', async () => {
    const { rows, shortened } = stepRows(await aRunOf('../../../plans/batch-2'), false);
    expect(shortened).toBe(true);
    expect(rows[0]).toEqual([
      '○ pending',
      'foundation',
      'ground-is-ready',
      expect.stringMatching(/^(begins at week 1|is about to begin)/),
    ]);
    expect(rows.filter(([, phase]) => phase === 'foundation')).toHaveLength(9);
    expect(rows.slice(9).map((row) => row.join(' '))).toEqual([
      '○ pending performance 3 steps ',
      '○ pending features 8 steps ',
      '○ pending security 5 steps ',
      '○ pending validation 6 steps ',
    ]);
  });

  it('are all there when they are asked for, or few', async () => {
    const long = await aRunOf('../../../plans/batch-2');
    expect(stepRows(long, true)).toMatchObject({ rows: { length: 31 }, shortened: false });
    const short = await aRunOf('testing/ten-second-plan');
    expect(stepRows(short, false)).toMatchObject({ rows: { length: 7 }, shortened: false });
  });
});
