import { describe, expect, it } from 'vitest';
import { decide, drainMs } from './decide.ts';
import { emptyJournal } from './fold.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import type { StepType } from './step-type.ts';
import { stepView } from './step-view.ts';
import { failed, Simulation, succeeded } from './testing/simulate.ts';

const dayMs = 86_400_000;

describe('a run that nothing disturbs', () => {
  it('carries out phase after phase, and in a phase what is due side by side', () => {
    const bound = aBoundPlan({ phases: [aPhase('one', aStep('a'), aStep('b')), aPhase('two', aStep('c'))] });
    const simulation = new Simulation(bound);
    const journal = simulation.run();
    expect(journal.run?.status).toBe('completed');
    expect(simulation.eventsOf('step.started').map((event) => event.step)).toEqual(['a', 'b', 'c']);
    expect(simulation.eventsOf('phase.completed').map((event) => event.phase)).toEqual(['one', 'two']);
  });

  it('does a step after the ones it names', () => {
    const phase = aPhase('one', aStep('late', { after: ['early'] }), aStep('early'));
    const simulation = new Simulation(aBoundPlan({ phases: [phase] }));
    simulation.run();
    expect(simulation.eventsOf('step.started').map((event) => event.step)).toEqual(['early', 'late']);
  });

  it('waits for the calendar, which speed compresses', () => {
    const tuesday = { kind: 'weekday', week: 2, weekday: 1, minuteOfDay: 600 } as const;
    const bound = aBoundPlan({ phases: [aPhase('one', aStep('a', { at: tuesday }))] });
    const simulation = new Simulation(bound, { speed: 1_000 });
    const journal = simulation.run();
    const waitedMs = (journal.run?.steps.a?.startedAtMs ?? 0) - (journal.run?.startedAtMs ?? 0);
    expect(waitedMs).toBe((8 * dayMs + 600 * 60_000) / 1_000);
  });

  it('adds up the time it really worked', () => {
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a'))] }));
    expect(simulation.run().run?.steps.a?.activeWorkMs).toBe(5);
  });
});

describe('gates', () => {
  const gated = aBoundPlan({
    phases: [aPhase('one', aStep('a', { config: { gate: 'healthy', flag: 'feature' } }))],
  });

  it.each(['inconclusive', 'invalid', undefined] as const)('never promote on %s', (status) => {
    const simulation = new Simulation(gated);
    simulation.judge = () => status;
    simulation.run(() => simulation.nowMs > 1_100_000);
    expect(simulation.journal.run?.status).toBe('running');
    expect(simulation.journal.run?.steps.a?.status).toBe('running');
  });

  it('turn the run round when they fail', () => {
    const simulation = new Simulation(gated);
    simulation.judge = () => 'fail';
    const journal = simulation.run();
    expect(journal.run?.status).toBe('rolled_back');
    expect(journal.run?.rollback?.reason).toContain('healthy says fail');
  });

  it('do not count along in the journal while a step waits for them', () => {
    const simulation = new Simulation(gated);
    simulation.judge = () => 'inconclusive';
    simulation.run(() => simulation.nowMs > 1_100_000);
    expect(simulation.eventsOf('step.waiting')).toHaveLength(1);
    expect(simulation.eventsOf('gate.judged')).toHaveLength(1);
  });

  it('that flicker are journalled now and then, and always when something is decided on them', () => {
    const simulation = new Simulation(gated);
    let looks = 0;
    simulation.judge = () => (looks++ % 2 === 0 ? 'inconclusive' : 'invalid');
    simulation.run(() => simulation.nowMs > 1_060_000);
    expect(looks).toBeGreaterThan(100);
    expect(simulation.eventsOf('gate.judged').length).toBeLessThanOrEqual(7);

    simulation.judge = () => 'pass';
    simulation.run();
    const types = simulation.entries.map(({ event }) => event.type);
    expect(types.at(types.indexOf('step.completed') - 1)).toBe('gate.judged');
    expect(simulation.journal.run?.verdicts['healthy@a']?.status).toBe('pass');
  });

  it('that fail are journalled each time, and each time that they do not any more: the breach is counted from there', () => {
    const owner = gated.steps.get('a');
    if (!owner) throw new Error('the fixture has no step a');
    const patient: StepType<unknown>['forward'] = (view) => {
      if (view.data !== 'open') return owner.type.forward(view);
      return { move: 'wait', reason: 'looks on', untilMs: null, untilPlanMs: null };
    };
    const steps = new Map([['a', { ...owner, type: { ...owner.type, forward: patient } }]]);
    const simulation = new Simulation({ ...gated, steps });
    simulation.judge = () => undefined;
    simulation.run();
    const look = (status: 'fail' | 'inconclusive' | 'pass') => {
      simulation.nowMs += 1_000;
      simulation.judge = () => status;
      simulation.tick();
      return simulation.journal.run?.verdicts['healthy@a']?.status;
    };
    for (const status of ['fail', 'inconclusive', 'fail', 'pass', 'fail', 'pass'] as const)
      expect(look(status)).toBe(status);

    // One that flickers for hours is told of now and then, and what ends a fail at once.
    const toldBefore = simulation.entries.length;
    for (let looks = 0; looks < 3_600; looks += 2) {
      look('fail');
      expect(look('pass')).toBe('pass');
    }
    expect(simulation.entries.length - toldBefore).toBeLessThanOrEqual((2 * 3 * 3_600) / 10);
    expect(simulation.entries.length - toldBefore).toBeGreaterThan(3_600 / 10);
    const lasting = Array.from({ length: 10 }, () => look('fail'));
    expect(lasting.at(-1), 'a fail that lasts').toBe('fail');
  });

  it('that flicker all the time as guardrails do not fill the journal either', () => {
    const phase = aPhase('one', aStep('a'));
    const simulation = new Simulation(aBoundPlan({ phases: [phase], guardrails: ['healthy'] }));
    simulation.perform = () => undefined;
    let looks = 0;
    for (; looks < 3_600; looks += 1) {
      simulation.judge = () => (looks % 2 === 0 ? 'pass' : 'inconclusive');
      simulation.nowMs += 1_000;
      simulation.tick();
    }
    expect(simulation.eventsOf('gate.judged').length).toBeLessThanOrEqual(looks / 10 + 1);
  });

  it('watch all the time as guardrails', () => {
    const phase = aPhase('one', aStep('a', { config: { flag: 'feature' } }), aStep('b'));
    const simulation = new Simulation(aBoundPlan({ phases: [phase], guardrails: ['healthy'] }));
    simulation.perform = (_effect, step) => (step === 'b' ? undefined : succeeded());
    simulation.run();
    expect(simulation.journal.run?.exposures.feature).toHaveLength(1);
    simulation.judge = () => 'fail';
    simulation.tick();
    expect(simulation.journal.run?.status).toBe('rolling_back');
    expect(simulation.journal.run?.exposures).toEqual({});
  });
});

