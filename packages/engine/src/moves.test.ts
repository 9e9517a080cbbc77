import { describe, expect, it } from 'vitest';
import { bindPlan } from './bind.ts';
import { decide } from './decide.ts';
import { emptyJournal } from './fold.ts';
import { Ledger } from './ledger.ts';
import type { StepMove, StepType, StepView } from './step-type.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import { failed, Simulation, succeeded } from './testing/simulate.ts';

/** A run of one step `a` whose type is told what to do by the test. */
function runOf(changes: Partial<StepType<unknown>>, options: { speed?: number } = {}): Simulation {
  const bound = aBoundPlan({ phases: [aPhase('one', aStep('a'))] });
  const owner = bound.steps.get('a');
  if (!owner) throw new Error('the fixture has no step a');
  const steps = new Map([['a', { ...owner, type: { ...owner.type, ...changes } }]]);
  return new Simulation({ ...bound, steps }, options);
}

/** Moves in their order; what the step has left tells how far it is. */
function inOrder(...moves: readonly ((view: StepView<unknown>) => StepMove)[]): Partial<StepType<unknown>> {
  const forward = (view: StepView<unknown>): StepMove => {
    const nth = typeof view.data === 'number' ? view.data : 0;
    const move = moves[nth];
    return move ? move(view) : { move: 'done', summary: 'did it', facts: { nth } };
  };
  return { forward };
}

const wait = (reason: string, until: { untilMs?: number; untilPlanMs?: number } = {}): StepMove => ({
  move: 'wait',
  reason,
  untilMs: until.untilMs ?? null,
  untilPlanMs: until.untilPlanMs ?? null,
});

describe('what a step changes', () => {
  it('is journalled with the step and its own words for it', () => {
    const simulation = runOf(
      inOrder(() => ({
        move: 'progress',
        data: 1,
        note: 'half of them',
        changes: [
          { change: 'exposure', flag: 'feature', audiences: [{ segment: null, percentage: 50 }] },
          { change: 'parameter', parameter: 'share', value: 90 },
        ],
      })),
    );
    simulation.run();
    expect(simulation.eventsOf('exposure.changed')).toEqual([
      {
        type: 'exposure.changed',
        flag: 'feature',
        audiences: [{ segment: null, percentage: 50 }],
        reason: 'a: half of them',
      },
    ]);
    expect(simulation.eventsOf('parameter.changed')).toEqual([
      { type: 'parameter.changed', parameter: 'share', value: 90, reason: 'a: half of them' },
    ]);
    expect(simulation.journal.run).toMatchObject({
      exposures: { feature: [{ segment: null, percentage: 50 }] },
      parameters: { share: 90 },
    });
  });

  it('is its own result: the summary and the facts of when it was done', () => {
    const simulation = runOf(inOrder());
    simulation.run();
    expect(simulation.journal.run?.steps['a']).toMatchObject({
      status: 'completed',
      summary: 'did it',
      facts: { nth: 0 },
      finishedAtMs: simulation.nowMs,
    });
  });
});

describe('an effect', () => {
  it('is asked for under a key of its own, and the step waits for it', () => {
    const simulation = runOf({});
    simulation.perform = () => undefined;
    simulation.tick();
    simulation.tick();
    expect(simulation.eventsOf('effect.requested')).toEqual([
      {
        type: 'effect.requested',
        key: 'run-1/a/forward/1',
        step: 'a',
        direction: 'forward',
        kind: 'do',
        input: null,
      },
    ]);
    expect(simulation.eventsOf('step.progressed')).toEqual([
      { type: 'step.progressed', step: 'a', state: 'doing', note: 'doing it' },
    ]);
  });

  it('has another key when it is asked for anew, and when it is taken back', () => {
    const effect: StepMove = { move: 'effect', kind: 'do', input: null, data: 0, note: 'once more' };
    const simulation = runOf({
      forward: (view) => (view.outcome ? { ...effect, data: 'second' } : effect),
    });
    let results = 0;
    simulation.perform = (_effect, step) => (step === 'a' && (results += 1) > 1 ? undefined : succeeded());
    simulation.run();
    simulation.perform = () => succeeded();
    simulation.append({ type: 'rollback.requested', reason: 'by hand' });
    simulation.run();
    expect(simulation.eventsOf('effect.requested').map(({ key }) => key)).toEqual([
      'run-1/a/forward/1',
      'run-1/a/forward/2',
      'run-1/a/undo/3',
    ]);
  });
});

describe('a step that fails', () => {
  it('says why itself, or lets its effect say it', () => {
    const bySelf = runOf(inOrder(() => ({ move: 'fail', reason: 'the gate failed' })));
    expect(bySelf.run().run?.rollback?.reason).toBe('step a failed: the gate failed');
    const byEffect = runOf({});
    byEffect.perform = ({ direction }) => (direction === 'forward' ? failed('disk full') : succeeded());
    expect(byEffect.run().run?.rollback?.reason).toBe('step a failed: disk full');
    expect(byEffect.eventsOf('step.failed')).toEqual([
      { type: 'step.failed', step: 'a', reason: 'disk full' },
    ]);
  });
});

