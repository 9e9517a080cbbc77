import { appendOperatorCommand } from '@crossfade/controller';
import type { JournalState } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { driveRun } from '../drive-run.ts';
import { endOf } from '../end-of-run.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { operatorName } from '../operator.ts';
import type { Output } from '../output.ts';
import { sessionApplicationUrls } from '../session.ts';

export const about = 'Take the newest run back: flags off at once, then data, then schema';

interface RollbackOptions extends DatabaseOptions {
  readonly reason: string;
}

export function declare(command: Command): void {
  command.option('--reason <text>', 'why; journalled', 'crossfade rollback').addHelpText(
    'after',
    `
Works while a controller leads the run (which then does the work) and while none does (this command then does it), in any
state of the run, also when it is completed, and any number of times. Exit code 0: everything is as before the run.`,
  );
}

export async function execute(output: Output, options: RollbackOptions): Promise<ExitCode> {
  return withStore(options, async (store, databaseUrl) => {
    const { journal } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    if (!bound || !canTakeBack(journal)) {
      output.data({ status: journal.run?.status ?? null, runId: journal.run?.runId ?? null });
      output.line(journal.run ? `Run ${journal.run.runId} was taken back already.` : 'No run to take back.');
      return exitCodes.ok;
    }
    const actor = operatorName();
    const written = await appendOperatorCommand({ store, plan: bound.plan }, (latest) =>
      latest.run && canTakeBack(latest)
        ? [{ runId: latest.run.runId, actor, event: { type: 'rollback.requested', reason: options.reason } }]
        : [],
    );
    if (written.length > 0)
      output.line(`${pc.green('✔')} All flags of this plan are off. Taking back data and schema.`);
    const applicationUrls = sessionApplicationUrls(databaseUrl);
    const end = await driveRun({ store, bound, databaseUrl, applicationUrls, output });
    const code = endOf(end, output);
    return code === exitCodes.rolledBack ? exitCodes.ok : code;
  });
}

/** Anything but a run that is back already. One that is on its way back may be asked again: that is how it is retried. */
function canTakeBack({ run }: JournalState): boolean {
  return run !== null && run.status !== 'rolled_back';
}
