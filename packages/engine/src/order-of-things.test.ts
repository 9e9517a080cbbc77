import { describe, expect, it } from 'vitest';
import { decide, drainMs, type Decision, type Observations } from './decide.ts';
import type { Verdict } from './events.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import { failed, Simulation, succeeded } from './testing/simulate.ts';

const nothingSeen: Observations = { verdicts: {}, effectResults: [] };

function decideNow(simulation: Simulation, observations: Partial<Observations> = {}): Decision {
  const { bound, journal, nowMs } = simulation;
  return decide(bound, journal, { ...nothingSeen, ...observations }, nowMs);
}

function saying(status: Verdict['status'], simulation: Simulation): Verdict {
  const { nowMs } = simulation;
  const window = { fromMs: nowMs, toMs: nowMs };
  return { status, evidence: `says ${status}`, value: 1, limit: 2, samples: 3, ...window };
}

const typesOf = ({ transitions }: Decision) => transitions.map(({ type }) => type);

describe('one decision', () => {
  const chain = aPhase('one', aStep('late', { after: ['early'] }), aStep('early'));
  const plan = aBoundPlan({ phases: [chain, aPhase('two', aStep('last'))] });

  it('starts what a step has freed, and the next phase, without waiting for another look', () => {
    const simulation = new Simulation(plan);
    simulation.perform = () => undefined;
    simulation.run();
    const decision = decideNow(simulation, {
      effectResults: [{ key: 'run-1/early/forward/1', outcome: succeeded() }],
    });
    expect(typesOf(decision)).toEqual([
      'effect.finished',
      'step.progressed',
      'step.completed',
      'step.started',
      'step.progressed',
      'effect.requested',
    ]);
    simulation.append(...decision.transitions);
    const next = decideNow(simulation, {
      effectResults: [{ key: 'run-1/late/forward/1', outcome: succeeded() }],
    });
    expect(typesOf(next).slice(2, 6)).toEqual([
      'step.completed',
      'phase.completed',
      'phase.started',
      'step.started',
    ]);
  });

  it('says which steps are waited for, and no longer when they are done', () => {
    const three = aPhase('one', aStep('a'), aStep('b'), aStep('c', { after: ['a', 'b'] }));
    const simulation = new Simulation(aBoundPlan({ phases: [three] }));
    simulation.perform = () => undefined;
    simulation.tick();
    expect(decideNow(simulation).waiting).toEqual({ c: 'after a, b' });
    const results = ['a', 'b'].map((id) => ({ key: `run-1/${id}/forward/1`, outcome: succeeded() }));
    const afterOne = decideNow(simulation, { effectResults: results.slice(0, 1) });
    expect(afterOne.waiting).toEqual({ c: 'after b' });
    const afterBoth = decideNow(simulation, { effectResults: results });
    expect(afterBoth.waiting).not.toHaveProperty('c');
  });

  it('starts a phase once, however often it is asked', () => {
    const simulation = new Simulation(plan);
    simulation.perform = () => undefined;
    for (let tick = 0; tick < 3; tick += 1) simulation.tick();
    expect(simulation.eventsOf('phase.started').map(({ phase }) => phase)).toEqual(['one']);
    expect(simulation.eventsOf('step.started').map(({ step }) => step)).toEqual(['early']);
  });

  it('completes a run when its last phase is done, and nothing before', () => {
    const simulation = new Simulation(plan);
    simulation.run();
    const types = simulation.entries.map(({ event }) => event.type);
    expect(types.indexOf('run.completed')).toBe(types.length - 1);
    expect(types.filter((type) => type === 'run.completed')).toHaveLength(1);
    expect(decideNow(simulation)).toEqual({
      transitions: [],
      wakeAtMs: Number.POSITIVE_INFINITY,
      waiting: {},
    });
  });

  it('begins a dated step at its very moment, and not a millisecond before', () => {
    const at = { kind: 'weekday', week: 1, weekday: 0, minuteOfDay: 10 } as const;
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a', { at }))] }));
    const dueMs = simulation.nowMs + 600_000;
    simulation.nowMs = dueMs - 1;
    const early = decideNow(simulation);
    expect(typesOf(early)).toEqual(['phase.started']);
    expect(early.wakeAtMs).toBe(dueMs);
    simulation.nowMs = dueMs;
    expect(typesOf(decideNow(simulation))).toContain('step.started');
  });
});

