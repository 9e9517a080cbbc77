import { join } from 'node:path';
import type { BoundPlan } from '@crossfade/engine';
import { NoRoomError, type SampleSize } from '@crossfade/local-postgres';
import type { Command } from 'commander';
import pc from 'picocolors';
import { directDatabaseUrl } from '../bounded/direct-database.ts';
import { checkPlan } from '../catalogs.ts';
import { loadJournal, withDatabase, withStore, type DatabaseOptions } from '../control.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';
import { errorText } from '../error-text.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { countedFindings, printFindings } from '../findings.ts';
import type { Output } from '../output.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { copyTarget, type Copy } from '../rehearse/copy-target.ts';
import { rehearsalText } from '../rehearse/rehearsal-text.ts';
import { rehearsePlan } from '../rehearse/rehearse-plan.ts';
import { sampleOption } from '../rehearse/sample-option.ts';
import type { Rehearsal } from '../rehearse/rehearsal-schema.ts';
import { watchDisk } from '../rehearse/watch-disk.ts';
import { workFolder } from '../session.ts';
import { stopOnSignals, type Stopping } from '../stop-on-signals.ts';
import { openTarget } from '../open-target.ts';

export const rehearseCommand: CrossfadeCommand<RehearseOptions> = {
  name: 'rehearse',
  about: "Carry out a plan's database work on a copy: forward, back and forward again, with every lock",
  needsDatabase: true,
  declare,
  execute,
};

interface RehearseOptions extends DatabaseOptions {
  readonly sample?: SampleSize & { readonly text: string };
  readonly keep?: boolean;
}

function declare(command: Command): void {
  command
    .argument('[plan]', 'folder with a plan.yaml', 'plans/batch-2')
    .option('--sample <part>', 'not all rows: 10%, or 50000 of each table', sampleOption)
    .option('--keep', 'keep the copy open until Ctrl-C, and say how to connect')
    .addHelpText(
      'after',
      `
The database itself is read and never written; its copy lies in CROSSFADE_FOLDER
and is removed at the end. An embedded database is copied by its files, while it
is in use; any other one by pg_dump, and so is a sample. Steps that need people
or the application are left out, and named.

Exit codes: 0 all went well and each undo put back what was there, 1 it did not,
2 refused, or no copy could be made, 4 interrupted.`,
    );
}

async function execute(output: Output, options: RehearseOptions, planPath: string): Promise<ExitCode> {
  const bound = readPlan(output, planPath);
  return await withDatabase(options, async (databaseUrl) => {
    await refuseCarriedOut(bound, databaseUrl);
    const stopping = stopOnSignals((line) => output.problem(line), 'Stopping here; the copy is removed.');
    try {
      return await rehearse(output, options, { bound, databaseUrl, stopping });
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
      output.data({ status: 'interrupted' });
      return exitCodes.interrupted;
    } finally {
      stopping.release();
    }
  });
}

function readPlan(output: Output, planPath: string): BoundPlan {
  const folder = readPlanFolder(planPath);
  const { bound, findings } = checkPlan(folder.files);
  printFindings(findings, folder, output);
  if (bound) return bound;
  throw new Refusal(`${planPath} is not valid: ${countedFindings(findings)}. Nothing was copied.`, {
    details: { findings },
  });
}

/** What is there already would be found done, and a rehearsal of it would say that all is well. */
async function refuseCarriedOut(bound: BoundPlan, database: string): Promise<void> {
  const { journal } = await withStore({ database }, loadJournal);
  const { run } = journal;
  if (!run || run.start.plan !== bound.plan.name || run.status === 'rolled_back') return;
  const state = run.status === 'completed' ? 'is completed' : 'is under way';
  throw new Refusal(
    `run ${run.runId} of ${bound.plan.name} ${state} on this database, so that what the plan does is there already: rehearse it ` +
      'on a database that has not seen it, or take the run back first with "crossfade rollback"',
  );
}

interface Ground {
  readonly bound: BoundPlan;
  readonly databaseUrl: string;
  readonly stopping: Stopping;
}

async function rehearse(output: Output, options: RehearseOptions, ground: Ground): Promise<ExitCode> {
  const { stopping } = ground;
  const directory = join(workFolder, 'rehearsal');
  const disk = watchDisk(directory);
  const signal = AbortSignal.any([stopping.signal, disk.signal]);
  try {
    return await onCopy(output, options, { ...ground, directory, signal });
  } catch (error) {
    if (!disk.signal.aborted || stopping.signal.aborted) throw error;
    throw new Refusal(
      `stopped before the disk was full: ${errorText(disk.signal.reason)}. Nothing but the copy was touched, and it is removed`,
      { cause: disk.signal.reason },
    );
  } finally {
    disk.stop();
  }
}

interface CopyGround extends Ground {
  readonly directory: string;
  readonly signal: AbortSignal;
}

async function onCopy(output: Output, options: RehearseOptions, ground: CopyGround): Promise<ExitCode> {
  const { bound, databaseUrl, directory, signal } = ground;
  // Refuses where the direct address leads to another database.
  await openTarget(databaseUrl);
  const sourceUrl = directDatabaseUrl() ?? databaseUrl;
  const tell = (line: string): void => output.line(pc.dim(line));
  const { sample, keep = false } = options;
  const copy = await copyTarget({
    sourceUrl,
    directory,
    sample,
    signal,
    tell,
  });
  try {
    const begins = tellPasses(tell);
    const rehearsal = await rehearsePlan({
      bound,
      sourceUrl,
      copy,
      sample: sample?.text ?? null,
      keep,
      signal,
      begins,
    });
    tellResult(output, rehearsal);
    if (keep) await stayOpen(output, copy, signal);
    return rehearsal.ok ? exitCodes.ok : exitCodes.failed;
  } finally {
    await copy.remove();
  }
}

const passNames = ['', 'Forward …', 'Back …', 'Forward again …'];

function tellPasses(tell: (line: string) => void): (pass: number) => void {
  let told = 0;
  return (pass) => {
    if (pass !== told) tell(passNames[pass] ?? '');
    told = pass;
  };
}

function tellResult(output: Output, rehearsal: Rehearsal): void {
  output.data(rehearsal);
  output.line();
  for (const line of rehearsalText(rehearsal)) output.result(line);
}

async function stayOpen(
  output: Output,
  { port, database, passwordFile }: Copy,
  signal: AbortSignal,
): Promise<void> {
  output.result();
  output.result('The copy is kept until Ctrl-C. To look at it:');
  output.result(`  PGPASSWORD="$(cat ${passwordFile})" psql -h 127.0.0.1 -p ${port} -U postgres ${database}`);
  if (signal.aborted) return;
  // A listener alone keeps no process alive.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  clearInterval(alive);
  if (signal.reason instanceof NoRoomError)
    output.problem(`The copy is removed before the disk is full: ${signal.reason.message}.`);
}