describe('a step that waits', () => {
  it('is asked again at the hour that it names, real or of the plan, whichever comes first', () => {
    const speed = 100;
    const now = runOf(inOrder(() => wait('a while'))).nowMs;
    const until = (realMs: number | undefined, planMs: number | undefined) => {
      const limits = {
        ...(realMs === undefined ? {} : { untilMs: now + realMs }),
        ...(planMs === undefined ? {} : { untilPlanMs: planMs }),
      };
      return (
        runOf(
          inOrder(() => wait('a while', limits)),
          { speed },
        ).tick() - now
      );
    };
    expect(until(700, undefined)).toBe(700);
    expect(until(undefined, 90_000)).toBe(900);
    expect(until(700, 90_000)).toBe(700);
    expect(until(900, 50_000)).toBe(500);
  });

  it('for nothing that has an hour is not asked again before something happens', () => {
    expect(runOf(inOrder(() => wait('an operator'))).tick()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is journalled once as long as only numbers change, and again when the reason does', () => {
    const reasons = [
      '120 of 200 samples',
      '180 of 200 samples',
      '1,200.5 of 20,000 samples',
      '5 of 200 people',
      'no samples',
    ];
    let nth = 0;
    const simulation = runOf(inOrder(() => wait(reasons[(nth += 1) - 1] ?? 'no samples')));
    for (const reason of reasons) {
      const decision = decide(
        simulation.bound,
        simulation.journal,
        { verdicts: {}, effectResults: [] },
        simulation.nowMs,
      );
      expect(decision.waiting).toEqual({ a: reason });
      simulation.append(...decision.transitions);
    }
    expect(simulation.eventsOf('step.waiting').map(({ reason }) => reason)).toEqual([
      '120 of 200 samples',
      '5 of 200 people',
      'no samples',
    ]);
  });

  it('is not journalled each time that it comes and goes, and the last one is in the end', () => {
    let reason = 'no samples';
    const simulation = runOf(inOrder(() => wait(reason)));
    for (let ticks = 0; ticks < 3_600; ticks += 1) {
      simulation.nowMs += 1_000;
      reason = ticks % 2 === 0 ? 'too few people' : 'no samples';
      simulation.tick();
    }
    const told = simulation.eventsOf('step.waiting').length;
    expect(told).toBeLessThanOrEqual((3 * 3_600) / 10);
    expect(told).toBeGreaterThan(3_600 / 10);
    reason = 'nobody at home';
    const wakeAtMs = simulation.tick();
    simulation.nowMs = Math.max(simulation.nowMs, Math.min(wakeAtMs, simulation.nowMs + 10_000));
    simulation.tick();
    expect(simulation.journal.run?.steps['a']?.waitingFor).toBe('nobody at home');
  });

  it('is journalled at its first wait also when it has no more to say than a number', () => {
    const simulation = runOf(inOrder(() => wait('')));
    simulation.tick();
    expect(simulation.eventsOf('step.waiting')).toEqual([]);
    const numbered = runOf(inOrder(() => wait('7')));
    numbered.tick();
    expect(numbered.eventsOf('step.waiting')).toHaveLength(1);
  });
});

describe('a step that moves without waiting', () => {
  const movesBefore = (moves: number): Partial<StepType<unknown>> => {
    let made = 0;
    return {
      forward: () => {
        made += 1;
        if (made > moves) return { move: 'done', summary: '', facts: {} };
        return { move: 'progress', data: made, note: '', changes: [] };
      },
    };
  };

  it('may make a hundred moves in a tick', () => {
    expect(runOf(movesBefore(99)).run().run?.status).toBe('completed');
  });

  it('is stopped at the next one, by name', () => {
    expect(() => runOf(movesBefore(100)).tick()).toThrow(
      'step a (plain) made 100 moves in one tick without waiting',
    );
  });
});

describe('a plan of a newer Crossfade', () => {
  const bound = aBoundPlan({ phases: [aPhase('one', aStep('a'))] });
  const { type } = bound.steps.get('a') ?? {};
  const gate = bound.gates.get('healthy')?.type;
  if (!type || !gate) throw new Error('the fixture has neither step nor gate');

  it('is refused by the name of what is unknown', () => {
    expect(() => bindPlan(bound.plan, '', {}, { steps: {}, gates: { plain: gate } })).toThrow(
      'step a is of the unknown type plain: this Crossfade cannot run the plan',
    );
    expect(() => bindPlan(bound.plan, '', {}, { steps: { plain: type }, gates: {} })).toThrow(
      'gate healthy is of the unknown type plain: this Crossfade cannot run the plan',
    );
  });
});

it('nothing is decided about a journal without a run', () => {
  const bound = aBoundPlan({ phases: [aPhase('one', aStep('a'))] });
  expect(() => new Ledger(bound, emptyJournal, {}, 0).run).toThrow('the journal has no run to decide about');
});
