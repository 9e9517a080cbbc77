import { describe, expect, it } from 'vitest';
import type { Audience, RunEvent } from './events.ts';
import { applyEvent, emptyJournal } from './fold.ts';
import { settingsInForce } from './settings-in-force.ts';
import type { FlagSettings, JournalState } from './state.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import { stepView } from './step-view.ts';

const everybody: readonly Audience[] = [{ segment: null, percentage: 100 }];
const half: readonly Audience[] = [{ segment: null, percentage: 50 }];

const started = (plan: string): RunEvent => ({
  type: 'run.started',
  plan,
  planDigest: `digest of ${plan}`,
  speed: 1,
  week1IsoDate: '2026-01-05',
  planStartOffsetMs: 0,
});
const opened = (flag: string, audiences: readonly Audience[]): RunEvent => ({
  type: 'exposure.changed',
  flag,
  audiences,
  reason: '',
});
const set = (parameter: string, value: number): RunEvent => ({
  type: 'parameter.changed',
  parameter,
  value,
  reason: '',
});
const completed: RunEvent = { type: 'run.completed' };
const asked: RunEvent = { type: 'rollback.requested', reason: 'enough' };
const turnedRound: RunEvent = { type: 'rollback.started', reason: 'enough', drainMs: 0 };
const takenBack: RunEvent = { type: 'rollback.completed' };

/** One run after another, each with what happened in it. */
function after(...runs: readonly (readonly RunEvent[])[]): JournalState {
  return runs.reduce(
    (journal, events, index) =>
      events.reduce((state, event) => applyEvent(state, `run-${index + 1}`, event, 1_000), journal),
    emptyJournal,
  );
}

function inForce(journal: JournalState): FlagSettings | null {
  return journal.run && settingsInForce(journal.run);
}

const first = [started('first'), opened('search', half), set('share', 90), completed];

describe('what a completed run has left', () => {
  it('is in force under the next plan, with the seed that decides who the half are', () => {
    expect(inForce(after(first, [started('second')]))).toEqual({
      exposures: { search: { seed: 'first', audiences: half } },
      parameters: { share: 90 },
    });
  });

  it('is joined by what the next plan opens under its own seed', () => {
    const journal = after(first, [started('second'), opened('calls', half), set('depth', 3)]);
    expect(inForce(journal)).toEqual({
      exposures: { search: { seed: 'first', audiences: half }, calls: { seed: 'second', audiences: half } },
      parameters: { share: 90, depth: 3 },
    });
  });

  it('keeps its seed when the next plan opens the same flag further: nobody falls out', () => {
    const journal = after(first, [started('second'), opened('search', everybody)]);
    expect(inForce(journal)?.exposures).toEqual({ search: { seed: 'first', audiences: everybody } });
  });

  it.each([
    ['asked to be taken back', [asked]],
    ['being taken back', [turnedRound]],
    ['taken back', [turnedRound, takenBack]],
    ['taken back, with its steps still tidying', [turnedRound, opened('search', []), set('share', 0)]],
  ])('is in force again when the next run is %s', (_how, events) => {
    const second = [started('second'), opened('search', everybody), set('share', 10), opened('calls', half)];
    expect(inForce(after(first, [...second, ...events]))).toEqual(inForce(after(first)));
  });

  it('outlives a run between that was taken back', () => {
    const between = [started('second'), opened('calls', half), turnedRound, takenBack];
    const journal = after(first, between, [started('third')]);
    expect(inForce(journal)).toEqual(inForce(after(first)));
  });

  it('adds up over completed runs', () => {
    const second = [started('second'), opened('calls', everybody), completed];
    expect(Object.keys(inForce(after(first, second, [started('third')]))?.exposures ?? {})).toEqual([
      'search',
      'calls',
    ]);
  });

  it('is nothing where an operator has asked for that run to be taken back', () => {
    expect(inForce(after([...first, asked], [started('second')]))).toEqual({ exposures: {}, parameters: {} });
  });

  it('does not hold the seed of a flag that was closed', () => {
    const journal = after(
      [started('first'), opened('search', []), completed],
      [started('second'), opened('search', half)],
    );
    expect(inForce(journal)?.exposures).toEqual({ search: { seed: 'second', audiences: half } });
  });
});

describe('what a step sees', () => {
  const share = { title: 'Share', description: '', default: 20, minimum: 0, maximum: 100 };
  const bound = aBoundPlan({ phases: [aPhase('one', aStep('a'))] });
  const withShare = { ...bound, plan: { ...bound.plan, parameters: { share, depth: share } } };

  function viewOf(journal: JournalState) {
    const owner = bound.steps.get('a');
    if (!owner || !journal.run) throw new Error('the fixture has no step a, or the journal no run');
    const { exposures, parameters } = stepView(withShare, journal, journal.run, owner, {}, 2_000);
    return { exposures, parameters };
  }

  it('going forward, is what people have, so that it can only add to it', () => {
    expect(viewOf(after(first, [started('second'), set('depth', 3)]))).toEqual({
      exposures: { search: half },
      parameters: { share: 90, depth: 3 },
    });
  });

  it('is a parameter’s default where nobody has set it', () => {
    expect(viewOf(after([started('first')])).parameters).toEqual({ share: 20, depth: 20 });
  });

  it('being undone, is only what this run has opened', () => {
    const second = [started('second'), opened('search', everybody), turnedRound];
    expect(viewOf(after(first, second))).toEqual({ exposures: {}, parameters: { share: 90, depth: 20 } });
  });
});
