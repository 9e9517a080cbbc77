import type { Command } from 'commander';
import pc from 'picocolors';
import { checkPlan } from '../catalogs.ts';
import { withStore, type DatabaseOptions } from '../control.ts';
import { driveRun } from '../drive-run.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { countedFindings, printFindings } from '../findings.ts';
import type { Output } from '../output.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { clientLogFile, writeReport } from '../report/report-files.ts';
import { sessionApplicationUrls } from '../session.ts';
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
    .option(
      '--app <url...>',
      "the application's processes, after the plan: their /metrics and /readyz are read",
      applicationUrl,
    )
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

/** Whatever follows --app is taken for one more URL, so that a plan named after it would be lost, and another one run. */
function applicationUrl(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Refusal(
      `--app ${text}: expected the URL of a process of the application, such as http://127.0.0.1:3000; the plan comes before --app`,
    );
  }
  return [...before, text];
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
    throw new Refusal(`${planPath} is not valid: ${countedFindings(findings)}. Nothing was executed.`, {
      details: { findings },
    });
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
    const told = start.status === 'started' ? 'begins' : 'is unfinished: taking it up where it is';
    output.line(pc.dim(`Run ${start.runId} of ${bound.plan.name} ${told}, at speed ${start.speed}.`));
    const applicationUrls = options.app ?? sessionApplicationUrls(databaseUrl);
    if (applicationUrls.length === 0 && bound.gates.size > 0)
      output.warn('no --app: the gates see nothing of the application, so nothing will be promoted');
    const leaseTtlMs = options.leaseMs === undefined ? {} : { leaseTtlMs: options.leaseMs };
    const end = await driveRun({ store, bound, databaseUrl, applicationUrls, output, ...leaseTtlMs });
    if (options.report && end.status !== 'stopped') {
      for (const path of writeReport(await deriveReport(store, clientLogFile)))
        output.line(`Report: ${path}`);
    }
    return endOf(end, output);
  });
}
