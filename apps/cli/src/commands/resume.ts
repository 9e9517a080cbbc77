import { currentPause } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { commandToRun } from '../command-to-run.ts';
import type { DatabaseOptions } from '../control.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { nobodyLeads } from '../leadership.ts';
import type { Output } from '../output.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const resumeCommand: CrossfadeCommand<ResumeOptions> = {
  name: 'resume',
  about: 'Let a paused run go on; gates must pass on what is measured from now on',
  needsDatabase: true,
  declare,
  execute,
};

interface ResumeOptions extends DatabaseOptions {
  readonly reason: string;
}

function declare(command: Command): void {
  command.option('--reason <text>', 'why; journalled', 'crossfade resume').addHelpText(
    'after',
    `
What was cut off goes on where it was. Dates that came in the pause are due now.
A stage that was being watched is watched for what was left of its time, and its
gates must pass on measurements from after this command.`,
  );
}

async function execute(output: Output, options: ResumeOptions): Promise<ExitCode> {
  const answer = await commandToRun(options, 'resume', ({ run }) =>
    currentPause(run) ? { type: 'run.resumed', reason: options.reason } : undefined,
  );
  const { changed, run, leader } = answer;
  output.data({ runId: run.runId, status: run.status, paused: false, changed, leader });
  const name = `Run ${run.runId} of ${run.start.plan}`;
  output.result(
    changed ? `${pc.green('✔')} ${name} goes on.` : `${name} is not paused: nothing was changed.`,
  );
  if (!leader) output.line(`  ${pc.yellow(nobodyLeads(run))}`, 0);
  return exitCodes.ok;
}
