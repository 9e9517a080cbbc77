import type { Command } from 'commander';
import pc from 'picocolors';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { numberOption } from '../number-option.ts';
import { openTarget } from '../open-target.ts';
import type { Output } from '../output.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { verificationLines } from '../verify/verification-lines.ts';
import { stepsToVerify, verifyOne, type VerifiedStep, type VerifyRun } from '../verify/verify-run.ts';

export const verifyCommand: CrossfadeCommand<VerifyCommandOptions> = {
  name: 'verify',
  about: 'Compare every row that the newest run has made with what it is made from',
  needsDatabase: true,
  declare,
  execute,
};

interface VerifyCommandOptions extends DatabaseOptions {
  readonly workers: number;
  readonly resume?: boolean;
}

function declare(command: Command): void {
  command
    .argument('[step]', 'a step of type backfill or reshape; all of them by default')
    .option(
      '--workers <n>',
      'connections that work side by side',
      numberOption('--workers', { minimum: 1, maximum: 16, whole: true }),
      1,
    )
    .option('--resume', 'go on where a verification that was cut off had come to')
    .addHelpText(
      'after',
      `
At any time: after a step, in the middle of it, weeks later, while people write.
It needs no controller and changes no data; where it has come to is kept in
crossfade_ledger.verifications. A row that differs is looked at again before it
is called different, as somebody may just be writing it. Rows still to do by the
guard of a backfill are counted, and not compared.

Exit codes: 0 none differs, 1 some do, 2 there is nothing to verify, 4
interrupted.`,
    );
}

async function execute(output: Output, options: VerifyCommandOptions, named?: string): Promise<ExitCode> {
  return await withStore(options, async (store, databaseUrl) => {
    const { journal } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    const { run } = journal;
    if (!bound || !run)
      throw new Refusal('no plan has been run on this database yet: there is nothing to verify');
    const steps = stepsToVerify(bound, run, named);
    const target = await openTarget(databaseUrl);
    const stopping = stopOnSignals(
      (line) => output.line(line),
      'Stopping; "crossfade verify --resume" goes on from here.',
    );
    const { workers, resume = false } = options;
    const tell = (line: string): void => output.line(pc.dim(line));
    try {
      return await verifyAll(output, steps, {
        bound,
        run,
        target,
        signal: stopping.signal,
        workers,
        resume,
        tell,
      });
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
      output.data({ runId: run.runId, status: 'interrupted' });
      return exitCodes.interrupted;
    } finally {
      stopping.release();
    }
  });
}

async function verifyAll(output: Output, steps: readonly string[], given: VerifyRun): Promise<ExitCode> {
  const found: VerifiedStep[] = [];
  for (const step of steps) {
    const verified = await verifyOne(step, given);
    found.push(verified);
    for (const line of verificationLines(verified)) output.result(line);
  }
  output.data({ runId: given.run.runId, steps: found });
  return found.some(({ different }) => different > 0) ? exitCodes.failed : exitCodes.ok;
}
