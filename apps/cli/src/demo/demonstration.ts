import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresStore } from '@crossfade/store';
import pc from 'picocolors';
import { checkPlan } from '../catalogs.ts';
import { loadJournal } from '../control.ts';
import { errorText } from '../error-text.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { countedFindings, printFindings } from '../findings.ts';
import type { Output } from '../output.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { deriveReport } from '../commands/report.ts';
import { clientLogFile, writeReport } from '../report/report-files.ts';
import { count } from '../count.ts';
import { headline, ms } from '../report/report-markdown.ts';
import type { Report } from '../report/report-schema.ts';
import { removeSession, writeSession } from '../session.ts';
import { ControllerProcess } from './controller-process.ts';
import type { DemoDatabase } from './demo-database.ts';
import { drillKillSwitch } from './kill-switch-drill.ts';
import { buildWeb, ParleyProcess, prepareParley, visitor } from './parley.ts';
import { ProcessGroup } from './process-group.ts';
import { People } from './people.ts';

export interface DemoSettings {
  readonly exit: boolean;
  readonly importFile: string | undefined;
  readonly planPath: string;
  readonly speed: number;
  readonly ratePerSecond: number;
  readonly people: number;
  readonly messages: number;
  readonly seed: number;
}

/** How long people use Parley before the run starts: what the run is compared with. */
const baselineMs = 8_000;

/** In which applications send what they noted, and a report takes it for settled. */
const newsMs = 4_500;

/** How long our processes have to finish what they are at when the demonstration ends. */
const endGraceMs = 2_200;

/** Parley with people in it, and a controller that migrates it: several processes that begin and end with this one. */
export class Demonstration {
  readonly #databaseUrl: string;
  readonly #settings: DemoSettings;
  readonly #output: Output;
  readonly #processes = new ProcessGroup();
  readonly #controller: ControllerProcess;
  #servers: readonly ParleyProcess[] = [];
  #people: People | undefined;
  #verdict: ExitCode | undefined;

  constructor(database: DemoDatabase, settings: DemoSettings, output: Output) {
    this.#databaseUrl = database.url;
    this.#controller = new ControllerProcess(this.#processes, (sinceMs) => database.hasDiedSince(sinceMs));
    this.#settings = settings;
    this.#output = output;
  }

  /** The exit code, from the moment the report is written. */
  get verdict(): ExitCode | undefined {
    return this.#verdict;
  }

  /** From an empty (or known) database to the report. */
  async run(signal: AbortSignal): Promise<ExitCode> {
    this.#refuseBadPlan();
    this.#sayThatWeRun([]);
    await this.#prepare();
    const urls = await this.#startParley();
    const resumes = await this.#settleEarlierRun(signal);
    await this.#letPeopleIn(urls);
    if (!resumes) await this.#watchWithoutUs(signal);
    const code = await this.#migrate(urls, signal);
    if (signal.aborted) return exitCodes.interrupted;
    // The run did not begin; it has said why. A report would be about an earlier one.
    if (code === exitCodes.refused) return exitCodes.refused;
    const report = await this.#conclude();
    this.#summarise(report);
    const verdict = verdictOn(code, report);
    this.#verdict = verdict;
    if (!this.#settings.exit) await this.#keepServing(urls, signal);
    return verdict;
  }

  async stop(): Promise<void> {
    this.#processes.startNoMore();
    await Promise.all([
      this.#controller.stop(endGraceMs),
      this.#people?.leave(),
      ...this.#servers.map((server) => server.stop(endGraceMs)),
      this.#processes.endAll(endGraceMs),
    ]);
    removeSession();
  }

  /** Ends every process at once, without waiting for any. */
  kill(): void {
    this.#processes.killAll();
    removeSession();
  }

  /** Before anything is started: a plan with errors changes nothing. */
  #refuseBadPlan(): void {
    const folder = readPlanFolder(this.#settings.planPath);
    const { bound, findings } = checkPlan(folder.files);
    if (bound) return;
    printFindings(findings, folder, this.#output);
    throw new Refusal(`${folder.path} is not valid: ${countedFindings(findings)}. Nothing was started.`, {
      details: { findings },
    });
  }

  async #prepare(): Promise<void> {
    const { importFile, messages, seed, people } = this.#settings;
    this.#output.line(
      pc.dim(importFile ? `Content: importing ${importFile} …` : 'Content: the sample workspace …'),
    );
    const content = await prepareParley(
      this.#processes,
      this.#databaseUrl,
      { importFile, messages, seed },
      people,
    );
    const told = `${count(content.messages)} messages by ${count(content.people)} people in ${count(content.conversations)} conversations`;
    this.#output.line(`${pc.green('✔')} ${told} (${(content.tookMs / 1_000).toFixed(1)} s)`);
  }

