import { describe, expect, it } from 'vitest';
import type { Verdict } from './events.ts';
import { emptyJournal } from './fold.ts';
import { planClock } from './plan-clock.ts';
import { stepView } from './step-view.ts';
import type { StepType, Watch } from './step-type.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import { Simulation } from './testing/simulate.ts';
import { guardrail, watchesOf } from './watches.ts';

const alpha = { title: 'Alpha', segment: null, percentage: 5, holdBack: 0, at: null };

function simulate(watches: readonly Watch[] = [], guardrails: readonly string[] = []): Simulation {
  const bound = aBoundPlan({ phases: [aPhase('one', aStep('a')), aPhase('two', aStep('b'))], guardrails });
  const owner = bound.steps.get('a');
  if (!owner) throw new Error('the fixture has no step a');
  const type: StepType<unknown> = { ...owner.type, watches: () => watches };
  const steps = new Map([...bound.steps, ['a', { ...owner, type }] as const]);
  const plan = { ...bound.plan, groups: { alpha } };
  const simulation = new Simulation({ ...bound, plan, steps }, { speed: 60 });
  simulation.perform = () => undefined;
  simulation.tick();
  return simulation;
}

function viewIn({ bound, journal, nowMs }: Simulation, verdicts: Record<string, Verdict> = {}) {
  const owner = bound.steps.get('a');
  if (!owner || !journal.run) throw new Error('the simulation has no step a, or no run');
  return stepView(bound, journal, journal.run, owner, verdicts, nowMs);
}

function verdictFrom(fromMs: number, toMs: number): Verdict {
  return { status: 'pass', evidence: 'well', value: 1, limit: 2, samples: 3, fromMs, toMs };
}

describe('what a step sees', () => {
  it('is when it began, in real time, and how late it is in the plan', () => {
    const simulation = simulate();
    const startedAtMs = simulation.nowMs;
    simulation.nowMs += 60_000;
    expect(viewIn(simulation)).toMatchObject({
      stepId: 'a',
      startedAtMs,
      nowMs: startedAtMs + 60_000,
      planNowMs: 3_600_000,
      speed: 60,
    });
  });

  it('is the present for its beginning when it has not begun', () => {
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a'))] }));
    expect(viewIn(simulation).startedAtMs).toBe(simulation.nowMs);
  });

  it('is where a moment of the calendar lies in plan time', () => {
    const view = viewIn(simulate());
    const hourMs = 3_600_000;
    expect(view.planTimeMs({ kind: 'weekday', week: 1, weekday: 1, minuteOfDay: 60 })).toBe(25 * hourMs);
    expect(view.planTimeMs({ kind: 'date', isoDate: '2026-01-06', minuteOfDay: null })).toBe(33 * hourMs);
  });

  it('is a group of the plan, and a clear word about one that is not there', () => {
    expect(viewIn(simulate()).group('alpha')).toEqual(alpha);
    expect(() => viewIn(simulate()).group('beta')).toThrow(
      'step a names the group beta, which the plan does not have',
    );
  });

  it('is a verdict only of a gate that it watches, over a window that began no earlier than the watch', () => {
    const simulation = simulate([{ gate: 'healthy', sinceMs: 5_000 }]);
    const verdict = (gate: string, fromMs: number) =>
      viewIn(simulation, { [`${gate}@a`]: verdictFrom(fromMs, 9_000) }).verdict(gate);
    expect(verdict('healthy', 5_000)).toMatchObject({ status: 'pass' });
    expect(verdict('healthy', 4_999)).toBeUndefined();
    expect(verdict('safe', 5_000)).toBeUndefined();
    expect(viewIn(simulation, {}).verdict('healthy')).toBeUndefined();
  });

  it('is no verdict that was measured for another', () => {
    const simulation = simulate([{ gate: 'healthy', sinceMs: 0 }]);
    expect(viewIn(simulation, { 'healthy@b': verdictFrom(1, 2) }).verdict('healthy')).toBeUndefined();
    expect(viewIn(simulation, { 'healthy@guardrail': verdictFrom(1, 2) }).verdict('healthy')).toBeUndefined();
  });

  it('is, of two gates, the freshness of each by its own watch', () => {
    const simulation = simulate([
      { gate: 'safe', sinceMs: 8_000 },
      { gate: 'healthy', sinceMs: 2_000 },
    ]);
    const view = viewIn(simulation, {
      'healthy@a': verdictFrom(3_000, 9_000),
      'safe@a': verdictFrom(3_000, 9_000),
    });
    expect(view.verdict('healthy')).toBeDefined();
    expect(view.verdict('safe')).toBeUndefined();
  });
});

