import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { RunEvent } from './events.ts';
import { applyEvent, emptyJournal } from './fold.ts';
import { segmentsInUse } from './segments-in-use.ts';
import type { JournalState } from './state.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';

const started: RunEvent = {
  type: 'run.started',
  plan: 'test',
  planDigest: 'digest',
  speed: 1,
  week1IsoDate: '2026-01-05',
  planStartOffsetMs: 0,
};
const open = (segment: string | null, percentage: number): RunEvent => ({
  type: 'exposure.changed',
  flag: 'feature',
  audiences: [{ segment, percentage }],
  reason: '',
});
const after = (...events: readonly RunEvent[]): JournalState =>
  events.reduce((state, event, index) => applyEvent(state, 'run-1', event, index + 1), emptyJournal);

describe('what was decided for one person', () => {
  const set = (targetingKey: string, value: 'on' | 'off', flag = 'feature'): RunEvent => ({
    type: 'override.set',
    flag,
    targetingKey,
    value,
    reason: '',
  });
  const cleared = (targetingKey: string): RunEvent => ({
    type: 'override.cleared',
    flag: 'feature',
    targetingKey,
    reason: '',
  });

  it('is the newest word, flag by flag', () => {
    const { overrides } = after(
      set('anna', 'on'),
      set('anna', 'off'),
      set('ben', 'on'),
      set('ben', 'on', 'calls'),
    );
    expect(overrides).toEqual({ feature: { anna: 'off', ben: 'on' }, calls: { ben: 'on' } });
  });

  it('is forgotten when it is cleared, and may be cleared twice', () => {
    expect(after(set('anna', 'on'), cleared('anna')).overrides).toEqual({});
    expect(after(set('anna', 'on'), set('ben', 'off'), cleared('anna'), cleared('anna')).overrides).toEqual({
      feature: { ben: 'off' },
    });
  });

  it('outlives the run, whatever becomes of it', () => {
    const journal = after(started, set('anna', 'off'), { type: 'run.completed' }, started);
    expect(journal.overrides).toEqual({ feature: { anna: 'off' } });
  });
});

describe('segments in use', () => {
  const plain = aBoundPlan({ phases: [aPhase('one', aStep('a'))] });
  const segment = { title: '', sql: '', refreshMs: 1, maxCost: 1 };
  const bound = { ...plain, plan: { ...plain.plan, segments: { power: segment, keen: segment } } };

  it('are those that a flag is open to, of those that the plan knows', () => {
    expect(segmentsInUse(bound, emptyJournal)).toEqual([]);
    expect(segmentsInUse(bound, after(started))).toEqual([]);
    expect(segmentsInUse(bound, after(started, open('power', 5)))).toEqual(['power']);
    expect(segmentsInUse(bound, after(started, open('power', 0)))).toEqual([]);
    expect(segmentsInUse(bound, after(started, open(null, 50)))).toEqual([]);
    expect(segmentsInUse(bound, after(started, open('of another plan', 5)))).toEqual([]);
  });

  it.each<[string, RunEvent]>([
    ['paused', { type: 'run.paused', reason: '' }],
    ['completed', { type: 'run.completed' }],
    ['to be taken back', { type: 'rollback.requested', reason: '' }],
    ['being taken back', { type: 'rollback.started', reason: '', drainMs: 1 }],
  ])('are none while the run is %s', (_what, event) => {
    expect(segmentsInUse(bound, after(started, open('power', 5), event))).toEqual([]);
  });

  const looked = (journal: JournalState, ...segmentLooks: readonly Parameters<typeof look>[1][]) =>
    decide(bound, journal, { verdicts: {}, effectResults: [], segmentLooks }, 1_000).transitions.filter(
      ({ type }) => type.startsWith('segment.'),
    );
  const look = (
    journal: JournalState,
    seen: { segment: string } & ({ size: number } | { problem: string }),
  ) => looked(journal, seen);
  const grown: RunEvent = { type: 'segment.grown', segment: 'power', size: 12 };
  const trouble: RunEvent = { type: 'segment.trouble', segment: 'power', problem: 'too costly' };

  it('are journalled when they have grown, once', () => {
    expect(look(after(started), { segment: 'power', size: 12 })).toEqual([grown]);
    expect(look(after(started, grown), { segment: 'power', size: 12 })).toEqual([]);
    expect(look(after(started, grown), { segment: 'power', size: 13 })).toEqual([{ ...grown, size: 13 }]);
  });

  it('are journalled when they cannot be looked at, once, and when they can again', () => {
    expect(look(after(started, grown), { segment: 'power', problem: 'too costly' })).toEqual([trouble]);
    expect(look(after(started, grown, trouble), { segment: 'power', problem: 'too costly' })).toEqual([]);
    expect(look(after(started, grown, trouble), { segment: 'power', size: 12 })).toEqual([
      { ...trouble, problem: null },
    ]);
  });

  it('change nothing of a run that has ended', () => {
    const ended = after(started, { type: 'run.completed' });
    expect(look(ended, { segment: 'power', size: 12 })).toEqual([]);
  });
});
