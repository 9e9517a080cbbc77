import type { ControllerSnapshot } from '@crossfade/controller';
import { currentPause, planClock, stepOf, type BoundPlan, type RunState } from '@crossfade/engine';
import { describeDurationMs, describeOffset } from '@crossfade/plan';
import pc from 'picocolors';
import { count } from '../count.ts';
import { ms } from '../report/report-markdown.ts';
import type { TrafficFigures } from './traffic.ts';

const barWidth = 28;

/** The few lines under the journal that show where a run stands, redrawn in place. */
export function statusBlock(
  snapshot: ControllerSnapshot,
  bound: BoundPlan,
  traffic: TrafficFigures | undefined,
): string {
  const { run } = snapshot.journal;
  if (!run || snapshot.nowMs === null) return pc.dim(snapshot.waitsFor);
  const clock = planClock(run, bound.plan.calendar.defaultMinuteOfDay);
  const planMs = clock.planMs(snapshot.nowMs);
  return [
    '',
    phaseBar(run, bound),
    `  ${describeOffset(planMs)} · ${describeDurationMs(snapshot.nowMs - run.startedAtMs)} of real time`,
    ...pauseLines(run, snapshot.nowMs),
    ...effectLines(snapshot),
    ...waitingLines(snapshot),
    trafficLine(traffic),
    ...(snapshot.problem ? [pc.red(`! ${snapshot.problem}`)] : []),
  ].join('\n');
}

function phaseBar(run: RunState, bound: BoundPlan): string {
  const steps = [...bound.steps.values()];
  const done = steps.filter(({ step }) => stepOf(run, step.id).status === 'completed').length;
  const filled = Math.round((done / Math.max(1, steps.length)) * barWidth);
  const bar = `${pc.green('━'.repeat(filled))}${pc.dim('━'.repeat(barWidth - filled))}`;
  return `${bar} ${done} of ${steps.length} steps`;
}

function pauseLines(run: RunState, nowMs: number): string[] {
  const pause = currentPause(run);
  if (!pause) return [];
  const forMs = Math.max(0, nowMs - pause.fromMs);
  return [pc.yellow(`‖ paused for ${describeDurationMs(forMs)}: ${pause.reason}. Go on: crossfade resume`)];
}

function effectLines({ effects }: ControllerSnapshot): string[] {
  return effects.map(({ step, kind, progress, lastError }) => {
    if (lastError !== null) return pc.yellow(`! ${step} tries again after: ${lastError}`);
    if (!progress) return `${pc.cyan('▸')} ${step}: ${kind}`;
    const { done, total, unit, note } = progress;
    const share = total && total > 0 ? ` (${Math.min(100, Math.floor((done / total) * 100))} %)` : '';
    return `${pc.cyan('▸')} ${step}: ${count(done)}${total ? ` of ${count(total)}` : ''} ${unit}${share} ${pc.dim(note)}`;
  });
}

function waitingLines({ waiting }: ControllerSnapshot): string[] {
  return Object.entries(waiting)
    .slice(0, 4)
    .map(([step, reason]) => pc.dim(`  ${step} waits: ${reason}`));
}

function trafficLine(traffic: TrafficFigures | undefined): string {
  if (!traffic) return pc.dim('  no measurements from the application');
  const told = [
    `${count(traffic.requests)} requests in the last ${traffic.windowSeconds} s`,
    failedText(traffic.failed),
    `p95 about ${ms(traffic.p95Ms)}`,
  ];
  return `  ${told.join(' · ')}`;
}

function failedText(failed: number | null): string {
  if (failed === null) return pc.dim('failures not counted');
  return failed === 0 ? pc.green('0 failed') : pc.red(`${count(failed)} failed`);
}
