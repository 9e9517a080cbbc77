import { emptyJournal, foldJournal, type JournalEntry, type RunEvent } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { smallPlanYaml } from '../testing/small-plan.ts';
import { emptyClientLog } from './client-log.ts';
import { flagFigures } from './flag-figures.ts';

const { bound } = checkPlan({
  'plan.yaml': smallPlanYaml,
  'sql/001.sql': 'CREATE TABLE t (id integer);\n-- crossfade:undo\nDROP TABLE IF EXISTS t;\n',
});
if (!bound) throw new Error('the small plan is not valid any more');
const plan = bound;

const half = [{ segment: null, percentage: 50 }];
const everybody = [{ segment: null, percentage: 100 }];
const started: RunEvent = {
  type: 'run.started',
  plan: 'small',
  planDigest: plan.digest,
  speed: 1,
  week1IsoDate: '2026-01-05',
  planStartOffsetMs: 0,
};
const opened = (audiences: typeof half): RunEvent => ({
  type: 'exposure.changed',
  flag: 'new_thing',
  audiences,
  reason: 'a stage',
});

function figuresOf(runs: Readonly<Record<string, readonly RunEvent[]>>, newest: string) {
  const events = Object.entries(runs).flatMap(([runId, own]) => own.map((event) => ({ runId, event })));
  const entries: JournalEntry[] = events.map(({ runId, event }, index) => ({
    seq: index + 1,
    runId,
    actor: 'test',
    event,
    atMs: index * 1_000,
    previous: '',
    hash: '',
  }));
  const ofRun = entries.filter((entry) => entry.runId === newest);
  return flagFigures(plan, foldJournal(emptyJournal, entries), ofRun, emptyClientLog)['new_thing'];
}

describe('the flags of a report', () => {
  it('are off from the moment a roll-back is asked for', () => {
    const asked: RunEvent = { type: 'rollback.requested', reason: 'enough' };
    const figures = figuresOf({ one: [started, opened(half), asked] }, 'one');
    expect(figures?.audiences).toEqual([]);
    expect(figures?.history.map(({ audiences, reason }) => [audiences, reason])).toEqual([
      [half, 'a stage'],
      [[], 'enough'],
    ]);
  });

  it('go back to what an earlier plan had opened, and not further', () => {
    const asked: RunEvent = { type: 'rollback.requested', reason: 'enough' };
    const figures = figuresOf(
      {
        one: [started, opened(half), { type: 'run.completed' }],
        two: [started, opened(everybody), asked],
      },
      'two',
    );
    expect(figures?.audiences).toEqual(half);
    expect(figures?.history.at(-1)).toMatchObject({ audiences: half, reason: 'enough' });
  });

  it('have no history of a roll-back that did not touch them', () => {
    const asked: RunEvent = { type: 'rollback.requested', reason: 'enough' };
    expect(figuresOf({ one: [started, asked] }, 'one')?.history).toEqual([]);
  });
});
