import {
  planClock,
  type BoundPlan,
  type JournalEntry,
  type JournalState,
  type RunState,
} from '@crossfade/engine';
import { describeDurationMs, describeOffset } from '@crossfade/plan';
import pc from 'picocolors';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { exposureSentence } from '../exposure-sentence.ts';
import { needsLeader, nobodyLeads, readLeader, type Leader } from '../leadership.ts';
import { columns } from '../columns.ts';
import type { Output } from '../output.ts';
import { isToBeTakenBack } from '../to-be-taken-back.ts';
import { stepRows } from '../step-rows.ts';
import type { Command } from 'commander';
import { pausedBy, type PausedBy } from '../paused-by.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const statusCommand: CrossfadeCommand<StatusOptions> = {
  name: 'status',
  about: 'Say where the newest run stands, who is affected, and what it waits for',
  needsDatabase: true,
  declare,
  execute,
};

interface StatusOptions extends DatabaseOptions {
  readonly steps?: boolean;
}

function declare(command: Command): void {
  command.option('--steps', 'every step, also of phases that are done or to come');
}

async function execute(output: Output, options: StatusOptions): Promise<ExitCode> {
  return withStore(options, async (store) => {
    const { journal, entries } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    if (!bound || !journal.run) {
      output.data({ run: null });
      output.result('No plan has been run on this database yet. Start one: crossfade run <plan>');
      return exitCodes.ok;
    }
    const nowMs = await store.now();
    const leader = await readLeader(store, entries);
    const pause = pausedBy(journal, entries);
    const { killedFlags, flagsRevision } = journal;
    output.data({ run: journal.run, killedFlags, flagsRevision, nowMs, leader, pause });
    const askedBy = rollbackAskedBy(journal.run, entries);
    const view = { bound, journal, run: journal.run, nowMs, leader, pause, askedBy };
    for (const line of headLines(view)) output.result(line);
    const { rows, shortened } = stepRows({ bound, journal, run: journal.run, nowMs }, options.steps ?? false);
    for (const row of columns(rows)) output.result(row);
    if (shortened) output.line(pc.dim('Every step: crossfade status --steps'));
    return exitCodes.ok;
  });
}

interface StatusView {
  readonly bound: BoundPlan;
  readonly journal: JournalState;
  readonly run: RunState;
  readonly nowMs: number;
  readonly leader: Leader | null;
  readonly pause: PausedBy | null;
  /** Who asked for the roll-back; undefined when it was a gate that did. */
  readonly askedBy: string | undefined;
}

function rollbackAskedBy(
  { runId, rollback }: RunState,
  entries: readonly JournalEntry[],
): string | undefined {
  const asked = entries.find(
    (entry) =>
      entry.runId === runId &&
      entry.event.type === 'rollback.requested' &&
      entry.event.reason === rollback?.reason,
  );
  return asked?.actor;
}

const words: Readonly<Record<RunState['status'], string>> = {
  running: 'is running',
  completed: 'is completed',
  rolling_back: 'is being taken back',
  rolled_back: 'was taken back; everything is as before',
  rollback_failed: 'could not be taken back whole: mend what it says, then "crossfade rollback" again',
};

function standing({ run, pause }: StatusView): string {
  if (pause) return 'is paused';
  if (!isToBeTakenBack(run)) return words[run.status];
  if (run.status === 'rollback_failed') return 'could not be taken back whole, and was asked to be once more';
  return `${run.status === 'completed' ? 'is completed, and ' : ''}was asked to be taken back`;
}

function rollbackLines({ run, askedBy }: StatusView): string[] {
  const { rollback, status } = run;
  if (!rollback) return [];
  const by = askedBy === undefined ? '' : ` by ${askedBy}`;
  const asked = askedBy === undefined ? 'Being taken back' : 'Asked to be taken back';
  const failure = rollback.failure === null ? [] : [pc.red(`Stopped at ${rollback.failure}`)];
  return [`${status === 'rolled_back' ? 'Taken back' : asked}${by} because: ${rollback.reason}`, ...failure];
}

function headLines(view: StatusView): string[] {
  const { bound, journal, run, nowMs, pause } = view;
  const clock = planClock(run, bound.plan.calendar.defaultMinuteOfDay);
  const endMs = run.finishedAtMs ?? nowMs;
  const took = describeDurationMs(Math.max(0, endMs - run.startedAtMs));
  const speed = run.start.speed.toLocaleString('en-US', { maximumFractionDigits: 3 });
  const ended =
    run.finishedAtMs === null
      ? ''
      : `; it ended ${describeDurationMs(Math.max(0, nowMs - run.finishedAtMs))} ago`;
  return [
    pc.bold(`${bound.plan.title} ${standing(view)}.`),
    `Plan time ${describeOffset(clock.planMs(endMs))}, ${took} of real time at speed ${speed}${ended}. Run ${run.runId}.`,
    ...(pause ? pauseLines(pause, nowMs) : []),
    exposureSentence(bound, journal),
    ...(journal.killedFlags.length > 0
      ? [pc.yellow(`Switched off by an operator: ${journal.killedFlags.join(', ')}.`)]
      : []),
    ...rollbackLines(view),
    ...leaderLines(view),
    '',
  ];
}

function pauseLines({ by, reason, sinceMs }: PausedBy, nowMs: number): string[] {
  return [
    pc.yellow(`Paused for ${describeDurationMs(Math.max(0, nowMs - sinceMs))} by ${by}: ${reason}.`),
    'Nothing begins and nothing is promoted. The calendar goes on; time in which stages are watched does not. Go on: crossfade resume',
  ];
}

/** Only of a run that somebody ought to lead. */
function leaderLines({ run, leader, nowMs }: StatusView): string[] {
  if (!needsLeader(run)) return [];
  if (!leader) return [pc.yellow(nobodyLeads(run))];
  const { holder, sinceMs, leaseExpiresInMs } = leader;
  const since = sinceMs === null ? '' : ` for ${describeDurationMs(Math.max(0, nowMs - sinceMs))}`;
  const seconds = (leaseExpiresInMs / 1_000).toFixed(1);
  return [`Carried out by ${holder}${since}; its lease runs out in ${seconds} s unless it is renewed.`];
}
