import {
  emptyJournal,
  foldJournal,
  type JournalEntry,
  type JsonObject,
  type RunEvent,
} from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { starterPlan } from '../starter-plan.ts';
import { emptyClientLog } from './client-log.ts';
import { dataFigures } from './data-figures.ts';
import type { Report } from './report-schema.ts';

const { bound } = checkPlan(starterPlan);
const spotless = {
  rows: 100,
  migrated: 90,
  skipped: 6,
  quarantined: 3,
  vanished: 1,
  remaining: 3,
  tookMs: 10,
  rowsPerSecond: 10_000,
};
const verified = {
  kind: 'verified' as const,
  acknowledged: 5,
  found: 5,
  missing: 0,
  changed: 0,
  duplicated: 0,
  outOfOrder: 0,
};

/** The data section of a run whose backfill journalled these facts. */
function figuresOf(facts: JsonObject, clients = verified, ...later: readonly RunEvent[]): Report['data'] {
  if (!bound) throw new Error('the starter plan is not valid any more');
  const start = { speed: 1, week1IsoDate: '2026-01-05', planStartOffsetMs: 0 };
  const events: readonly RunEvent[] = [
    { type: 'run.started', plan: bound.plan.name, planDigest: bound.digest, ...start },
    { type: 'step.started', step: 'fill' },
    { type: 'step.completed', step: 'fill', summary: 'filled', facts },
    ...later,
  ];
  const entries = events.map((event, index): JournalEntry => {
    return { seq: index + 1, runId: 'run-1', actor: 'test', event, atMs: index, previous: '', hash: '' };
  });
  const { run } = foldJournal(emptyJournal, entries);
  if (!run) throw new Error('the journal begins with a run');
  return dataFigures(run, bound, { ...emptyClientLog, verified: clients });
}

describe('rows lost', () => {
  it('are none when every row is accounted for and every message was found', () => {
    expect(figuresOf(spotless)).toMatchObject({ rows: 100, migrated: 90, quarantined: 3, lost: 0, found: 5 });
  });

  it('are what the counts of a backfill do not add up to', () => {
    expect(figuresOf({ ...spotless, migrated: 88 }).lost).toBe(2);
    expect(figuresOf({ ...spotless, migrated: 91 }).lost).toBe(1);
  });

  it('are what the recount found beyond the rows set aside', () => {
    expect(figuresOf({ ...spotless, remaining: 7 }).lost).toBe(4);
  });

  it('are acknowledged messages that were missing or changed', () => {
    expect(figuresOf(spotless, { ...verified, missing: 2, changed: 1 }).lost).toBe(3);
  });

  it('are counted for a run that was taken back afterwards, too', () => {
    const undone: RunEvent = { type: 'step.undone', step: 'fill', summary: 'keeps what was filled' };
    expect(figuresOf({ ...spotless, migrated: 88 }, verified, undone)).toMatchObject({ rows: 100, lost: 2 });
  });

  it('cannot be said of a backfill that did not journal its counts', () => {
    expect(() => figuresOf({ rows: 100 })).toThrow('did not journal the figure "migrated"');
  });
});
