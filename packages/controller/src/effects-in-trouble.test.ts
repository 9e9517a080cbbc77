import { type BoundPlan, type ControlStore, type GateWatch, type StepType } from '@crossfade/engine';
import { describe, expect, it, vi } from 'vitest';
import { createEffectRunner } from './effect-runner.ts';
import { createGateMeasurer } from './gate-measurer.ts';
import { takeLease } from './lease.ts';
import { performWithRetries } from './perform-with-retries.ts';
import { TargetAwayError } from './target/target-away-error.ts';
import { systemClock } from './system-ports.ts';
import { runWithEffect } from './testing/run-with-effect.ts';
import { createWorld, workPlan } from './testing/work-plan.ts';

const unused = (): never => {
  throw new Error('this test does not use it');
};
const metrics = { counterIncrease: unused, histogramIncrease: unused, ask: unused };
/** Time that passes at once: what is late by the clock is late now. */
const hastyClock = {
  ...systemClock,
  sleep: async (_durationMs: number, signal: AbortSignal) => await systemClock.sleep(1, signal),
};
const half = { next: () => 0.5 };

describe('an effect', () => {
  function runnerFor(bound: BoundPlan, onEnd = vi.fn<() => void>()) {
    const ports = {
      target: { withConnection: unused },
      store: { addSegmentMembers: unused },
      notifier: { send: unused },
      metrics,
      clock: hastyClock,
      random: half,
    };
    const retry = { attempts: 1, baseMs: 1, capMs: 1, awayMs: 1 };
    return { runner: createEffectRunner({ bound, token: 1, ports, retry, onEnd }), onEnd };
  }

  it('of a step that the plan does not have fails, by its name', async () => {
    const { runner, onEnd } = runnerFor(workPlan(createWorld()));
    runner.sync(runWithEffect('stranger'));
    await vi.waitFor(() => expect(onEnd).toHaveBeenCalled(), 15_000);
    expect(runner.results()).toMatchObject([
      {
        key: 'run-1/stranger/forward/1',
        outcome: {
          status: 'failed',
          error:
            'the journal has an effect of step stranger, which the plan does not have (given up after 1 attempts)',
        },
      },
    ]);
    await runner.stop();
  });

  it('that does not heed its signal is named when the controller ends', async () => {
    const bound = workPlan(createWorld());
    const owner = bound.steps.get('prepare');
    if (!owner) throw new Error('the work plan has a step prepare');
    const deaf: StepType<unknown> = {
      ...owner.type,
      perform: async () => await new Promise(() => undefined),
    };
    const { runner } = runnerFor({ ...bound, steps: new Map([['prepare', { ...owner, type: deaf }]]) });
    runner.sync(runWithEffect('prepare'));
    expect(runner.reports()).toMatchObject([{ step: 'prepare', aborting: false }]);
    expect(await runner.stop()).toEqual(['prepare']);
    expect(runner.reports()).toMatchObject([{ step: 'prepare', aborting: true }]);
  });
});

describe('trying again', () => {
  const retryOptions = (signal: AbortSignal, slept: number[] = []) => ({
    retry: { attempts: 5, baseMs: 100, capMs: 250, awayMs: 10_000 },
    clock: {
      ...systemClock,
      sleep: (durationMs: number) => {
        slept.push(durationMs);
        return Promise.resolve();
      },
    },
    random: half,
    signal,
    onFailedAttempt: () => undefined,
    progress: () => null,
  });

  it('waits longer each time, up to a limit, and gives up with the last reason', async () => {
    const slept: number[] = [];
    let attempt = 0;
    const fails = () => Promise.reject(new Error(`failure ${(attempt += 1)}`));
    const outcome = await performWithRetries(fails, retryOptions(new AbortController().signal, slept));
    expect(outcome).toMatchObject({
      status: 'failed',
      error: 'failure 5 (given up after 5 attempts)',
      attempts: 5,
    });
    expect(slept).toEqual([75, 150, 187.5, 187.5]);
  });

  it('waits for a target that is away, for as long as it may be, and counts no attempt meanwhile', async () => {
    let elapsedMs = 0;
    const options = {
      ...retryOptions(new AbortController().signal),
      clock: {
        elapsedMs: () => elapsedMs,
        sleep: async (durationMs: number) => void (elapsedMs += durationMs),
      },
    };
    let attempt = 0;
    const comesBack = async () => {
      attempt += 1;
      if (attempt < 40) throw new TargetAwayError('away');
      return 'done';
    };
    expect(await performWithRetries(comesBack, options)).toMatchObject({ status: 'succeeded', attempts: 40 });

    elapsedMs = 0;
    const staysAway = () => Promise.reject(new TargetAwayError('away'));
    const outcome = await performWithRetries(staysAway, options);
    expect(outcome).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^away \(given up after/),
    });
    expect(elapsedMs).toBeGreaterThan(10_000);
    expect(elapsedMs).toBeLessThan(12_000);
  });

  it('gives up on what gets no further, and not on what does, however often it is cut off', async () => {
    const options = retryOptions(new AbortController().signal);
    let rows = 0;
    let attempt = 0;
    const isCutOff = () => Promise.reject(new Error(`cut off ${(attempt += 1)}`));
    const advancing = async () => {
      rows += 10;
      return rows < 400 ? await isCutOff() : 'done';
    };
    const progress = () => ({ done: rows, total: null, unit: 'rows', note: '' });
    expect(await performWithRetries(advancing, { ...options, progress })).toMatchObject({
      status: 'succeeded',
      attempts: 40,
    });
    attempt = 0;
    expect(await performWithRetries(isCutOff, { ...options, progress })).toMatchObject({
      error: 'cut off 5 (given up after 5 attempts)',
    });
  });

  it('says nothing about work that was aborted, before, during or between its attempts', async () => {
    const before = await performWithRetries(unused, retryOptions(AbortSignal.abort()));
    const during = new AbortController();
    const cut = await performWithRetries(() => {
      during.abort();
      return Promise.resolve('done');
    }, retryOptions(during.signal));
    const between = new AbortController();
    const options = retryOptions(between.signal);
    const left = await performWithRetries(() => Promise.reject(new Error('once')), {
      ...options,
      clock: {
        ...systemClock,
        sleep: () => {
          between.abort();
          return Promise.resolve();
        },
      },
    });
    expect([before, cut, left]).toEqual([undefined, undefined, undefined]);
  });

  it('does not let through what the journal cannot hold', async () => {
    const outcome = await performWithRetries(
      () => Promise.resolve(Number.NaN),
      retryOptions(new AbortController().signal),
    );
    expect(outcome).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('JSON has no number NaN'),
    });
  });
});