describe('roll-back', () => {
  const bound = aBoundPlan({ phases: [aPhase('one', aStep('a')), aPhase('two', aStep('b'), aStep('c'))] });

  it('undoes the step that began last first, after the drain', () => {
    const simulation = new Simulation(bound);
    simulation.perform = (effect, step) =>
      step === 'c' && effect.direction === 'forward' ? undefined : succeeded();
    simulation.run();
    simulation.append({ type: 'rollback.requested', reason: 'by hand' });
    const askedAtMs = simulation.nowMs;
    const journal = simulation.run();
    expect(journal.run?.status).toBe('rolled_back');
    expect(simulation.eventsOf('step.undone').map((event) => event.step)).toEqual(['c', 'b', 'a']);
    expect(simulation.eventsOf('effect.abandoned')).toHaveLength(1);
    expect(simulation.nowMs - askedAtMs).toBeGreaterThanOrEqual(drainMs);
  });

  it('undoes what stands on another step before that one, also when both began at one moment', () => {
    const phase = aPhase('one', aStep('late', { after: ['early'] }), aStep('early'));
    const plain = aBoundPlan({ phases: [phase] });
    const steps = [...plain.steps].map(([id, owner]) => {
      const forward = () => ({ move: 'done', summary: 'at once', facts: {} }) as const;
      return [id, { ...owner, type: { ...owner.type, forward } }] as const;
    });
    const simulation = new Simulation({ ...plain, steps: new Map(steps) });
    expect(simulation.run().run?.status).toBe('completed');
    simulation.append({ type: 'rollback.requested', reason: 'by hand' });
    simulation.run();
    expect(simulation.eventsOf('step.undone').map((event) => event.step)).toEqual(['late', 'early']);
  });

  it('drains from when the flags went off, however long ago that was decided', () => {
    const simulation = new Simulation(bound);
    simulation.perform = () => failed('disk full');
    simulation.run((journal) => journal.run?.steps['a']?.pendingEffect !== null);
    const decidedAtMs = simulation.nowMs;
    const observations = {
      verdicts: {},
      effectResults: [{ key: 'run-1/a/forward/1', outcome: failed('full') }],
    };
    const decision = decide(simulation.bound, simulation.journal, observations, decidedAtMs);
    simulation.nowMs += 5_000; // The database kept the append waiting.
    simulation.append(...decision.transitions);
    expect(simulation.journal.run?.rollback?.drainUntilMs).toBe(decidedAtMs + 5_000 + drainMs);
  });

  it('follows a step that failed', () => {
    const simulation = new Simulation(bound);
    simulation.perform = (effect, step) =>
      step === 'b' && effect.direction === 'forward' ? failed('disk full') : succeeded();
    const journal = simulation.run();
    expect(journal.run?.status).toBe('rolled_back');
    expect(journal.run?.rollback?.reason).toBe('step b failed: disk full');
  });

  it('stops where an undo fails, and goes on from there when it is asked again', () => {
    const simulation = new Simulation(bound);
    simulation.run();
    simulation.append({ type: 'rollback.requested', reason: 'by hand' });
    simulation.perform = (_effect, step) => (step === 'b' ? failed('locked') : succeeded());
    expect(simulation.run().run).toMatchObject({
      status: 'rollback_failed',
      rollback: { failure: 'b: locked' },
    });
    simulation.append({ type: 'rollback.requested', reason: 'again' });
    simulation.perform = () => succeeded();
    expect(simulation.run().run?.status).toBe('rolled_back');
    expect(simulation.eventsOf('step.undone').map((event) => event.step)).toEqual(['c', 'b', 'a']);
  });

  it('takes back a completed run, and is nothing the second time', () => {
    const simulation = new Simulation(bound);
    expect(simulation.run().run?.status).toBe('completed');
    simulation.append({ type: 'rollback.requested', reason: 'by hand' });
    expect(simulation.run().run?.status).toBe('rolled_back');
    const entries = simulation.entries.length;
    simulation.append({ type: 'rollback.requested', reason: 'twice' });
    expect(simulation.run().run?.status).toBe('rolled_back');
    expect(simulation.entries.length).toBe(entries + 1);
  });

  it('works from every state the run passes through', () => {
    for (let ticks = 0; ticks < 30; ticks += 1) {
      const simulation = new Simulation(bound);
      for (let tick = 0; tick < ticks; tick += 1) simulation.tick();
      simulation.append({ type: 'rollback.requested', reason: `after ${ticks} ticks` });
      const steps = Object.values(simulation.run().run?.steps ?? {});
      expect(simulation.journal.run?.status).toBe('rolled_back');
      expect(steps.every((step) => step.status === 'undone')).toBe(true);
    }
  });
});

