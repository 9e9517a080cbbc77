import { existsSync } from 'node:fs';
import { canonicalJson, emptyJournal, foldJournal, noFlagUse, type ControlStore } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { isDatabaseKnown } from '../database.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { buildReport } from '../report/build-report.ts';
import { emptyClientLog, readClientLog, type ClientLog } from '../report/client-log.ts';
import { clientLogFile, readReport } from '../report/report-files.ts';
import { reportMarkdown } from '../report/report-markdown.ts';
import { spanOfRun } from '../report/use-figures.ts';
import type { Report } from '../report/report-schema.ts';
import { terminalMarkdown } from '../terminal-markdown.ts';
import { lineWidth } from '../wrap-text.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const reportCommand: CrossfadeCommand<ReportOptions> = {
  name: 'report',
  about: 'Print the report of the newest run as it stands; with --recompute, compare it with the written one',
  needsDatabase: true,
  declare,
  execute,
};

interface ReportOptions extends DatabaseOptions {
  readonly recompute?: boolean;
  readonly clients?: string;
}

function declare(command: Command): void {
  command
    .option(
      '--recompute',
      "derive every figure of the written report again from the journal and the clients' log; exit 1 if one differs",
    )
    .option('--clients <file>', `the clients' log; ${clientLogFile} by default`);
}

async function execute(output: Output, options: ReportOptions): Promise<ExitCode> {
  const { clients, database } = options;
  if (clients !== undefined && !existsSync(clients))
    throw new Refusal(`--clients ${clients}: there is no such file`);
  if (!options.recompute) {
    // From the journal: it knows what came after the report was written, such as a roll-back or another run.
    const derives = clients !== undefined || isDatabaseKnown(database);
    const report = derives ? await makeReport(options) : readReport();
    output.data(report);
    printReport(report, output);
    return exitCodes.ok;
  }
  const written = readReport();
  const derived = await makeReport(options, momentOf(written));
  if (derived.run.id !== written.run.id) {
    throw new Refusal(
      `the written report is of run ${written.run.id}; this database's journal tells of run ${derived.run.id} there: ` +
        'nothing to compare (is it the right database?)',
    );
  }
  const differences = differing(written, derived);
  output.data({ agrees: differences.length === 0, differences });
  if (differences.length === 0) {
    output.result(`${pc.green('✔')} Every figure of the report was derived again and agrees.`);
    return exitCodes.ok;
  }
  for (const difference of differences.slice(0, mostShown)) output.result(`${pc.red('✘')} ${difference}`);
  if (differences.length > mostShown)
    output.result(`… and ${differences.length - mostShown} more; --json has all`);
  return exitCodes.failed;
}

function momentOf({ run, use }: Report): ReportMoment {
  return { uptoEntry: run.journalEntries, untilMs: Date.parse(use.until) };
}

/** In a terminal as it is read there; elsewhere the Markdown as it is. */
function printReport(report: Report, output: Output): void {
  const width = lineWidth();
  const markdown = reportMarkdown(report);
  output.result(width === undefined ? markdown : terminalMarkdown(markdown, width));
}

/** What applications report is counted when it has been there for so long: then nothing of before can still be on its way. */
const settlingMs = 2_000;

/** A moment in which a report was made: what came later is left out when it is made again. */
interface ReportMoment {
  readonly uptoEntry: number;
  readonly untilMs: number;
}

/** Derives the report from the journal, a clients' log and what applications reported, and writes nothing. */
export async function deriveReport(
  store: ControlStore,
  clientLogPath: string,
  moment?: ReportMoment,
): Promise<Report> {
  const { uptoEntry, untilMs } = moment ?? {
    uptoEntry: Number.POSITIVE_INFINITY,
    untilMs: (await store.now()) - settlingMs,
  };
  const entries = (await store.readJournal(0)).filter((entry) => entry.seq <= uptoEntry);
  const journal = foldJournal(emptyJournal, entries);
  const bound = await pinnedPlan(store, journal);
  if (!bound || !journal.run)
    throw new Refusal('no plan has been run on this database yet: nothing to report');
  const { run } = journal;
  const span = spanOfRun(run, entries, untilMs);
  const flagUse = span ? await store.readFlagUse(span) : noFlagUse;
  return buildReport({ bound, entries, clientLog: await clientLogAt(clientLogPath), flagUse, untilMs });
}

async function makeReport(options: ReportOptions, moment?: ReportMoment): Promise<Report> {
  return withStore(options, (store) => deriveReport(store, options.clients ?? clientLogFile, moment));
}

/** A run without our load generator has no clients' log: its report then has no requests. */
async function clientLogAt(path: string): Promise<ClientLog> {
  return existsSync(path) ? readClientLog(path) : emptyClientLog;
}

const mostShown = 20;

/** The sections of the report that are not the same, with both values. */
function differing(written: Report, derived: Report): string[] {
  const paths: string[] = [];
  compare(JSON.parse(canonicalJson(written)), JSON.parse(canonicalJson(derived)), 'report', paths);
  return paths;
}

function compare(written: unknown, derived: unknown, path: string, differences: string[]): void {
  if (isObject(written) && isObject(derived)) {
    const keys = new Set([...Object.keys(written), ...Object.keys(derived)]);
    for (const key of keys) compare(written[key], derived[key], `${path}.${key}`, differences);
    return;
  }
  if (JSON.stringify(written) !== JSON.stringify(derived)) {
    differences.push(`${path}: written ${JSON.stringify(written)}, derived ${JSON.stringify(derived)}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
