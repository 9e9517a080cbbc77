import { openPostgresStore } from '@crossfade/store';
import type { Command } from 'commander';
import pc from 'picocolors';
import { withDatabase, type DatabaseOptions } from '../control.ts';
import { counted } from '../count.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { numberOption } from '../number-option.ts';
import { openTarget } from '../open-target.ts';
import type { Output } from '../output.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { runWorker } from '../worker/run-worker.ts';

export const workerCommand: CrossfadeCommand<WorkerCommandOptions> = {
  name: 'worker',
  about: 'Help with the backfills of a run, from this machine',
  needsDatabase: true,
  declare,
  execute,
};

interface WorkerCommandOptions extends DatabaseOptions {
  readonly workers: number;
  readonly untilIdle?: boolean;
}

function declare(command: Command): void {
  command
    .option(
      '--workers <n>',
      'connections that work side by side',
      numberOption('--workers', { minimum: 1, maximum: 64, whole: true }),
      1,
    )
    .option('--until-idle', 'end when no backfill is at work any more')
    .addHelpText(
      'after',
      `
A backfill is cut into slices; any number of workers on any number of machines
take one after the other. A worker works only while a controller leads the step,
at the pace that it sets, and uses the plan that the run was started with. Kill
it whenever you like: what it had committed is done, and its slice is taken over
by another within 15 s.`,
    );
}

async function execute(output: Output, options: WorkerCommandOptions): Promise<ExitCode> {
  return await withDatabase(options, async (databaseUrl) => {
    const target = await openTarget(databaseUrl);
    const stopping = stopOnSignals(
      (line) => output.line(line),
      'Stopping; what is committed stays, and others go on with the slice.',
    );
    try {
      const done = await runWorker({
        openStore: async () => await openPostgresStore({ connectionString: databaseUrl }),
        target,
        signal: stopping.signal,
        workers: options.workers,
        untilIdle: options.untilIdle === true,
        tell: (line) => output.line(pc.dim(line)),
        problem: (line) => output.problem(line),
      });
      output.data(done);
      const where = done.steps.length === 0 ? '' : ` of ${done.steps.join(', ')}`;
      output.result(`${pc.green('✔')} ${counted(done.rows, 'row')}${where} passed here.`);
      return exitCodes.ok;
    } finally {
      stopping.release();
    }
  });
}
