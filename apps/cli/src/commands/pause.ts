import { currentPause, type RunState } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import type { Command } from 'commander';
import pc from 'picocolors';
import { commandToRun, type CommandAnswer } from '../command-to-run.ts';
import type { DatabaseOptions } from '../control.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { exposureSentence } from '../exposure-sentence.ts';
import { pausedBy } from '../paused-by.ts';
import type { Output } from '../output.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const pauseCommand: CrossfadeCommand<PauseOptions> = {
  name: 'pause',
  about: 'Hold the run: begin and promote nothing more; people keep what they have',
  needsDatabase: true,
  declare,
  execute,
};

interface PauseOptions extends DatabaseOptions {
  readonly reason: string;
}

function declare(command: Command): void {
  command.option('--reason <text>', 'why; journalled', 'crossfade pause').addHelpText(
    'after',
    `
Nothing new begins and no stage is promoted until "crossfade resume". A backfill
stops after the batch it is at; work that cannot stop in its middle, such as an
index build, is let finish. Flags stay as they are. Guardrails keep watching,
and a roll-back works as ever, by them or by you. A pause outlives controllers:
it is in the journal.

Dates of the calendar do not wait. Time in which a stage is watched (bake,
patience, what its gates measure) does: none of it counts while paused.`,
  );
}

async function execute(output: Output, options: PauseOptions): Promise<ExitCode> {
  const answer = await commandToRun(options, 'pause', ({ run }) =>
    currentPause(run) ? undefined : { type: 'run.paused', reason: options.reason },
  );
  const { changed, run, journal, entries, leader } = answer;
  const pause = pausedBy(journal, entries);
  output.data({ runId: run.runId, status: run.status, paused: pause !== null, changed, pause, leader });
  const name = `Run ${run.runId} of ${run.start.plan}`;
  if (changed) output.result(`${pc.green('✔')} ${name} is paused: ${options.reason}.`);
  else if (pause) {
    const forMs = answer.nowMs - pause.sinceMs;
    output.result(
      `${name} is paused already, for ${describeDurationMs(forMs)} by ${pause.by}: ${pause.reason}. Nothing was changed.`,
    );
  }
  for (const line of whatHolds(answer)) output.line(`  ${line}`, 0);
  return exitCodes.ok;
}

function whatHolds({ run, bound, journal, leader }: CommandAnswer): string[] {
  const guards = bound.plan.guardrails;
  const watched =
    guards.length === 0
      ? 'This plan has no guardrails: nobody watches.'
      : `Guardrails: ${guards.join(', ')}.`;
  return [
    exposureSentence(bound, journal),
    leader
      ? `${watched} ${atWork(run, bound)}`
      : pc.yellow('Nobody carries this run out now, so no guardrail watches either.'),
    'Go on: crossfade resume. Take it back: crossfade rollback.',
  ];
}

function atWork(run: RunState, bound: CommandAnswer['bound']): string {
  const told = Object.entries(run.steps).flatMap(([id, { pendingEffect }]) => {
    if (!pendingEffect) return [];
    const stops = bound.steps.get(id)?.type.stopsWhenPaused ?? false;
    return `${id} ${stops ? 'stops now' : 'is let finish'}`;
  });
  return told.length === 0 ? 'Nothing is at work.' : `At work: ${told.join('; ')}.`;
}
