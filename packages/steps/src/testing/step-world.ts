import type { Group, PlanTime, Segment, Step } from '@crossfade/plan';
import { planTimeOffsetMs } from '@crossfade/plan';
import type {
  Audience,
  EffectOutcome,
  Json,
  PerformContext,
  PlanFiles,
  Progress,
  StepView,
  Target,
  Verdict,
} from '@crossfade/engine';
import {
  createFakeMetrics,
  createFakeNotifier,
  createFakeSegmentStore,
  createTestClock,
  createTestRandom,
} from './fakes.ts';

export interface WorldOptions {
  readonly target?: Target;
  readonly files?: PlanFiles;
  readonly segments?: Readonly<Record<string, Segment>>;
  readonly groups?: Readonly<Record<string, Group>>;
  readonly runId?: string;
  readonly stepId?: string;
  readonly planName?: string;
  readonly laterSteps?: readonly Step[];
  readonly speed?: number;
  /** Nobody waits longer than this, whatever the step asks for. */
  readonly longestSleepMs?: number;
}

const anchor = { week1IsoDate: '2026-01-05', defaultMinuteOfDay: 540 };
const noTarget: Target = {
  withConnection: () => Promise.reject(new Error('this test has no target database')),
};

/** All that a step can see and touch, with time that passes only when it waits. */
export class StepWorld {
  readonly stepId: string;
  readonly planName: string;
  runId: string;
  token = 1;
  nowMs = 1_000_000;
  planNowMs = 0;
  readonly speed: number;
  readonly metrics = createFakeMetrics();
  readonly notifier = createFakeNotifier();
  readonly store = createFakeSegmentStore();
  readonly clock: ReturnType<typeof createTestClock>;
  readonly random = createTestRandom();
  readonly progress: Progress[] = [];
  /** What the gates say; nothing has been measured unless a test says otherwise. */
  judge: (gate: string) => Verdict | undefined = () => undefined;
  killedFlags: readonly string[] = [];
  /** Since when a gate that fails has done so. */
  failingSinceMs: number | null = null;
  /** Real time since any moment asked about that the run was paused. */
  pausedMs = 0;
  waitIsWaived = false;
  ledSinceMs = 0;
  exposures: Record<string, readonly Audience[]> = {};
  parameters: Record<string, number> = {};
  target: Target;
  readonly #options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.clock = createTestClock(options.longestSleepMs);
    this.target = options.target ?? noTarget;
    this.stepId = options.stepId ?? 'step';
    this.planName = options.planName ?? 'a-plan';
    this.runId = options.runId ?? 'run-1';
    this.speed = options.speed ?? 1_000;
  }

  passRealTime(durationMs: number): void {
    this.nowMs += durationMs;
    this.planNowMs += durationMs * this.speed;
  }

  view<Config>(
    config: Config,
    data: Json,
    outcome: EffectOutcome | null,
    startedAtMs = this.nowMs,
  ): StepView<Config> {
    return {
      stepId: this.stepId,
      config,
      data,
      outcome,
      nowMs: this.nowMs,
      startedAtMs,
      planNowMs: this.planNowMs,
      speed: this.speed,
      waitIsWaived: this.waitIsWaived,
      pausedMsSince: () => this.pausedMs,
      ledSinceMs: this.ledSinceMs,
      planTimeMs: (time: PlanTime) => planTimeOffsetMs(time, anchor),
      group: (id) => {
        const group = this.#options.groups?.[id];
        if (!group) throw new Error(`no group ${id}`);
        return group;
      },
      verdict: (gate) => this.judge(gate),
      failingSinceMs: () => this.failingSinceMs,
      killedFlags: this.killedFlags,
      exposures: this.exposures,
      parameters: this.parameters,
    };
  }

  context(signal: AbortSignal = new AbortController().signal): PerformContext {
    return {
      runId: this.runId,
      planName: this.planName,
      stepId: this.stepId,
      laterSteps: this.#options.laterSteps ?? [],
      token: this.token,
      signal,
      speed: this.speed,
      files: this.#options.files ?? {},
      segments: this.#options.segments ?? {},
      target: this.target,
      store: this.store,
      metrics: this.metrics,
      notifier: this.notifier,
      clock: this.clock,
      random: this.random,
      report: (progress) => this.progress.push(progress),
    };
  }
}
