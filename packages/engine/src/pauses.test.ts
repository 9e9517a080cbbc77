import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { currentPause, pausedMsSince, resumedAtMs } from './pauses.ts';
import type { RunState } from './state.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import { failed, Simulation, succeeded } from './testing/simulate.ts';
import { watchesOf } from './watches.ts';

const hourMs = 3_600_000;

function runOf(simulation: Simulation): RunState {
  if (!simulation.journal.run) throw new Error('the simulation has no run');
  return simulation.journal.run;
}

/** A run of these steps, as far as it comes before they wait for something. */
function started(...steps: readonly ReturnType<typeof aStep>[]): Simulation {
  const simulation = new Simulation(
    aBoundPlan({ phases: [aPhase('one', ...steps), aPhase('two', aStep('z'))] }),
  );
  simulation.judge = () => undefined;
  for (let before = -1; before !== simulation.entries.length;) {
    before = simulation.entries.length;
    simulation.tick();
  }
  return simulation;
}

describe('a paused run', () => {
  it('begins nothing and promotes nothing, whatever hour it is', () => {
    const simulation = started(aStep('a', { config: { flag: 'feature', bakeMs: hourMs } }));
    simulation.append({ type: 'run.paused', reason: 'looks odd' });
    const entries = simulation.entries.length;
    simulation.nowMs += 1_000 * hourMs;
    expect(simulation.tick()).toBe(Number.POSITIVE_INFINITY);
    expect(simulation.entries).toHaveLength(entries);
    expect(runOf(simulation).exposures['feature'], 'flags stay as they are').toHaveLength(1);
  });

  it('takes in what was at work, and moves on from it only when it is resumed', () => {
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a'))] }));
    simulation.perform = () => undefined;
    simulation.tick();
    simulation.append({ type: 'run.paused', reason: 'looks odd' });
    simulation.perform = () => succeeded();
    simulation.run();
    expect(simulation.eventsOf('effect.finished')).toHaveLength(1);
    expect(runOf(simulation).steps['a']?.status).toBe('running');
    simulation.append({ type: 'run.resumed', reason: 'it was nothing' });
    expect(simulation.run().run?.status).toBe('completed');
  });

  it('is not turned round by work that fails meanwhile: nobody is worse off until it is resumed', () => {
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a'))] }));
    simulation.perform = () => undefined;
    simulation.tick();
    simulation.append({ type: 'run.paused', reason: 'looks odd' });
    simulation.perform = () => failed('disk full');
    simulation.run();
    expect(runOf(simulation).status).toBe('running');
    simulation.append({ type: 'run.resumed', reason: 'go' });
    simulation.perform = () => succeeded();
    expect(simulation.run().run?.rollback?.reason).toBe('step a failed: disk full');
  });

  it('is still guarded: a guardrail takes it back, and the way back is not paused', () => {
    const phases = [aPhase('one', aStep('a', { config: { flag: 'feature', bakeMs: hourMs } }))];
    const simulation = new Simulation(aBoundPlan({ phases, guardrails: ['healthy'] }));
    simulation.run(() => simulation.journal.run?.steps['a']?.data === 'open');
    simulation.append({ type: 'run.paused', reason: 'looks odd' });
    simulation.tick();
    expect(runOf(simulation).status).toBe('running');
    simulation.judge = () => 'fail';
    expect(simulation.run().run?.status).toBe('rolled_back');
    expect(currentPause(runOf(simulation))).toBeNull();
  });

  it('is taken back when an operator asks, and cannot be paused on its way', () => {
    const simulation = started(aStep('a', { config: { bakeMs: hourMs } }));
    simulation.append({ type: 'run.paused', reason: 'looks odd' });
    simulation.append({ type: 'rollback.requested', reason: 'it is odd' });
    simulation.append({ type: 'run.paused', reason: 'too late' });
    expect(currentPause(runOf(simulation))).toBeNull();
    expect(simulation.run().run?.status).toBe('rolled_back');
  });

  it('stays paused for whoever leads next', () => {
    const simulation = started(aStep('a', { config: { bakeMs: hourMs } }));
    simulation.append({ type: 'run.paused', reason: 'looks odd' });
    simulation.append({ type: 'controller.started', holder: 'next', token: 2 });
    simulation.nowMs += 2 * hourMs;
    simulation.run();
    expect(runOf(simulation).steps['a']?.status).toBe('running');
  });

  it('is paused once, however often that is said, and resumed once', () => {
    const simulation = started(aStep('a', { config: { bakeMs: hourMs } }));
    simulation.append({ type: 'run.paused', reason: 'first' }, { type: 'run.paused', reason: 'second' });
    expect(runOf(simulation).pauses).toEqual([{ fromMs: simulation.nowMs, toMs: null, reason: 'first' }]);
    simulation.append({ type: 'run.resumed', reason: '' }, { type: 'run.resumed', reason: '' });
    expect(runOf(simulation).pauses).toHaveLength(1);
    expect(resumedAtMs(runOf(simulation))).toBe(simulation.nowMs);
  });
});