  async #startParley(): Promise<readonly string[]> {
    const tell = (text: string) => this.#output.warn(text);
    const web = await this.#buildWeb();
    this.#servers = ['parley-1', 'parley-2'].map(
      (name) => new ParleyProcess(this.#processes, name, this.#databaseUrl, tell, undefined, web),
    );
    const urls = await Promise.all(this.#servers.map((server) => server.start()));
    this.#output.line(`${pc.green('✔')} Parley serves on ${urls.join(' and ')}`);
    if (web !== undefined) this.#inviteIn(urls[0] ?? '');
    this.#sayThatWeRun(urls);
    return urls;
  }

  /** What is migrated can be watched without it as well: a browser's page is no reason not to begin. */
  async #buildWeb(): Promise<string | undefined> {
    try {
      return await buildWeb(this.#processes);
    } catch (error) {
      this.#output.warn(
        `Parley has no web app here: ${error instanceof Error ? error.message : String(error)}`,
      );
      return undefined;
    }
  }

  #inviteIn(url: string): void {
    const { email, password } = visitor();
    this.#output.line(`  ${pc.bold(url)} in a browser, as ${email} with the password ${pc.bold(password)}`);
  }

  /** From the first moment: a second demonstration here is refused, and other commands find the database. */
  #sayThatWeRun(applicationUrls: readonly string[]): void {
    writeSession({ databaseUrl: this.#databaseUrl, applicationUrls: [...applicationUrls] });
  }

  /**
   * A second demonstration on the same database begins where the first one did: its completed run is taken back first. True
   * when an earlier one was interrupted: its run goes on.
   */
  async #settleEarlierRun(signal: AbortSignal): Promise<boolean> {
    const status = await this.#withStore(async (store) => (await loadJournal(store)).journal.run?.status);
    if (status === 'running') {
      this.#output.line(pc.dim('An earlier demonstration was interrupted: its run goes on where it is.'));
      return true;
    }
    if (status === undefined || status === 'rolled_back') return false;
    this.#output.line(pc.dim('An earlier demonstration migrated this database: taking that back first.'));
    const code = await this.#crossfade(['rollback', '--reason', 'a new demonstration begins']);
    if (code !== 0 && !signal.aborted)
      throw new Error('the earlier run could not be taken back: see crossfade status');
    return false;
  }

  async #letPeopleIn(urls: readonly string[]): Promise<void> {
    const { people, ratePerSecond, seed } = this.#settings;
    this.#output.line(pc.dim(`People: ${people} are logging in …`));
    this.#people = new People(this.#processes, { urls, people, ratePerSecond, seed });
    await this.#people.ready;
    this.#output.line(`${pc.green('✔')} ${people} people use Parley, ${ratePerSecond} requests a second.`);
  }

  async #watchWithoutUs(signal: AbortSignal): Promise<void> {
    this.#output.line(pc.dim('First without us, to compare:'));
    await sleep(baselineMs, undefined, { signal });
    const latest = this.#people?.latest;
    if (latest)
      this.#output.line(
        `  ${count(latest.requests)} requests, ${count(latest.failed)} failed, p95 ${ms(latest.p95Ms)}\n`,
      );
  }

  async #migrate(urls: readonly string[], signal: AbortSignal): Promise<number> {
    const stop = () => void this.#controller.stop(endGraceMs);
    signal.addEventListener('abort', stop, { once: true });
    const { planPath, speed } = this.#settings;
    const earlier = await this.#withStore(async (store) => (await loadJournal(store)).journal.run);
    const again = earlier?.status === 'rolled_back' ? ['--again', earlier.runId] : [];
    const how = ['--speed', String(speed), '--no-report', ...again, '--app', ...urls];
    const over = new AbortController();
    const drill = this.#drill(AbortSignal.any([signal, over.signal]));
    try {
      return await this.#crossfade(['run', planPath, ...how]);
    } finally {
      over.abort();
      await drill;
    }
  }

  /**
   * The kill switch in the middle of it all, by somebody who is not the controller. A drill that fails is told: the run that it is
   * a part of goes on, and its report then knows of no switch.
   */
  async #drill(signal: AbortSignal): Promise<void> {
    try {
      // The controller shows what it journals: nothing is to be said here.
      await this.#withStore(async (store) => await drillKillSwitch(store, signal));
    } catch (error) {
      this.#output.warn(`the kill switch was not drilled to its end: ${errorText(error)}`);
    }
  }

  /** Another `crossfade` command, in a process of its own. */
  #crossfade(given: readonly string[]): Promise<number> {
    const onRestart = () => this.#output.warn('the controller died; starting it again from the journal');
    const showsItself = this.#output.json ? 'on stderr' : 'on stdout';
    return this.#controller.run(given, { DATABASE_URL: this.#databaseUrl }, showsItself, onRestart);
  }

  async #conclude(): Promise<Report> {
    this.#output.line(pc.dim('\nEvery acknowledged message is read again …'));
    // What Parley noted last is on its way for a moment, and counted when it has arrived.
    await Promise.all([this.#people?.finish(), sleep(newsMs)]);
    const report = await this.#withStore((store) => deriveReport(store, clientLogFile));
    for (const path of writeReport(report)) this.#output.line(pc.dim(`Report: ${path}`));
    return report;
  }

  #summarise(report: Report): void {
    const { requests, data, run } = report;
    this.#output.data(report);
    this.#output.line(`\n${pc.bold(`${run.plan}: ${headline(report)}.`)}`);
    this.#output.line(
      `  ${count(requests.total)} requests, p95 ${ms(requests.p95Ms)} (${ms(requests.baseline.p95Ms)} before the run), ${count(requests.retries)} retried`,
    );
    this.#output.line(
      `  ${count(data.rows)} rows backfilled: ${count(data.migrated)} migrated, ${count(data.skipped)} written by people meanwhile, ${count(data.quarantined)} quarantined`,
    );
    this.#output.line(
      `  ${count(data.acknowledged)} messages sent meanwhile; ${count(data.found)} found again, unchanged`,
    );
    for (const line of flagLines(report)) this.#output.line(`  ${line}`);
    this.#output.line(
      `  ${count(run.journalEntries)} journal entries; controller restarted ${run.restarts} times`,
    );
  }

  async #keepServing(urls: readonly string[], signal: AbortSignal): Promise<void> {
    this.#output.line(
      `\nParley serves on at ${urls[0]}. Look around: crossfade status, report, flags list. Ctrl+C ends it.`,
    );
    await sleep(2 ** 31 - 1, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #withStore<T>(
    work: (store: Awaited<ReturnType<typeof createPostgresStore>>) => Promise<T>,
  ): Promise<T> {
    const store = await createPostgresStore({ connectionString: this.#databaseUrl });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }
}

/** Who was shown what, and how soon the kill switch was in force. */
function flagLines(report: Report): string[] {
  const { use } = report;
  const flags = Object.values(use.flags);
  const shown = Math.max(0, ...flags.map(({ on }) => on));
  const lost = flags.reduce((sum, { turnedOff }) => sum + turnedOff, 0);
  const told = shownToldByPeople(report);
  return [
    `${count(shown)} people were shown what is new${told}; ${count(lost)} lost it although nobody switched it off`,
    ...use.switchedOff
      .filter(({ wasOn }) => wasOn)
      .map(({ flag, processes, offEverywhereAfterMs }) =>
        offEverywhereAfterMs === null
          ? `${flag} was switched off for a while, and not every process has said so`
          : `${flag} was switched off for a while: off in all ${processes} processes after ${ms(offEverywhereAfterMs)}`,
      ),
  ];
}

/** People keep a log of their own: whether it says the same as Parley's reports. */
function shownToldByPeople({ flags, use }: Report): string {
  const told = Object.entries(flags).filter(([, { shownTo }]) => shownTo !== null);
  if (told.length === 0) return '';
  // One more is whoever has come in by a browser.
  const differ = told.filter(([flag, { shownTo }]) => {
    const more = (use.flags[flag]?.on ?? 0) - (shownTo ?? 0);
    return more !== 0 && more !== 1;
  });
  if (differ.length === 0) return ', as they say themselves';
  return ` (they say otherwise of ${differ.map(([flag]) => flag).join(', ')})`;
}

function verdictOn(code: number, report: Report): ExitCode {
  const { run, requests, data } = report;
  if (run.status === 'rolled_back') return exitCodes.rolledBack;
  const spotless = requests.failed === 0 && data.lost === 0 && data.duplicated === 0 && data.outOfOrder === 0;
  const isWell = spotless && flagsWereRight(report);
  return code === 0 && run.status === 'completed' && isWell ? exitCodes.ok : exitCodes.failed;
}

/** Nobody lost a flag, and what was switched off was off everywhere within a second. */
function flagsWereRight({ use }: Report): boolean {
  const nobodyLost = Object.values(use.flags).every(({ turnedOff }) => turnedOff === 0);
  const isOff = ({ offEverywhereAfterMs, shownAfterwards }: Report['use']['switchedOff'][number]): boolean =>
    offEverywhereAfterMs !== null && offEverywhereAfterMs <= mostOffMs && shownAfterwards === 0;
  return nobodyLost && use.switchedOff.filter(({ wasOn }) => wasOn).every(isOff);
}

const mostOffMs = 1_000;
