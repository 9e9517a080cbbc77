import { planClock, stepOf, type BoundPlan, type JournalState, type RunState } from '@crossfade/engine';
import { describeDurationMs, describeOffset } from '@crossfade/plan';
import { flagPlanOf } from '@crossfade/controller';
import type { Command } from 'commander';
import pc from 'picocolors';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { columns, type Output } from '../output.ts';
import { audienceText } from '../audience-text.ts';

export const about = 'Say where the newest run stands, who is affected, and what it waits for';

export function declare(_command: Command): void {
  // No arguments of its own.
}

export async function execute(output: Output, options: DatabaseOptions): Promise<ExitCode> {
  return withStore(options, async (store) => {
    const { journal } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    if (!bound || !journal.run) {
      output.data({ run: null });
      output.line('No plan has been run on this database yet. Start one: crossfade run <plan>');
      return exitCodes.ok;
    }
    const nowMs = await store.now();
    output.data({
      run: journal.run,
      killedFlags: journal.killedFlags,
      flagsRevision: journal.flagsRevision,
      nowMs,
    });
    for (const line of statusLines(bound, journal, journal.run, nowMs)) output.line(line);
    return exitCodes.ok;
  });
}

const words: Readonly<Record<RunState['status'], string>> = {
  running: 'is running',
  completed: 'is completed',
  rolling_back: 'is being taken back',
  rolled_back: 'was taken back; everything is as before',
  rollback_failed: 'could not be taken back whole: mend what it says, then "crossfade rollback" again',
};

function statusLines(bound: BoundPlan, journal: JournalState, run: RunState, nowMs: number): string[] {
  const clock = planClock(run, bound.plan.calendar.defaultMinuteOfDay);
  const endMs = run.finishedAtMs ?? nowMs;
  const since = describeDurationMs(Math.max(0, endMs - run.startedAtMs));
  return [
    pc.bold(`${bound.plan.title} ${words[run.status]}.`),
    `Plan time ${describeOffset(clock.planMs(endMs))}; ${since} of real time at speed ${run.start.speed}. Run ${run.runId}.`,
    exposureSentence(bound, journal),
    ...(run.rollback ? [`Taken back because: ${run.rollback.reason}`] : []),
    ...(run.rollback?.failure ? [pc.red(`Stopped at ${run.rollback.failure}`)] : []),
    '',
    ...columns(stepRows(bound, run)),
  ];
}

function exposureSentence(bound: BoundPlan, journal: JournalState): string {
  const shown = flagPlanOf(bound.plan, journal)
    .flags.filter(({ killed, audiences }) => !killed && audiences.length > 0)
    .map(({ key, audiences }) => `${key}: ${audienceText(audiences)}`);
  return shown.length === 0 ? 'Nobody sees anything new.' : `On now: ${shown.join('; ')}.`;
}

const marks: Readonly<Record<string, string>> = {
  pending: '○',
  running: '▸',
  completed: '✔',
  failed: '✘',
  undoing: '↩',
  undone: '↩',
};

function stepRows(bound: BoundPlan, run: RunState): string[][] {
  return [...bound.steps.values()].map(({ step, phase }) => {
    const state = stepOf(run, step.id);
    const told = state.waitingFor ? `waits: ${state.waitingFor}` : (state.summary ?? '');
    return [`${marks[state.status] ?? '?'} ${state.status}`, phase, step.id, told];
  });
}
