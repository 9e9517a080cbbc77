import { describe, expect, it } from 'vitest';
import { emptyJournal } from './fold.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import { Simulation } from './testing/simulate.ts';
import { waitsOf } from './waits.ts';

const hourMs = 3_600_000;
const tuesday = { kind: 'weekday', week: 2, weekday: 1, minuteOfDay: 600 } as const;

function settled(...steps: readonly ReturnType<typeof aStep>[]): Simulation {
  const simulation = new Simulation(
    aBoundPlan({ phases: [aPhase('one', ...steps), aPhase('two', aStep('z'))] }),
  );
  settle(simulation);
  return simulation;
}

function settle(simulation: Simulation): void {
  for (let before = -1; before !== simulation.entries.length;) {
    before = simulation.entries.length;
    simulation.tick();
  }
}

function waits(simulation: Simulation) {
  return waitsOf(simulation.bound, simulation.journal, simulation.nowMs);
}

function waive(simulation: Simulation, step: string): void {
  simulation.append({ type: 'wait.waived', step, wait: 'what it waits for', reason: 'in a hurry' });
}

describe('what the steps of a run wait for', () => {
  it('is a date of the calendar, which can be waived', () => {
    const simulation = settled(aStep('a', { at: tuesday }), aStep('b', { after: ['a'] }));
    expect(waits(simulation)).toEqual([
      { step: 'a', reason: 'begins at week 2, Tue 10:00', waivable: true, waived: false, failingGates: [] },
    ]);
    waive(simulation, 'a');
    expect(waits(simulation)).toMatchObject([{ step: 'a', waivable: false, waived: true }]);
    expect(simulation.run().run?.status).toBe('completed');
  });

  it('is a bake, which can be waived, and after it a gate, which cannot', () => {
    const simulation = settled(aStep('a', { config: { gate: 'healthy', bakeMs: hourMs } }));
    expect(waits(simulation)).toMatchObject([{ reason: /^bakes until/, waivable: true }]);
    simulation.judge = () => 'inconclusive';
    waive(simulation, 'a');
    for (let hours = 0; hours < 50; hours += 1) {
      simulation.nowMs += hourMs;
      settle(simulation);
    }
    expect(simulation.journal.run?.steps['a']?.status).toBe('running');
    expect(waits(simulation)).toMatchObject([
      { reason: 'gate healthy has not passed', waivable: false, waived: true },
    ]);
    simulation.judge = () => 'pass';
    expect(simulation.run().run?.status).toBe('completed');
  });

  it('names gates that fail', () => {
    const simulation = settled(aStep('a', { config: { gate: 'healthy', bakeMs: hourMs } }));
    const window = { fromMs: simulation.nowMs, toMs: simulation.nowMs };
    const verdict = { status: 'fail', evidence: '', value: 1, limit: 0, samples: 1, ...window } as const;
    simulation.append({ type: 'gate.judged', gate: 'healthy', watcher: 'a', verdict });
    expect(waits(simulation)).toMatchObject([{ failingGates: ['healthy'] }]);
  });

  it('is work under way', () => {
    const simulation = new Simulation(aBoundPlan({ phases: [aPhase('one', aStep('a'))] }));
    expect(waits(simulation)).toMatchObject([{ reason: 'is about to begin', waivable: false }]);
    simulation.perform = () => undefined;
    settle(simulation);
    expect(waits(simulation)).toMatchObject([{ reason: 'is at work (do)', waivable: false }]);
  });

  it('is nothing before a run, and nothing when it has ended', () => {
    const simulation = settled(aStep('a'));
    expect(waitsOf(simulation.bound, emptyJournal, 0)).toEqual([]);
    simulation.run();
    expect(waits(simulation)).toEqual([]);
  });
});

describe('a waived wait', () => {
  it('is the one that the step waits for then, not its next one', () => {
    const simulation = settled(aStep('a', { at: tuesday, config: { bakeMs: hourMs } }));
    waive(simulation, 'a');
    settle(simulation);
    expect(simulation.journal.run?.waivedWaits).toEqual([]);
    expect(waits(simulation)).toMatchObject([{ reason: /^bakes until/, waivable: true, waived: false }]);
  });
});