describe('a gate that cannot be measured', () => {
  const bound = workPlan(createWorld());
  const errors = bound.gates.get('errors');
  if (!errors) throw new Error('the work plan has a gate errors');
  const watch: GateWatch = { gate: 'errors', watcher: 'guardrail', fromMs: 1_000, toMs: 2_000 };

  async function judge(measure: () => Promise<null>, asked: GateWatch = watch) {
    const type = { ...errors?.type, measure };
    const gates = new Map([['errors', { ...errors, type }]]) as unknown as BoundPlan['gates'];
    const measurer = createGateMeasurer({
      bound: { ...bound, gates },
      metrics,
      clock: systemClock,
      deadlineMs: 30,
    });
    return (await measurer.measure([asked]))[`${asked.gate}@${asked.watcher}`];
  }
  const invalid = { status: 'invalid', value: null, samples: 0, fromMs: 1_000, toMs: 2_000 };

  it('is neither good nor bad, and says why', async () => {
    await expect(judge(() => Promise.reject(new Error('no such metric')))).resolves.toMatchObject({
      ...invalid,
      evidence: 'could not be measured: no such metric',
    });
    await expect(judge(async () => await new Promise(() => undefined))).resolves.toMatchObject({
      ...invalid,
      evidence: 'not measured within 30 ms',
    });
    await expect(judge(unused, { ...watch, gate: 'stranger' })).resolves.toMatchObject({
      ...invalid,
      evidence: 'gate stranger is not in the plan',
    });
  });
});

describe('a lease', () => {
  function leaseFrom(store: Partial<ControlStore>, signal = new AbortController().signal) {
    const problems: string[] = [];
    const taken = takeLease({
      store: store as ControlStore,
      clock: hastyClock,
      holder: 'controller-1',
      ttlMs: 60_000,
      signal,
      onHeld: () => undefined,
      onProblem: (problem) => void problems.push(problem),
    });
    return { taken, problems };
  }

  it('is asked for until the store answers, and each failure is said', async () => {
    let asked = 0;
    const { taken, problems } = leaseFrom({
      takeLease: () => {
        asked += 1;
        return asked < 3
          ? Promise.reject(new Error(`refused ${asked}`))
          : Promise.resolve({ status: 'taken', token: 7 });
      },
      renewLease: () => Promise.resolve(true),
      releaseLease: () => Promise.reject(new Error('connection lost')),
    });
    const lease = await taken;
    expect(lease?.token).toBe(7);
    expect(problems).toEqual([
      'the lease could not be asked for: refused 1',
      'the lease could not be asked for: refused 2',
    ]);
    await lease?.release();
    expect(problems.at(-1)).toBe('the lease could not be given back and runs out by itself: connection lost');
  });

  it('is not waited for when the controller is stopped while the store is away', async () => {
    const stopping = new AbortController();
    const { taken, problems } = leaseFrom(
      {
        takeLease: () => {
          stopping.abort();
          return Promise.reject(new Error('refused'));
        },
      },
      stopping.signal,
    );
    await expect(taken).resolves.toBeUndefined();
    expect(problems).toEqual([]);
  });
});