describe('a guardrail', () => {
  const phase = aPhase('one', aStep('a', { config: { gate: 'healthy' } }));
  const plan = aBoundPlan({ phases: [phase], guardrails: ['healthy', 'safe'] });

  it('turns the run round at once, once, and says which it was and on what evidence', () => {
    const simulation = new Simulation(plan);
    simulation.perform = () => undefined;
    simulation.run();
    const verdict = saying('fail', simulation);
    const decision = decideNow(simulation, {
      verdicts: { 'healthy@guardrail': verdict, 'safe@guardrail': verdict },
    });
    expect(typesOf(decision)).toEqual(['gate.judged', 'effect.abandoned', 'rollback.started', 'gate.judged']);
    expect(decision.transitions[2]).toEqual({
      type: 'rollback.started',
      reason: 'guardrail healthy failed: says fail',
      drainMs,
    });
  });

  it('is not any gate that a step waits for', () => {
    const simulation = new Simulation(plan);
    simulation.perform = () => undefined;
    simulation.run();
    const decision = decideNow(simulation, { verdicts: { 'healthy@a': saying('fail', simulation) } });
    expect(typesOf(decision)).toEqual(['gate.judged']);
    expect(decision.transitions[0]).toMatchObject({ gate: 'healthy', watcher: 'a' });
  });

  it.each(['inconclusive', 'invalid', 'pass'] as const)('lets the run go on when it says %s', (status) => {
    const simulation = new Simulation(plan);
    const decision = decideNow(simulation, { verdicts: { 'safe@guardrail': saying(status, simulation) } });
    expect(typesOf(decision)).not.toContain('rollback.started');
  });

  it('is judged no more once the run is on its way back', () => {
    const simulation = new Simulation(plan);
    simulation.perform = () => undefined;
    simulation.run();
    simulation.append({ type: 'rollback.requested', reason: 'by hand' });
    simulation.tick();
    const decision = decideNow(simulation, { verdicts: { 'safe@guardrail': saying('fail', simulation) } });
    expect(decision.transitions).toEqual([]);
  });

  it('is journalled when its verdict changes, and not while it stays', () => {
    const simulation = new Simulation(plan);
    simulation.perform = () => undefined;
    const said = ['pass', 'pass', 'inconclusive', 'inconclusive', 'pass'] as const;
    for (const status of said) {
      simulation.nowMs += 10_000;
      const verdicts = { 'safe@guardrail': saying(status, simulation) };
      simulation.append(...decideNow(simulation, { verdicts }).transitions);
    }
    expect(simulation.eventsOf('gate.judged').map(({ verdict }) => verdict.status)).toEqual([
      'pass',
      'inconclusive',
      'pass',
    ]);
  });
});

describe('the way back', () => {
  const plan = aBoundPlan({ phases: [aPhase('one', aStep('a'), aStep('b'))] });

  function turnedRound(): Simulation {
    const simulation = new Simulation(plan);
    simulation.perform = () => undefined;
    simulation.run();
    simulation.append({ type: 'rollback.requested', reason: 'by hand' });
    simulation.tick();
    return simulation;
  }

  it('begins with what is under way, which is let go', () => {
    expect(turnedRound().eventsOf('effect.abandoned')).toEqual([
      { type: 'effect.abandoned', key: 'run-1/a/forward/1', reason: 'the run is taken back' },
      { type: 'effect.abandoned', key: 'run-1/b/forward/1', reason: 'the run is taken back' },
    ]);
  });

  it('undoes nothing before the drain is over, and begins at that very moment', () => {
    const simulation = turnedRound();
    const drainedMs = simulation.nowMs + drainMs;
    simulation.nowMs = drainedMs - 1;
    expect(decideNow(simulation)).toMatchObject({ transitions: [], wakeAtMs: drainedMs });
    simulation.nowMs = drainedMs;
    expect(typesOf(decideNow(simulation))).toEqual([
      'step.undo_started',
      'step.progressed',
      'effect.requested',
    ]);
  });

  it('undoes one step at a time: the next begins when the one before is undone', () => {
    const simulation = turnedRound();
    simulation.nowMs += drainMs;
    simulation.tick();
    expect(simulation.eventsOf('step.undo_started').map(({ step }) => step)).toEqual(['b']);
    expect(decideNow(simulation).transitions).toEqual([]);
    const effectResults = [{ key: 'run-1/b/undo/2', outcome: succeeded() }];
    expect(typesOf(decideNow(simulation, { effectResults }))).toEqual([
      'effect.finished',
      'step.undone',
      'step.undo_started',
      'step.progressed',
      'effect.requested',
    ]);
  });

  it('takes a step back that failed, and leaves alone what never began', () => {
    const later = aPhase('two', aStep('c'));
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a')), later] }));
    simulation.perform = ({ direction }) => (direction === 'forward' ? failed('disk full') : succeeded());
    expect(simulation.run().run?.status).toBe('rolled_back');
    expect(simulation.eventsOf('step.undone').map(({ step }) => step)).toEqual(['a']);
    expect(simulation.journal.run?.steps).not.toHaveProperty('c');
  });

  it('stops at an undo that fails, with its words, and touches no step before it', () => {
    const simulation = turnedRound();
    simulation.nowMs += drainMs;
    simulation.tick();
    const effectResults = [{ key: 'run-1/b/undo/2', outcome: failed('locked') }];
    const decision = decideNow(simulation, { effectResults });
    expect(typesOf(decision)).toEqual(['effect.finished', 'rollback.failed']);
    expect(decision.transitions[1]).toEqual({ type: 'rollback.failed', step: 'b', reason: 'locked' });
    simulation.append(...decision.transitions);
    expect(decideNow(simulation)).toMatchObject({ transitions: [], wakeAtMs: Number.POSITIVE_INFINITY });
  });

  it('asked for once more in its middle, drains again and loses no step', () => {
    const simulation = turnedRound();
    simulation.nowMs += drainMs;
    simulation.tick();
    simulation.append({ type: 'rollback.requested', reason: 'impatience' });
    simulation.tick();
    simulation.perform = () => succeeded();
    expect(simulation.run().run).toMatchObject({ status: 'rolled_back', rollback: { reason: 'by hand' } });
    expect(simulation.eventsOf('step.undone').map(({ step }) => step)).toEqual(['b', 'a']);
    expect(simulation.eventsOf('effect.abandoned')).toHaveLength(3);
  });
});

describe('the run after one that did not come to its end', () => {
  it('finds what that one has found, and nothing that it opened itself', () => {
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a'))] }));
    simulation.append(
      {
        type: 'exposure.changed',
        flag: 'feature',
        audiences: [{ segment: null, percentage: 100 }],
        reason: '',
      },
      {
        type: 'run.started',
        plan: 'next',
        planDigest: 'digest',
        speed: 1,
        week1IsoDate: '2026-01-05',
        planStartOffsetMs: 0,
      },
    );
    expect(simulation.journal.run?.inherited).toEqual({ exposures: {}, parameters: {} });
  });
});
