import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from './events.ts';
import { currentPause, pausedMsSince } from './pauses.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';
import { failed, Simulation, succeeded } from './testing/simulate.ts';
import { waitsOf } from './waits.ts';

const runs = Number(process.env['CROSSFADE_FUZZ_RUNS'] ?? 200);
const bakeMs = 60_000;
const tuesday = { kind: 'weekday', week: 1, weekday: 1, minuteOfDay: 0 } as const;

/** A date, bakes, gates, flags, steps side by side and after one another. */
const bound = aBoundPlan({
  phases: [
    aPhase('one', aStep('dated', { at: tuesday }), aStep('worked')),
    aPhase(
      'two',
      aStep('gated', { config: { gate: 'healthy', flag: 'feature', bakeMs } }),
      aStep('baked', { config: { bakeMs: 2 * bakeMs } }),
      aStep('last', { after: ['gated'], config: { gate: 'healthy' } }),
    ),
  ],
  guardrails: ['safe'],
});
const gatedSteps = ['gated', 'last'];

type Happening =
  | { readonly type: 'pause' | 'resume' | 'promote' | 'rollback' | 'crash' | 'kill' | 'release' }
  | {
      readonly type: 'tick';
      readonly afterMs: number;
      readonly effect: 'at work' | 'succeeds' | 'fails';
      readonly verdict: 'pass' | 'fail' | 'inconclusive' | 'invalid' | undefined;
      readonly safe: boolean;
    };

/** Mostly well, so that a good part of the runs comes far before anything turns them round. */
const tick = fc.record({
  type: fc.constant('tick' as const),
  afterMs: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 10_000, max: 50_000_000 })),
  effect: fc.oneof(
    { weight: 4, arbitrary: fc.constant('succeeds' as const) },
    { weight: 4, arbitrary: fc.constant('at work' as const) },
    { weight: 1, arbitrary: fc.constant('fails' as const) },
  ),
  verdict: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('pass', 'inconclusive', 'invalid', undefined) },
    { weight: 1, arbitrary: fc.constant('fail' as const) },
  ),
  safe: fc.oneof({ weight: 30, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
const commands = [
  'pause',
  'pause',
  'resume',
  'resume',
  'promote',
  'promote',
  'crash',
  'kill',
  'release',
] as const;
const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: tick },
    { weight: 6, arbitrary: fc.record({ type: fc.constantFrom(...commands) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('rollback' as const) }) },
  ),
  { minLength: 1, maxLength: 80 },
);

/** A run among operators, with what must hold checked after every entry. */
class Watched {
  readonly simulation = new Simulation(bound);
  readonly completed: string[] = [];
  /** What did not hold, in words. */
  readonly violations: string[] = [];
  #verdicts: Record<string, string | undefined> = {};
  readonly #pending = new Set<string>();
  readonly #waived = new Set<string>();

  happen(happening: Happening): void {
    switch (happening.type) {
      case 'tick':
        return this.tick(happening);
      case 'pause':
        return this.append({ type: 'run.paused', reason: 'p' });
      case 'resume':
        return this.append({ type: 'run.resumed', reason: 'r' });
      case 'rollback':
        return this.append({ type: 'rollback.requested', reason: 'b' });
      case 'crash':
        return this.append({ type: 'controller.started', holder: 'next', token: 2 });
      case 'kill':
        return this.append({ type: 'flag.killed', flag: 'feature', reason: 'k' });
      case 'release':
        return this.append({ type: 'flag.enabled', flag: 'feature', reason: 'k' });
      case 'promote':
        return this.promote();
    }
  }

  promote(): void {
    const { journal, nowMs } = this.simulation;
    if (journal.run && currentPause(journal.run)) return;
    const wait = waitsOf(bound, journal, nowMs).find((candidate) => candidate.waivable);
    if (!wait || wait.failingGates.length > 0) return;
    this.append({ type: 'wait.waived', step: wait.step, wait: wait.reason, reason: 'w' });
  }