describe('decide', () => {
  it('has nothing to say before the first run', () => {
    const bound = aBoundPlan({ phases: [aPhase('one', aStep('a'))] });
    expect(decide(bound, emptyJournal, { verdicts: {}, effectResults: [] }, 0).transitions).toEqual([]);
  });

  it('takes no notice of a result that nobody asked for', () => {
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a'))] }));
    simulation.perform = () => undefined;
    simulation.run();
    const effectResults = [{ key: 'run-1/zzz/forward/1', outcome: succeeded() }];
    const decision = decide(
      simulation.bound,
      simulation.journal,
      { verdicts: {}, effectResults },
      simulation.nowMs,
    );
    expect(decision.transitions).toEqual([]);
  });

  it('stops the tick when a step goes round in circles', () => {
    const bound = aBoundPlan({ phases: [aPhase('one', aStep('a'))] });
    const owner = bound.steps.get('a');
    if (!owner) throw new Error('the fixture has no step a');
    const circling = {
      ...owner.type,
      forward: () => ({ move: 'progress', data: 1, note: '', changes: [] }) as const,
    };
    const steps = new Map([['a', { ...owner, type: circling }]]);
    expect(() => new Simulation({ ...bound, steps }).tick()).toThrow('without waiting');
  });
});

describe('how long a gate has failed', () => {
  it('does not count the time in which no controller looked', () => {
    const bound = aBoundPlan({ phases: [aPhase('one', aStep('a', { config: { gate: 'healthy' } }))] });
    const simulation = new Simulation(bound);
    const owner = bound.steps.get('a');
    if (!owner) throw new Error('the fixture has no step a');
    const { nowMs } = simulation;
    const verdict = {
      status: 'fail',
      evidence: '',
      value: 0,
      limit: 0,
      samples: 1,
      fromMs: 0,
      toMs: nowMs,
    } as const;
    simulation.append({ type: 'gate.judged', gate: 'healthy', watcher: 'a', verdict });
    simulation.nowMs += 3_600_000;
    simulation.append({ type: 'controller.started', holder: 'next', token: 2 });
    const { run } = simulation.journal;
    if (!run) throw new Error('the simulation has no run');
    const view = stepView(bound, simulation.journal, run, owner, {}, simulation.nowMs);
    expect(view.failingSinceMs('healthy')).toBe(simulation.nowMs);
  });

  it('is counted from the first of the fails in a row', () => {
    const bound = aBoundPlan({ phases: [aPhase('one', aStep('a', { config: { gate: 'healthy' } }))] });
    const seen: (number | null)[] = [];
    const owner = bound.steps.get('a');
    if (!owner) throw new Error('the fixture has no step a');
    const watching: StepType<unknown> = {
      ...owner.type,
      forward: (view) => {
        if (view.data !== 'open') return owner.type.forward(view);
        seen.push(view.failingSinceMs('healthy'));
        return { move: 'wait', reason: 'looking on', untilMs: view.nowMs + 1_000, untilPlanMs: null };
      },
    };
    const watched = new Simulation({ ...bound, steps: new Map([['a', { ...owner, type: watching }]]) });
    let verdicts = 0;
    const firstMs = watched.nowMs;
    watched.judge = () => (++verdicts === 3 ? 'pass' : 'fail');
    watched.run(() => watched.nowMs >= firstMs + 4_000);
    expect(new Set(seen)).toContain(null);
    const since = [...new Set(seen)].filter((ms) => ms !== null);
    expect(since).toHaveLength(2);
    expect(since[1]).toBeGreaterThan(since[0] ?? 0);
  });
});
