import { randomUUID } from 'node:crypto';
import type { BoundPlan, ControlStore, JournalState, RunStarted } from '@crossfade/engine';
import { planTimeOffsetMs, type Plan } from '@crossfade/plan';
import { loadJournal } from './control.ts';
import { Refusal } from './exit-codes.ts';
import { operatorName } from './operator.ts';
import { isToBeTakenBack } from './to-be-taken-back.ts';

const dayMs = 86_400_000;

export type StartAnswer =
  /** A resumed run keeps the speed that it was started with. */
  | { readonly status: 'started' | 'resumed'; readonly runId: string; readonly speed: number }
  /** This very plan is done already. */
  | { readonly status: 'already-completed'; readonly runId: string }
  /** This very plan was tried, and taken back. */
  | { readonly status: 'taken-back'; readonly runId: string; readonly reason: string };

/**
 * Starts a run of a plan, or finds the one to take up again. Two callers at once start one run. A plan that was taken back is
 * not begun anew by itself, for whoever supervises `crossfade run` starts it again whenever it has ended.
 * @param again the run after whose roll-back a new one may begin: said twice, it begins one run.
 * @throws Refusal when another run is unfinished: one with other files, or one whose roll-back stopped.
 */
export async function startRun(
  store: ControlStore,
  bound: BoundPlan,
  speed: number,
  again?: string,
): Promise<StartAnswer> {
  for (let tries = 0; tries < 10; tries += 1) {
    const { journal } = await loadJournal(store);
    const known = answerFor(journal, bound, again);
    if (known) return known;
    await store.savePlan(bound.digest, bound.files);
    const runId = randomUUID();
    const event = runStarted(bound, speed, await store.now());
    const answer = await store.append({
      entries: [{ runId, actor: operatorName(), event }],
      expectedSeq: journal.headSeq,
      token: null,
      flagDocument: null,
    });
    if (answer.status === 'appended') return { status: 'started', runId, speed };
  }
  throw new Error(
    'the journal kept growing while the run was to be started: somebody else is giving commands; try again',
  );
}

function answerFor(
  { run }: JournalState,
  bound: BoundPlan,
  again: string | undefined,
): StartAnswer | undefined {
  if (!run) return undefined;
  const same = run.start.planDigest === bound.digest;
  if (run.status === 'rolled_back') {
    if (!same || run.runId === again) return undefined;
    return { status: 'taken-back', runId: run.runId, reason: run.rollback?.reason ?? '' };
  }
  if (run.status === 'completed' && isToBeTakenBack(run)) {
    throw new Refusal(
      `run ${run.runId} was asked to be taken back, and was not yet: finish that first with "crossfade rollback"`,
    );
  }
  if (run.status === 'completed') return same ? { status: 'already-completed', runId: run.runId } : undefined;
  if (run.status === 'rollback_failed') {
    throw new Refusal(
      `run ${run.runId} was being taken back and stopped (${run.rollback?.failure ?? ''}): finish that first with "crossfade rollback"`,
    );
  }
  if (same) return { status: 'resumed', runId: run.runId, speed: run.start.speed };
  if (run.start.plan !== bound.plan.name) {
    throw new Refusal(
      `run ${run.runId} of ${run.start.plan} is unfinished, and one plan is carried out at a time: finish that one first, or ` +
        'take it back with "crossfade rollback"',
    );
  }
  throw new Refusal(
    `the plan was edited since its run started: the run is pinned to ${run.start.planDigest.slice(0, 12)}, the files now give ` +
      `${bound.digest.slice(0, 12)}. Put the files back to go on, or take the run back first with "crossfade rollback".`,
  );
}

/**
 * Where plan time begins. In real time, weekdays are the real ones: week 1 is this week, or the next one when a run starts at a
 * weekend. Compressed, the run begins at the plan's own start (`calendar.start`) in a week 1 that is dated the same way.
 */
export function runStarted(bound: BoundPlan, speed: number, nowMs: number): RunStarted {
  const { plan } = bound;
  const weekday = (new Date(nowMs).getUTCDay() + 6) % 7;
  const midnightMs = nowMs - (nowMs % dayMs);
  const mondayMs = midnightMs + (weekday >= 5 ? 7 - weekday : -weekday) * dayMs;
  const week1IsoDate = new Date(mondayMs).toISOString().slice(0, 10);
  const planStartOffsetMs = speed === 1 ? nowMs - mondayMs : calendarStartMs(plan, week1IsoDate);
  return {
    type: 'run.started',
    plan: plan.name,
    planDigest: bound.digest,
    speed,
    week1IsoDate,
    planStartOffsetMs,
  };
}

function calendarStartMs(plan: Plan, week1IsoDate: string): number {
  const { start, defaultMinuteOfDay } = plan.calendar;
  return planTimeOffsetMs(start, { week1IsoDate, defaultMinuteOfDay });
}
