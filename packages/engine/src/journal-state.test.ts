import { describe, expect, it } from 'vitest';
import { chainEntries, genesisHash } from './chain.ts';
import type { EffectOutcome, RunEvent } from './events.ts';
import { applyEvent, emptyJournal, foldJournal } from './fold.ts';
import type { JournalState, RunState } from './state.ts';

const started: RunEvent = {
  type: 'run.started',
  plan: 'batch-2',
  planDigest: 'digest',
  speed: 1,
  week1IsoDate: '2026-01-05',
  planStartOffsetMs: 0,
};
const asked = (reason: string): RunEvent => ({ type: 'rollback.requested', reason });
const turnedRound: RunEvent = { type: 'rollback.started', reason: 'by hand', drainMs: 2_000 };
const requested = (key: string): RunEvent => ({
  type: 'effect.requested',
  key,
  step: 'a',
  direction: 'forward',
  kind: 'do',
  input: null,
});

/** The state after these events of one run, each a second after the one before; the first at 1,000 ms. */
function after(...events: readonly RunEvent[]): JournalState {
  return events.reduce(
    (state, event, index) => applyEvent(state, 'run-1', event, (index + 1) * 1_000),
    emptyJournal,
  );
}

function runAfter(...events: readonly RunEvent[]): RunState {
  const { run } = after(started, ...events);
  if (!run) throw new Error('run.started gave no run');
  return run;
}

describe('a journal', () => {
  const entries = chainEntries(
    [1, 2, 3].map((n) => ({
      runId: 'run-1',
      actor: 'ann',
      event: { type: 'phase.started', phase: `p${n}` },
    })),
    { seq: 0, hash: genesisHash },
    1_000,
  );

  it('is empty at first', () => {
    expect(emptyJournal).toEqual({
      headSeq: 0,
      run: null,
      killedFlags: [],
      overrides: {},
      flagsRevision: 0,
      flagsDigest: '',
    });
  });

  it('stands where its last entry does', () => {
    expect(foldJournal(emptyJournal, entries).headSeq).toBe(3);
  });

  it('refuses entries with one missing between them, and names both sides of the gap', () => {
    const [first, , third] = entries;
    if (!first || !third) throw new Error('three entries were chained');
    expect(() => foldJournal(emptyJournal, [first, third])).toThrow(
      'journal entry 3 does not follow 1: entries are missing or repeated',
    );
  });

  it('refuses an entry that it has already', () => {
    const [first] = entries;
    if (!first) throw new Error('three entries were chained');
    expect(() => foldJournal(emptyJournal, [first, first])).toThrow('journal entry 1 does not follow 1');
  });

  it('takes no notice of what is said about a run that is not the newest', () => {
    const second = applyEvent(after(started), 'run-2', started, 5_000);
    const late = applyEvent(second, 'run-1', { type: 'run.completed' }, 6_000);
    expect(late).toEqual(second);
    expect(late.run).toMatchObject({ runId: 'run-2', status: 'running' });
  });

  it('takes no notice of what is said about a run before the first', () => {
    expect(applyEvent(emptyJournal, 'run-1', { type: 'run.completed' }, 1)).toEqual(emptyJournal);
  });
});

describe('flags that an operator switches off', () => {
  const killed = (flag: string): RunEvent => ({ type: 'flag.killed', flag, reason: 'it hurts' });
  const enabled = (flag: string): RunEvent => ({ type: 'flag.enabled', flag, reason: 'mended' });

  it('are off once, however often that is said, and outlive the run', () => {
    const journal = after(started, killed('search'), killed('search'), killed('calls'), started);
    expect(journal.killedFlags).toEqual(['search', 'calls']);
  });

  it('are off until that very flag is enabled again', () => {
    expect(after(killed('search'), killed('calls'), enabled('search')).killedFlags).toEqual(['calls']);
    expect(after(killed('search'), enabled('calls')).killedFlags).toEqual(['search']);
  });

  it('are told to the applications by a revision and a digest', () => {
    const published: RunEvent = { type: 'flags.published', revision: 7, digest: 'abc' };
    expect(after(started, published)).toMatchObject({ flagsRevision: 7, flagsDigest: 'abc' });
  });
});

