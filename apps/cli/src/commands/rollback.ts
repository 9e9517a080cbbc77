import { appendOperatorCommand, type ControllerEnd } from '@crossfade/controller';
import type { JournalState } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { DatabaseAwayError } from '../database-away.ts';
import { driveRun, type DriveOptions } from '../drive-run.ts';
import { endOf } from '../end-of-run.ts';
import { awayText, errorText } from '../error-text.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { createLiveDisplay } from '../live/live-display.ts';
import { operatorName } from '../operator.ts';
import { openTarget } from '../open-target.ts';
import type { Output } from '../output.ts';
import { sessionApplicationUrls } from '../session.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const rollbackCommand: CrossfadeCommand<RollbackOptions> = {
  name: 'rollback',
  about: 'Take the newest run back: flags off at once, then data, then schema',
  needsDatabase: true,
  declare,
  execute,
};

interface RollbackOptions extends DatabaseOptions {
  readonly reason: string;
}

function declare(command: Command): void {
  command.option('--reason <text>', 'why; journalled', 'crossfade rollback').addHelpText(
    'after',
    `
Works while a controller leads the run (which then does the work) and while none
does (this command then does it), in any state of the run, also when it is
paused or completed, and any number of times.

Exit codes: 0 everything is as before the run, 1 it is not yet. It then says
whether the flags are off, and what to mend; run the same command again.`,
  );
}

async function execute(output: Output, options: RollbackOptions): Promise<ExitCode> {
  return withStore(options, async (store, databaseUrl) => {
    const { journal } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    if (!bound || !canTakeBack(journal)) {
      output.data({ status: journal.run?.status ?? null, runId: journal.run?.runId ?? null });
      output.result(
        journal.run ? `Run ${journal.run.runId} was taken back already.` : 'No run to take back.',
      );
      return exitCodes.ok;
    }
    const actor = operatorName();
    const written = await appendOperatorCommand({ store, plan: bound.plan }, (latest) =>
      latest.run && canTakeBack(latest)
        ? [{ runId: latest.run.runId, actor, event: { type: 'rollback.requested', reason: options.reason } }]
        : [],
    );
    if (written.length > 0) output.line(`${pc.green('✔')} All flags of this plan are off.`);
    const end = await takeBack({ store, bound, databaseUrl }, output);
    const code = endOf({ ...end, runId: end.runId ?? journal.run?.runId ?? null }, output);
    return code === exitCodes.rolledBack ? exitCodes.ok : code;
  });
}

/**
 * Comes after the flags: whatever hinders it must not hinder the kill.
 * @throws Error that says what is done and what is left to do.
 */
async function takeBack(
  given: Pick<DriveOptions, 'store' | 'bound' | 'databaseUrl'>,
  output: Output,
): Promise<ControllerEnd> {
  const display = createLiveDisplay(given.bound, output);
  const stopping = stopOnSignals(display.line);
  try {
    const target = await openTarget(given.databaseUrl);
    output.line('Taking back data and schema.');
    const applicationUrls = sessionApplicationUrls(given.databaseUrl);
    return await driveRun({ ...given, target, applicationUrls, display, stopping });
  } catch (error) {
    const told =
      error instanceof DatabaseAwayError ? awayText(given.databaseUrl, error.cause) : errorText(error);
    throw new Error(
      `the flags of this plan are off; data and schema are not taken back yet: ${told}. ` +
        'Mend that, and run the same command again',
      { cause: error },
    );
  } finally {
    stopping.release();
  }
}

/** Anything but a run that is back already. One that is on its way back may be asked again: that is how it is retried. */
function canTakeBack({ run }: JournalState): boolean {
  return run !== null && run.status !== 'rolled_back';
}
