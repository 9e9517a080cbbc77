import type { Command } from 'commander';
import pc from 'picocolors';
import { checkPlan } from '../catalogs.ts';
import { withStore, type DatabaseOptions } from '../control.ts';
import { driveRun } from '../drive-run.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { countFindings, printFindings } from '../findings.ts';
import type { Output } from '../output.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { clientLogFile, writeReport } from '../report/report-files.ts';
import { readSession } from '../session.ts';
import { startRun } from '../start-run.ts';
import { endOf } from '../end-of-run.ts';
import { deriveReport } from './report.ts';

export const about = 'Carry out a plan on a live application, or take up again what was interrupted';

interface RunOptions extends DatabaseOptions {
  readonly app?: readonly string[];
  readonly speed: number;
  readonly leaseMs?: number;
  readonly report: boolean;
}

export function declare(command: Command): void {
  command
    .argument('[plan]', 'folder with a plan.yaml', 'plans/batch-2')
    .option('--app <url...>', "the application's processes: their /metrics and /readyz are read")
    .option('--speed <times>', 'how much faster than the calendar plan time runs', positive('--speed'), 1)
    .option('--lease-ms <ms>', 'how long the lease outlives a controller that died', positive('--lease-ms'))
    .option('--no-report', 'write no report at the end')
    .addHelpText(
      'after',
      `
Started twice, the second one waits and takes over if the first one dies. An interrupted run goes on where it was. A plan that
was edited in the middle of its run is refused. Gates read the real application: without --app nothing is ever promoted.`,
    );
}

function positive(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value <= 0)
      throw new Refusal(`${option} ${text}: expected a number above 0`);
    return value;
  };
}

export async function execute(output: Output, options: RunOptions, planPath: string): Promise<ExitCode> {
  const folder = readPlanFolder(planPath);
  const { bound, findings } = checkPlan(folder.files);
  printFindings(findings, folder.path, output);
  if (!bound) {
    const { errors } = countFindings(findings);
    throw new Refusal(`${planPath} is not valid: ${errors} errors. Nothing was executed.`);
  }
  return withStore(options, async (store, databaseUrl) => {
    const start = await startRun(store, bound, options.speed);
    if (start.status === 'already-completed') {
      output.data({ status: 'completed', runId: start.runId });
      output.line(
        `Run ${start.runId} of this plan is completed. To run it again, take it back first: crossfade rollback`,
      );
      return exitCodes.ok;
    }
    if (start.status === 'resumed')
      output.line(pc.dim(`Run ${start.runId} is unfinished: taking it up where it is.`));
    const applicationUrls = options.app ?? readSession()?.applicationUrls ?? [];
    const leaseTtlMs = options.leaseMs === undefined ? {} : { leaseTtlMs: options.leaseMs };
    const end = await driveRun({ store, bound, databaseUrl, applicationUrls, output, ...leaseTtlMs });
    if (options.report && end.status !== 'stopped') {
      for (const path of writeReport(await deriveReport(store, clientLogFile)))
        output.line(`Report: ${path}`);
    }
    return endOf(end, output);
  });
}
