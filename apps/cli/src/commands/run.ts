import { redactUrl } from '@crossfade/local-postgres';
import type { ControlStore } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { checkPlan } from '../catalogs.ts';
import { loadJournal, withDatabase, withPreparedStore, type DatabaseOptions } from '../control.ts';
import { whenDatabaseAnswers } from '../database-away.ts';
import { driveRun, type DriveOptions } from '../drive-run.ts';
import { errorText } from '../error-text.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { countedFindings, printFindings } from '../findings.ts';
import { createLiveDisplay } from '../live/live-display.ts';
import { numberOption } from '../number-option.ts';
import type { Output } from '../output.ts';
import { openTarget } from '../open-target.ts';
import { pausedBy, type PausedBy } from '../paused-by.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { clientLogFile, writeReport } from '../report/report-files.ts';
import { sessionApplicationUrls } from '../session.ts';
import { startRun, type StartAnswer } from '../start-run.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { endOf } from '../end-of-run.ts';
import { deriveReport } from './report.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const runCommand: CrossfadeCommand<RunOptions> = {
  name: 'run',
  about: 'Carry out a plan on a live application, or take up again what was interrupted',
  needsDatabase: true,
  declare,
  execute,
};

interface RunOptions extends DatabaseOptions {
  readonly app?: readonly string[];
  readonly speed: number;
  readonly leaseMs?: number;
  readonly again?: string;
  readonly report: boolean;
}

const speed = numberOption('--speed', { minimum: 0.001, maximum: 1_000_000 });
const leaseMs = numberOption('--lease-ms', { minimum: 500, maximum: 3_600_000, whole: true });

function declare(command: Command): void {
  command
    .argument('[plan]', 'folder with a plan.yaml', 'plans/batch-2')
    .option(
      '--app <url...>',
      "the application's processes, after the plan: their /metrics and /readyz are read",
      applicationUrl,
    )
    .option('--speed <times>', 'how much faster than the calendar plan time runs', speed, 1)
    .option('--again <run>', 'begin anew although that run of this plan was taken back')
    .option('--lease-ms <ms>', 'how long the lease outlives a controller that died', leaseMs)
    .option('--no-report', 'write no report at the end')
    .addHelpText(
      'after',
      `
Started twice, the second one waits and takes over if the first one dies. An
interrupted run goes on where it was; a paused one stays paused. A plan that was
edited in the middle of its run is refused. One that was taken back is begun
again after it was edited, or with --again and the run: a supervisor that starts
this command whenever it ends does not repeat what hurt. Gates read the real
application: without --app nothing is ever promoted.

Exit codes: 0 completed, 1 the roll-back stopped, 2 refused, 3 taken back,
4 interrupted: run the same command again to go on.`,
    );
}

/** Whatever follows --app is taken for one more URL, so that a plan named after it would be lost, and another one run. */
function applicationUrl(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Refusal(
      `--app ${text}: expected the URL of a process of the application, such as http://127.0.0.1:3000; the plan comes before --app`,
    );
  }
  const { username, password } = new URL(text);
  // Nothing that holds a password is asked for metrics: it would be told in every line about it.
  if (username !== '' || password !== '')
    throw new Refusal(`--app ${redactUrl(text)}: expected a URL without user and password`);
  return [...before, text];
}

async function execute(output: Output, options: RunOptions, planPath: string): Promise<ExitCode> {
  const folder = readPlanFolder(planPath);
  const { bound, findings } = checkPlan(folder.files);
  printFindings(findings, folder, output);
  if (!bound) {
    throw new Refusal(`${planPath} is not valid: ${countedFindings(findings)}. Nothing was executed.`, {
      details: { findings },
    });
  }
  return withDatabase(options, async (database) => {
    // All that may be refused is asked for before the run begins, and before the store is made.
    const target = await openTarget(database);
    const applicationUrls = options.app ?? sessionApplicationUrls(database);
    return withPreparedStore({ database }, async (store) => {
      const display = createLiveDisplay(bound, output);
      const stopping = stopOnSignals(display.line);
      const given = { store, bound, target, databaseUrl: database, applicationUrls, display, stopping };
      try {
        return await carryOut(given, options, planPath, output);
      } finally {
        stopping.release();
      }
    });
  });
}

