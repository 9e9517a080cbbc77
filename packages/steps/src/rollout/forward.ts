import type { StepMove, StepView } from '@crossfade/engine';
import { describeDurationMs, describeOffset } from '@crossfade/plan';
import { gateProgress, patienceEndsMs } from '../gate-progress.ts';
import { countOf } from '../text.ts';
import { z } from 'zod';
import type { RolloutConfig, RolloutStage } from './config.ts';
import { joinAudience } from './join-audience.ts';
import { audienceOf } from './rollout-stages.ts';
import { readRolloutState, type RolloutState } from './rollout-state.ts';

type View = StepView<RolloutConfig>;

const admissionSchema = z.object({ size: z.number().optional(), refused: z.string().optional() });
/** A segment that costs too much may cost less once a table was analysed, or an index has been built. */
const askAgainMs = 60_000;

export function forwardRollout(view: View): StepMove {
  const state = readRolloutState(view.data);
  const killed = view.config.flags.filter((flag) => view.killedFlags.includes(flag));
  if (killed.length > 0) {
    const verb = killed.length === 1 ? 'is' : 'are';
    return waitFor(`held: ${killed.join(', ')} ${verb} switched off by an operator`);
  }
  const stage = view.config.stages[state.stage];
  if (!stage) return allPassed(state);
  switch (state.status) {
    case 'before':
      return enterStage(view, state, stage);
    case 'admitting':
      return openAfterAdmission(view, state, stage);
    case 'open':
      return watchStage(view, state, stage);
    case 'undone':
      return { move: 'fail', reason: 'the rollout was taken back and cannot go on' };
  }
}

function enterStage(view: View, state: RolloutState, stage: RolloutStage): StepMove {
  const group = view.group(stage.group);
  const at = stage.at ?? group.at;
  if (at !== null && view.planNowMs < view.planTimeMs(at) && !view.waitIsWaived) {
    const untilPlanMs = view.planTimeMs(at);
    return waitFor(`${stage.group} opens at ${describeOffset(untilPlanMs)}`, { untilPlanMs });
  }
  if (group.segment === null) return openStage(view, state, stage, '');
  return {
    move: 'effect',
    kind: 'admit',
    input: { segment: group.segment },
    data: { ...state, status: 'admitting', askedAtMs: view.nowMs },
    note: `looks who belongs to ${group.segment}`,
  };
}

function openAfterAdmission(view: View, state: RolloutState, stage: RolloutStage): StepMove {
  const { outcome } = view;
  if (!outcome) return enterStage(view, { ...state, status: 'before' }, stage);
  if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
  const { size, refused } = admissionSchema.parse(outcome.result ?? {});
  if (refused !== undefined) {
    const againMs = (state.askedAtMs ?? 0) + askAgainMs;
    if (view.nowMs >= againMs) return enterStage(view, { ...state, status: 'before' }, stage);
    return waitFor(`held: ${refused}`, { untilMs: againMs });
  }
  return openStage(view, state, stage, size === undefined ? '' : ` (${countOf(size, 'member')})`);
}

function openStage(view: View, state: RolloutState, stage: RolloutStage, size: string): StepMove {
  const audience = audienceOf(view.group(stage.group), stage);
  const { segment, percentage, holdBack = 0 } = audience;
  const heldBack = holdBack > 0 ? `, ${holdBack} % held back` : '';
  const whom = `${percentage} % of ${segment ?? 'everybody'}${size}${heldBack}`;
  return {
    move: 'progress',
    data: { ...state, status: 'open', enteredAtMs: view.nowMs, enteredPlanMs: view.planNowMs, heldFor: null },
    note: `${stage.group}: ${view.config.flags.join(', ')} on for ${whom}`,
    changes: view.config.flags.map((flag) => ({
      change: 'exposure',
      flag,
      audiences: joinAudience(view.exposures[flag] ?? [], audience),
    })),
  };
}

function watchStage(view: View, state: RolloutState, stage: RolloutStage): StepMove {
  const { failed, open } = gateProgress(view, stage.gates, state.enteredAtMs, view.config.breach_after);
  if (failed) {
    return { move: 'fail', reason: `${stage.group}: gate ${failed.gate} failed: ${failed.verdict.evidence}` };
  }
  const bakedPlanMs = state.enteredPlanMs + stage.bake + view.pausedMsSince(state.enteredAtMs) * view.speed;
  if (view.planNowMs < bakedPlanMs && !view.waitIsWaived) {
    return waitFor(`${stage.group} bakes until ${describeOffset(bakedPlanMs)}`, { untilPlanMs: bakedPlanMs });
  }
  if (open.length > 0) return undecided(view, state, stage, open.join('; '));
  const { percentage } = audienceOf(view.group(stage.group), stage);
  const passed = { group: stage.group, percentage, enteredAtMs: state.enteredAtMs, passedAtMs: view.nowMs };
  return {
    move: 'progress',
    data: {
      ...state,
      stage: state.stage + 1,
      status: 'before',
      heldFor: null,
      passed: [...state.passed, passed],
    },
    note: `${stage.group} at ${percentage} % has passed`,
    changes: [],
  };
}

function undecided(view: View, state: RolloutState, stage: RolloutStage, why: string): StepMove {
  const { patience, on_inconclusive } = view.config;
  const sinceMs = state.enteredAtMs;
  const wantedMs = sinceMs + stage.bake / view.speed;
  const endsMs = patienceEndsMs(view, { wantedMs, sinceMs, patienceMs: patience });
  if (view.nowMs < endsMs) return waitFor(`${stage.group}: ${why}`, { untilMs: Math.ceil(endsMs) });
  const reason = `${stage.group}: undecided for ${describeDurationMs(patience)} after it had baked: ${why}`;
  if (on_inconclusive === 'roll_back') return { move: 'fail', reason };
  // Said once, as it was when patience ended, and not anew with every measurement.
  if (state.heldFor === null) {
    return { move: 'progress', data: { ...state, heldFor: reason }, note: `held: ${reason}`, changes: [] };
  }
  return waitFor(`held: ${state.heldFor}`);
}

function allPassed(state: RolloutState): StepMove {
  const last = state.passed.at(-1);
  const summary = last
    ? `${countOf(state.passed.length, 'stage')} passed, the last ${last.group} at ${last.percentage} %`
    : 'no stage';
  return { move: 'done', summary, facts: { stages: state.passed } };
}

function waitFor(reason: string, until: { untilMs?: number; untilPlanMs?: number } = {}): StepMove {
  return { move: 'wait', reason, untilMs: until.untilMs ?? null, untilPlanMs: until.untilPlanMs ?? null };
}