describe('a run', () => {
  it('counts the controllers that took it up, and knows when the last did', () => {
    const taken: RunEvent = { type: 'controller.started', holder: 'h', token: 1 };
    expect(runAfter(taken, taken)).toMatchObject({ controllerStarts: 2, controllerStartedAtMs: 3_000 });
  });

  it('knows when a phase began and when it ended', () => {
    const began: RunEvent = { type: 'phase.started', phase: 'one' };
    const ended: RunEvent = { type: 'phase.completed', phase: 'one' };
    expect(runAfter(began).phases).toEqual({ one: { startedAtMs: 2_000, completedAtMs: null } });
    expect(runAfter(began, ended).phases).toEqual({ one: { startedAtMs: 2_000, completedAtMs: 3_000 } });
    expect(runAfter(ended).phases).toEqual({ one: { startedAtMs: 2_000, completedAtMs: 2_000 } });
  });

  it('numbers its steps in the order in which they began', () => {
    const begins = (step: string): RunEvent => ({ type: 'step.started', step });
    const { steps } = runAfter(begins('b'), begins('a'));
    expect([steps['b']?.startedNth, steps['a']?.startedNth]).toEqual([1, 2]);
    expect(steps['a']).toMatchObject({ status: 'running', startedAtMs: 3_000 });
  });

  it('keeps why a step failed, and when', () => {
    const { steps } = runAfter(
      { type: 'step.started', step: 'a' },
      { type: 'step.waiting', step: 'a', reason: 'the gate' },
      { type: 'step.failed', step: 'a', reason: 'disk full' },
    );
    expect(steps['a']).toMatchObject({
      status: 'failed',
      finishedAtMs: 4_000,
      summary: 'disk full',
      waitingFor: null,
    });
  });
});

describe('an effect', () => {
  const begun: RunEvent = { type: 'step.started', step: 'a' };
  const succeeded: EffectOutcome = { status: 'succeeded', result: 7, activeMs: 40, attempts: 1 };
  const finished = (key: string): RunEvent => ({ type: 'effect.finished', key, outcome: succeeded });

  it('is pending from when it is asked for until its result is there', () => {
    expect(runAfter(begun, requested('k1')).steps['a']).toMatchObject({
      pendingEffect: { key: 'k1', direction: 'forward', kind: 'do', input: null },
      outcome: null,
      effectCount: 1,
    });
    expect(runAfter(begun, requested('k1'), finished('k1')).steps['a']).toMatchObject({
      pendingEffect: null,
      outcome: succeeded,
      activeWorkMs: 40,
    });
  });

  it('is counted, so that the next one’s key is new', () => {
    const { steps } = runAfter(begun, requested('k1'), finished('k1'), requested('k2'), finished('k2'));
    expect(steps['a']).toMatchObject({ effectCount: 2, activeWorkMs: 80 });
  });

  it('that is abandoned has no outcome and took no time', () => {
    const abandoned: RunEvent = { type: 'effect.abandoned', key: 'k1', reason: 'taken back' };
    expect(runAfter(begun, requested('k1'), abandoned).steps['a']).toMatchObject({
      pendingEffect: null,
      outcome: null,
      activeWorkMs: 0,
      effectCount: 1,
    });
  });

  it('that nobody asked for changes nothing', () => {
    const before = runAfter(begun, requested('k1'));
    expect(runAfter(begun, requested('k1'), finished('k2'))).toEqual(before);
    expect(runAfter(finished('k1')).steps).toEqual({});
  });
});

describe('a roll-back that is asked for', () => {
  it('has begun when it was asked for, not when the flags went off', () => {
    expect(runAfter(asked('by hand'), turnedRound).rollback).toEqual({
      requested: false,
      reason: 'by hand',
      startedAtMs: 2_000,
      drainUntilMs: 5_000,
      failure: null,
    });
    expect(runAfter(turnedRound).rollback?.startedAtMs).toBe(2_000);
  });

  it('twice, keeps the reason and the hour of the first time', () => {
    expect(runAfter(asked('errors'), asked('impatience')).rollback).toMatchObject({
      requested: true,
      reason: 'errors',
      startedAtMs: 2_000,
    });
  });

  it('again after it failed, keeps what is known about it until it goes on', () => {
    const failed: RunEvent = { type: 'rollback.failed', step: 'a', reason: 'locked' };
    expect(runAfter(turnedRound, failed, asked('again'))).toMatchObject({
      status: 'rollback_failed',
      rollback: { requested: true, reason: 'by hand', failure: 'a: locked' },
    });
  });

  it('of a run that was taken back changes nothing', () => {
    const done: RunEvent = { type: 'rollback.completed' };
    expect(runAfter(turnedRound, done, asked('twice'))).toEqual(runAfter(turnedRound, done));
  });

  it('of a completed run begins anew, with the reason given last', () => {
    expect(runAfter({ type: 'run.completed' }, asked('first'), asked('second'))).toMatchObject({
      status: 'completed',
      rollback: { requested: true, reason: 'second', startedAtMs: 4_000 },
    });
  });
});
