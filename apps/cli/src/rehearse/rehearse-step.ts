import { defaultEffectRetry, performWithRetries, systemClock, systemRandom } from '@crossfade/controller';
import {
  stepsAfter,
  type BoundPlan,
  type BoundStep,
  type Direction,
  type EffectOutcome,
  type Json,
  type JsonObject,
  type PerformContext,
  type Progress,
  type StepMove,
  type StepView,
  type Target,
} from '@crossfade/engine';
import { planTimeOffsetMs } from '@crossfade/plan';

export interface StepWork {
  readonly bound: BoundPlan;
  readonly owner: BoundStep;
  readonly direction: Direction;
  /** What the step has left so far; null when it has not begun. */
  readonly data: Json;
  readonly runId: string;
  readonly target: Target;
  readonly signal: AbortSignal;
}

export type StepEnd =
  | { readonly end: 'done'; readonly summary: string; readonly facts: JsonObject; readonly data: Json }
  | { readonly end: 'failed'; readonly reason: string; readonly data: Json };

const mostMoves = 500;
/** No pace holds a rehearsal up: what it would make of it is computed afterwards. */
const speed = 1e9;
/** The copy is on this machine: if it is away, it does not come back. */
const retry = { ...defaultEffectRetry, awayMs: 2_000 };

/** Lets a step move, forward or back, as engine and controller would, until it is done or has failed. */
export async function rehearseStep(work: StepWork): Promise<StepEnd> {
  const { owner, direction } = work;
  const skipped = { planMs: 0, realMs: 0 };
  const startedAtMs = Date.now();
  let { data } = work;
  let outcome: EffectOutcome | null = null;
  for (let moves = 1; moves <= mostMoves; moves += 1) {
    const view = viewOf(work, { data, outcome, startedAtMs, skipped });
    const move: StepMove = direction === 'forward' ? owner.type.forward(view) : owner.type.undo(view);
    if (move.move === 'done') return { end: 'done', summary: move.summary, facts: move.facts, data };
    if (move.move === 'fail') return { end: 'failed', reason: move.reason, data };
    if (move.move === 'wait' && !skip(move, view, skipped))
      return { end: 'failed', reason: `it would wait without an end: ${move.reason}`, data };
    if (move.move === 'progress') [data, outcome] = [move.data, null];
    if (move.move === 'effect') {
      data = move.data;
      outcome = await perform(work, move, moves);
    }
  }
  return { end: 'failed', reason: `made ${mostMoves} moves without coming to an end`, data };
}

interface Skipped {
  planMs: number;
  realMs: number;
}

/** Time passes at once. False when no time is waited for. */
function skip(move: Extract<StepMove, { move: 'wait' }>, view: StepView<unknown>, skipped: Skipped): boolean {
  if (move.untilMs !== null) skipped.realMs += Math.max(1, move.untilMs - view.nowMs);
  if (move.untilPlanMs !== null) skipped.planMs += Math.max(1, move.untilPlanMs - view.planNowMs);
  return move.untilMs !== null || move.untilPlanMs !== null;
}

async function perform(
  work: StepWork,
  move: Extract<StepMove, { move: 'effect' }>,
  count: number,
): Promise<EffectOutcome> {
  const { owner, runId, direction, signal } = work;
  const { id, config } = owner.step;
  const key = `${runId}/${id}/${direction}/${count}`;
  let progress: Progress | null = null;
  const context = contextOf(work, (told) => (progress = told));
  const call = { key, kind: move.kind, input: move.input, config };
  const outcome = await performWithRetries(async () => await owner.type.perform(call, context), {
    retry,
    clock: systemClock,
    random: systemRandom,
    signal,
    onFailedAttempt: () => undefined,
    progress: () => progress,
  });
  if (!outcome) {
    signal.throwIfAborted();
    throw new Error(`step ${id} did not say how it went`);
  }
  return outcome;
}

const absent = (what: string) => () => Promise.reject(new Error(`a rehearsal has no ${what}`));

function contextOf(work: StepWork, report: (progress: Progress) => void): PerformContext {
  const { bound, owner, runId, target, signal } = work;
  return {
    runId,
    planName: bound.plan.name,
    stepId: owner.step.id,
    laterSteps: stepsAfter(bound, owner.step.id),
    token: 1,
    signal,
    speed,
    files: bound.files,
    segments: bound.plan.segments,
    target,
    store: { addSegmentMembers: absent('people') },
    metrics: {
      counterIncrease: absent('application'),
      histogramIncrease: absent('application'),
      ask: absent('application'),
    },
    notifier: { send: absent('people to tell') },
    clock: systemClock,
    random: systemRandom,
    report,
  };
}

interface Moment {
  readonly data: Json;
  readonly outcome: EffectOutcome | null;
  readonly startedAtMs: number;
  readonly skipped: Skipped;
}

const week1IsoDate = '2026-01-05';

function viewOf(
  { bound, owner }: StepWork,
  { data, outcome, startedAtMs, skipped }: Moment,
): StepView<unknown> {
  const { plan } = bound;
  const anchor = { week1IsoDate, defaultMinuteOfDay: plan.calendar.defaultMinuteOfDay };
  const declared = Object.entries(plan.parameters);
  return {
    stepId: owner.step.id,
    config: owner.step.config,
    data,
    outcome,
    nowMs: Date.now() + skipped.realMs,
    startedAtMs,
    planNowMs: skipped.planMs,
    speed,
    waitIsWaived: true,
    pausedMsSince: () => 0,
    ledSinceMs: startedAtMs,
    planTimeMs: (time) => planTimeOffsetMs(time, anchor),
    group: (id) => {
      const group = plan.groups[id];
      if (!group) throw new Error(`no group ${id}`);
      return group;
    },
    verdict: () => undefined,
    failingSinceMs: () => null,
    killedFlags: [],
    exposures: {},
    parameters: Object.fromEntries(declared.map(([key, parameter]) => [key, parameter.default])),
  };
}