describe('what must be measured', () => {
  it('is nothing before the first run, and nothing while one is taken back', () => {
    const simulation = simulate([{ gate: 'healthy', sinceMs: 0 }], ['safe']);
    expect(watchesOf(simulation.bound, emptyJournal, simulation.nowMs)).toEqual([]);
    expect(watchesOf(simulation.bound, simulation.journal, simulation.nowMs)).toHaveLength(2);
    simulation.append({ type: 'rollback.started', reason: 'by hand', drainMs: 0 });
    expect(watchesOf(simulation.bound, simulation.journal, simulation.nowMs)).toEqual([]);
  });

  it('is what a step watches, while it is under way', () => {
    const { bound, journal, nowMs } = simulate([{ gate: 'healthy', sinceMs: 0 }]);
    expect(watchesOf(bound, journal, nowMs).map(({ gate, watcher }) => [gate, watcher])).toEqual([
      ['healthy', 'a'],
    ]);
    const run = journal.run;
    const step = run?.steps['a'];
    if (!run || !step) throw new Error('step a has not begun');
    const steps = { a: { ...step, status: 'completed' as const } };
    expect(watchesOf(bound, { ...journal, run: { ...run, steps } }, nowMs)).toEqual([]);
  });

  it('is, for a guardrail, a window within the run that ends now', () => {
    const { bound, journal, nowMs } = simulate([], ['healthy']);
    expect(guardrail).toBe('guardrail');
    const at = (laterMs: number) => watchesOf(bound, journal, nowMs + laterMs);
    expect(at(4_000)).toEqual([
      { watcher: 'guardrail', gate: 'healthy', fromMs: nowMs, toMs: nowMs + 4_000 },
    ]);
    expect(at(60_000)).toEqual([
      { watcher: 'guardrail', gate: 'healthy', fromMs: nowMs + 50_000, toMs: nowMs + 60_000 },
    ]);
  });

  it('is, for a step, a window that begins no earlier than its watch', () => {
    const simulation = simulate([{ gate: 'healthy', sinceMs: 995_000 }]);
    const { bound, journal } = simulation;
    expect(watchesOf(bound, journal, 1_000_000)).toMatchObject([{ fromMs: 995_000, toMs: 1_000_000 }]);
    expect(watchesOf(bound, journal, 1_020_000)).toMatchObject([{ fromMs: 1_010_000, toMs: 1_020_000 }]);
  });

  it('is a moment, of a gate that the plan does not have', () => {
    const { bound, journal, nowMs } = simulate([], ['unknown']);
    expect(watchesOf(bound, journal, nowMs + 5_000)).toMatchObject([
      { fromMs: nowMs + 5_000, toMs: nowMs + 5_000 },
    ]);
  });
});

describe('plan time', () => {
  const { journal } = simulate();
  const { run } = journal;
  if (!run) throw new Error('the simulation has no run');
  const started = { ...run, start: { ...run.start, planStartOffsetMs: 9 * 3_600_000 } };
  const clock = planClock(started, 540);

  it('begins where the run began in week 1, and runs as fast as it was told', () => {
    expect(clock.planMs(run.startedAtMs)).toBe(9 * 3_600_000);
    expect(clock.planMs(run.startedAtMs + 1_000)).toBe(9 * 3_600_000 + 60_000);
  });

  it('leads back to real time', () => {
    for (const realMs of [run.startedAtMs, run.startedAtMs + 12_345]) {
      expect(clock.realMs(clock.planMs(realMs))).toBe(realMs);
    }
  });

  it('knows the calendar that it counts in', () => {
    expect(clock.anchor).toEqual({ week1IsoDate: '2026-01-05', defaultMinuteOfDay: 540 });
  });
});
