import {
  currentPause,
  stepsAfter,
  type BoundPlan,
  type EffectOutcome,
  type Json,
  type PendingEffect,
  type PerformContext,
  type Progress,
  type RunState,
} from '@crossfade/engine';
import { heedingPorts } from './heeding-ports.ts';
import { performWithRetries, type EffectRetry } from './perform-with-retries.ts';
import { late, withinMs } from './within-ms.ts';

/** An effect at work, for people. */
export interface EffectReport {
  readonly step: string;
  readonly key: string;
  readonly kind: string;
  readonly progress: Progress | null;
  readonly failedAttempts: number;
  readonly lastError: string | null;
  /** Told to end, and still ending. */
  readonly aborting: boolean;
}

export interface EffectRunner {
  /**
   * Starts what the run's state has pending and aborts what it has not (any more). In a pause nothing starts, and work that
   * can stop does.
   */
  sync(run: RunState): void;
  /** Finished effects that the state still has pending: to be journalled. */
  results(): readonly { readonly key: string; readonly outcome: EffectOutcome }[];
  reports(): readonly EffectReport[];
  /** Tells everything to end. */
  abortAll(): void;
  /** Aborts everything and waits for it to end, within bounds. Returns the steps whose work is still letting go then. */
  stop(): Promise<readonly string[]>;
}

interface EffectRunnerOptions {
  readonly bound: BoundPlan;
  readonly token: number;
  readonly ports: Pick<PerformContext, 'target' | 'store' | 'metrics' | 'notifier' | 'clock' | 'random'>;
  readonly retry: EffectRetry;
  /** An effect has ended, one way or the other. */
  readonly onEnd: () => void;
}

interface ActiveEffect {
  readonly step: string;
  readonly effect: PendingEffect;
  readonly abort: AbortController;
  progress: Progress | null;
  failedAttempts: number;
  lastError: string | null;
  outcome: EffectOutcome | null;
  ended: Promise<void>;
}

/** Work that does not heed its signal must not keep a controller from ending. */
const stopLimitMs = 2_500;

export function createEffectRunner(options: EffectRunnerOptions): EffectRunner {
  const { bound } = options;
  /** By step: its effects never overlap, an aborted one has its place until it has ended. */
  const active = new Map<string, ActiveEffect>();

  function sync(run: RunState): void {
    const pending = pendingEffects(run);
    const isPaused = currentPause(run) !== null;
    for (const [step, { effect, abort, outcome }] of active) {
      if (pending.get(step)?.key === effect.key) {
        if (isPaused && !outcome && bound.steps.get(step)?.type.stopsWhenPaused) abort.abort();
      } else if (outcome) active.delete(step);
      else abort.abort();
    }
    // What is pending stays so in the journal, and is performed (again) when the run goes on.
    if (isPaused) return;
    const isEnding = [...active.values()].some(({ abort }) => abort.signal.aborted);
    for (const [step, effect] of pending) {
      // What is still letting go of forward work must not meet the undoing of what that work stands on.
      if (active.has(step) || (isEnding && effect.direction === 'undo')) continue;
      active.set(step, start(run, step, effect));
    }
  }

  function start(run: RunState, step: string, effect: PendingEffect): ActiveEffect {
    const started: ActiveEffect = {
      step,
      effect,
      abort: new AbortController(),
      progress: null,
      failedAttempts: 0,
      lastError: null,
      outcome: null,
      ended: Promise.resolve(),
    };
    started.ended = finish(run, started);
    return started;
  }

  async function finish(run: RunState, started: ActiveEffect): Promise<void> {
    const outcome = await performWithRetries(async () => await perform(options, run, started), {
      retry: options.retry,
      clock: options.ports.clock,
      random: options.ports.random,
      signal: started.abort.signal,
      onFailedAttempt: (attempt, message) => {
        started.failedAttempts = attempt;
        started.lastError = message;
      },
      progress: () => started.progress,
    });
    if (outcome) started.outcome = outcome;
    else active.delete(started.step);
    options.onEnd();
  }

  function abortAll(): void {
    for (const { abort } of active.values()) abort.abort();
  }

  return {
    sync,
    results: () =>
      [...active.values()].flatMap(({ effect, outcome }) => (outcome ? [{ key: effect.key, outcome }] : [])),
    reports: () => [...active.values()].filter(({ outcome }) => !outcome).map(reportOf),
    abortAll,
    async stop() {
      abortAll();
      const ended = Promise.all([...active.values()].map(async (effect) => await effect.ended));
      const inTime = (await withinMs(options.ports.clock, stopLimitMs, ended)) !== late;
      return inTime ? [] : [...active.values()].filter(({ outcome }) => !outcome).map(({ step }) => step);
    },
  };
}

function pendingEffects(run: RunState): ReadonlyMap<string, PendingEffect> {
  const steps = Object.entries(run.steps);
  return new Map(steps.flatMap(([id, { pendingEffect }]) => (pendingEffect ? [[id, pendingEffect]] : [])));
}

async function perform(options: EffectRunnerOptions, run: RunState, started: ActiveEffect): Promise<Json> {
  const { bound, token, ports } = options;
  const { step, effect, abort } = started;
  const owner = bound.steps.get(step);
  if (!owner) throw new Error(`the journal has an effect of step ${step}, which the plan does not have`);
  const { config } = owner.step;
  const { key, kind, input } = effect;
  const report = (progress: Progress) => (started.progress = progress);
  return await owner.type.perform(
    { key, kind, input, config },
    {
      ...ports,
      ...heedingPorts(ports, ports.clock, abort.signal),
      runId: run.runId,
      planName: bound.plan.name,
      stepId: step,
      laterSteps: stepsAfter(bound, step),
      token,
      signal: abort.signal,
      speed: run.start.speed,
      files: bound.files,
      segments: bound.plan.segments,
      report,
    },
  );
}

function reportOf({ step, effect, abort, progress, failedAttempts, lastError }: ActiveEffect): EffectReport {
  const { key, kind } = effect;
  return { step, key, kind, progress, failedAttempts, lastError, aborting: abort.signal.aborted };
}