describe('time in a pause', () => {
  it('is not time in which a stage was watched', () => {
    const simulation = started(aStep('a', { config: { bakeMs: hourMs } }));
    const startedAtMs = simulation.nowMs;
    simulation.nowMs += hourMs / 2;
    simulation.append({ type: 'run.paused', reason: 'lunch' });
    simulation.nowMs += 10 * hourMs;
    simulation.append({ type: 'run.resumed', reason: 'back' });
    simulation.run();
    const finishedAtMs = runOf(simulation).steps['a']?.finishedAtMs;
    expect(finishedAtMs).toBe(startedAtMs + 11 * hourMs);
  });

  it('goes on in the calendar: a date that has passed is not waited for', () => {
    const tuesday = { kind: 'weekday', week: 2, weekday: 1, minuteOfDay: 0 } as const;
    const simulation = started(aStep('a', { at: tuesday }));
    simulation.append({ type: 'run.paused', reason: 'lunch' });
    simulation.nowMs += 14 * 24 * hourMs;
    simulation.append({ type: 'run.resumed', reason: 'back' });
    const resumedMs = simulation.nowMs;
    simulation.tick();
    expect(runOf(simulation).steps['a']?.startedAtMs).toBe(resumedMs);
  });

  it('makes what gates have seen old: only what is measured from the resume on counts', () => {
    const simulation = started(
      aStep('a', { config: { gate: 'healthy' } }),
      aStep('b', { config: { bakeMs: hourMs } }),
    );
    simulation.append({ type: 'run.paused', reason: 'lunch' });
    simulation.nowMs += hourMs;
    simulation.append({ type: 'run.resumed', reason: 'back' });
    const resumedMs = simulation.nowMs;
    simulation.nowMs += 1_000;
    const completedWith = (fromMs: number) => {
      const verdict = {
        status: 'pass',
        evidence: '',
        value: 0,
        limit: 1,
        samples: 9,
        fromMs,
        toMs: resumedMs,
      } as const;
      const observations = { verdicts: { 'healthy@a': verdict }, effectResults: [] };
      const { transitions } = decide(simulation.bound, simulation.journal, observations, simulation.nowMs);
      return transitions.filter(({ type }) => type === 'step.completed');
    };
    expect(completedWith(resumedMs - 1)).toEqual([]);
    expect(completedWith(resumedMs)).toMatchObject([{ step: 'a' }]);
    const [watch] = watchesOf(simulation.bound, simulation.journal, simulation.nowMs);
    expect(watch?.fromMs, 'and is what is measured').toBe(resumedMs);
  });

  it('is counted by what of it lies after a moment', () => {
    const pauses = [
      { fromMs: 100, toMs: 200, reason: '' },
      { fromMs: 300, toMs: null, reason: '' },
    ];
    const run = { ...runOf(started(aStep('a'))), pauses };
    expect(pausedMsSince(run, 0, 350)).toBe(150);
    expect(pausedMsSince(run, 150, 350)).toBe(100);
    expect(pausedMsSince(run, 250, 350)).toBe(50);
    expect(pausedMsSince(run, 320, 350)).toBe(30);
  });
});