async function carryOut(
  given: Omit<DriveOptions, 'leaseTtlMs'>,
  options: RunOptions,
  planPath: string,
  output: Output,
): Promise<ExitCode> {
  const { store, bound, applicationUrls } = given;
  const begun = await begin(given, options);
  if (begun === 'stopped') return endOf({ status: 'stopped', runId: null }, output);
  const { start, pause } = begun;
  if (start.status === 'taken-back') return sayTakenBack(start, planPath, output);
  if (start.status === 'already-completed') return sayCompleted(start, output);
  const told = start.status === 'started' ? 'begins' : 'is unfinished: taking it up where it is';
  output.line(pc.dim(`Run ${start.runId} of ${bound.plan.name} ${told}, at speed ${start.speed}.`));
  if (pause) warnOfPause(pause, output);
  if (applicationUrls.length === 0 && bound.gates.size > 0)
    output.warn('no --app: the gates see nothing of the application, so nothing will be promoted');
  const leaseTtlMs = options.leaseMs === undefined ? {} : { leaseTtlMs: options.leaseMs };
  const end = await driveRun({ ...given, ...leaseTtlMs });
  const code = endOf({ ...end, runId: end.runId ?? start.runId }, output);
  if (options.report && end.status !== 'stopped') await leaveReport(store, output);
  return code;
}

/** How the run has ended is told by then: a report that cannot be written does not change it. */
async function leaveReport(store: ControlStore, output: Output): Promise<void> {
  try {
    for (const path of writeReport(await deriveReport(store, clientLogFile))) output.line(`Report: ${path}`);
  } catch (error) {
    output.problem(`the report could not be written: ${errorText(error)}. Mend that; then: crossfade report`);
  }
}

interface Begun {
  readonly start: StartAnswer;
  /** Of a run that is taken up. */
  readonly pause: PausedBy | null;
}

/** Starts the run, or finds the one to take up. Done twice, it is one run: a database that is away just now is waited for. */
function begin(
  { store, bound, databaseUrl, display, stopping }: Omit<DriveOptions, 'leaseTtlMs'>,
  options: RunOptions,
): Promise<Begun | 'stopped'> {
  const work = async (): Promise<Begun> => {
    const start = await startRun(store, bound, options.speed, options.again);
    if (start.status !== 'resumed') return { start, pause: null };
    const { journal, entries } = await loadJournal(store);
    return { start, pause: pausedBy(journal, entries) };
  };
  return whenDatabaseAnswers(work, { databaseUrl, tell: display.line, signal: stopping.signal });
}

function sayCompleted({ runId }: { readonly runId: string }, output: Output): ExitCode {
  output.data({ status: 'completed', runId });
  output.result(
    `Run ${runId} of this plan is completed. To run it again, take it back first: crossfade rollback`,
  );
  return exitCodes.ok;
}

function sayTakenBack(
  { runId, reason }: { readonly runId: string; readonly reason: string },
  planPath: string,
  output: Output,
): ExitCode {
  output.data({ status: 'rolled_back', runId });
  output.result(
    `Run ${runId} of this very plan was taken back: ${reason}. Nothing was begun. To try it once more as it is: ` +
      `crossfade run ${planPath} --again ${runId}`,
  );
  return exitCodes.rolledBack;
}

function warnOfPause({ by, reason }: PausedBy, output: Output): void {
  output.warn(
    `the run was paused by ${by} (${reason}) and stays so: guardrails watch, nothing begins. Go on: crossfade resume`,
  );
}