  tick({ afterMs, effect, verdict, safe }: Extract<Happening, { type: 'tick' }>): void {
    const { simulation } = this;
    simulation.nowMs += afterMs;
    this.#verdicts = {};
    simulation.perform = () =>
      effect === 'at work' ? undefined : effect === 'succeeds' ? succeeded() : failed('no luck');
    simulation.judge = (gate, watcher) => {
      const status = gate === 'safe' ? (safe ? 'pass' : 'fail') : verdict;
      this.#verdicts[`${gate}@${watcher}`] = status;
      return status;
    };
    this.#check(() => void simulation.tick());
  }

  append(event: RunEvent): void {
    this.#check(() => this.simulation.append(event));
  }

  #check(act: () => void): void {
    const { simulation } = this;
    const pausedBefore = simulation.journal.run !== null && currentPause(simulation.journal.run) !== null;
    const from = simulation.entries.length;
    act();
    for (const { event } of simulation.entries.slice(from)) this.#checkEvent(event, pausedBefore);
  }

  #checkEvent(event: RunEvent, paused: boolean): void {
    switch (event.type) {
      case 'wait.waived':
        this.#waived.add(event.step);
        return;
      case 'effect.requested':
        this.#mustHold(!paused || event.direction === 'undo', `${event.key} is begun in a pause`);
        this.#mustHold(!this.#pending.has(event.key), `${event.key} is asked for twice`);
        this.#pending.add(event.key);
        return;
      case 'effect.finished':
      case 'effect.abandoned':
        this.#mustHold(this.#pending.delete(event.key), `${event.key} ended, and was not asked for`);
        return;
      case 'step.started':
      case 'phase.started':
      case 'exposure.changed':
        this.#mustHold(!paused, `${event.type} in a pause`);
        return;
      case 'step.completed':
        this.#checkCompletion(event.step, paused);
        return;
      default:
    }
  }

  #checkCompletion(step: string, paused: boolean): void {
    const { run } = this.simulation.journal;
    this.#mustHold(!paused, `${step} is promoted in a pause`);
    if (gatedSteps.includes(step)) {
      this.#mustHold(this.#verdicts[`healthy@${step}`] === 'pass', `${step} is promoted past its gate`);
      const journalled = run?.verdicts[`healthy@${step}`]?.status;
      this.#mustHold(journalled === 'pass', `${step}: the gate passed, and the journal says ${journalled}`);
    }
    const wantedMs = { gated: bakeMs, baked: 2 * bakeMs }[step] ?? 0;
    const startedAtMs = run?.steps[step]?.startedAtMs ?? 0;
    const { nowMs } = this.simulation;
    const watchedMs = nowMs - startedAtMs - (run ? pausedMsSince(run, startedAtMs, nowMs) : 0);
    const isEnough = watchedMs >= wantedMs || this.#waived.has(step);
    this.#mustHold(isEnough, `${step} was watched for ${watchedMs} of ${wantedMs} ms`);
    this.completed.push(step);
  }

  #mustHold(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation);
  }

  /** All is well from now on: the run must come to its end, and every effect with it. */
  end(): string | undefined {
    this.append({ type: 'run.resumed', reason: 'end' });
    const well = {
      type: 'tick',
      afterMs: 50_000_000,
      effect: 'succeeds',
      verdict: 'pass',
      safe: true,
    } as const;
    for (let ticks = 0; ticks < 60; ticks += 1) {
      if (this.simulation.journal.run?.status === 'rollback_failed') this.happen({ type: 'rollback' });
      this.happen(well);
    }
    for (const key of this.#pending) this.violations.push(`${key} was asked for, and nobody ended it`);
    return this.simulation.journal.run?.status;
  }
}

describe('whatever operators, gates and crashes do to a run', () => {
  it('promotes nothing past a gate, begins nothing in a pause, loses no effect, and comes to its end', () => {
    const ends = new Set<string | undefined>();
    fc.assert(
      fc.property(happenings, (list) => {
        const watched = new Watched();
        for (const happening of list) watched.happen(happening);
        const status = watched.end();
        expect(watched.violations).toEqual([]);
        expect(status).toBeOneOf(['completed', 'rolled_back']);
        const done = status === 'completed' ? [...bound.steps.keys()] : [];
        expect(watched.completed).toEqual(expect.arrayContaining(done));
        ends.add(status);
      }),
      { numRuns: runs },
    );
    expect(ends, 'both ends were met').toEqual(new Set(['completed', 'rolled_back']));
  });
});
