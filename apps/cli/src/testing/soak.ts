import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from './faults/fault.ts';
import type { FinishedTrial } from './faults/run-trials.ts';
import { parseSoakOptions, soakUsage, type SoakOptions } from './soak-options.ts';

// Before anything that reads it is loaded: the trials' logs lie beside each other, away from any demonstration.
const folder = mkdtempSync(join(tmpdir(), 'crossfade-soak-'));
process.env['CROSSFADE_FOLDER'] = folder;
const { faultNamed, faults } = await import('./faults/catalogue.ts');
const { Ground } = await import('./faults/ground.ts');
const { failureText, jobsOf, problemsOf, runTrials } = await import('./faults/run-trials.ts');
const { failuresOf, soakJson, soakLines } = await import('./faults/soak-report.ts');

/** Returns the exit code: 0 when nothing has failed, 1 when something has or it was interrupted. */
async function soak(options: SoakOptions, wanted: readonly Fault[]): Promise<number> {
  const live = options.json ? process.stderr : process.stdout;
  const notRunHere = new Map<string, string>();
  for (const { name, unavailable } of wanted) {
    const missing = await unavailable?.();
    if (missing !== undefined) notRunHere.set(name, missing);
  }
  const tried = wanted.filter(({ name }) => !notRunHere.has(name));
  const jobs = jobsOf(tried, options.seeds);
  live.write(`${tried.length} faults, ${jobs.length} runs, ${options.atATime} at a time. Logs: ${folder}\n`);
  const trials: FinishedTrial[] = [];
  const tell = teller(live, jobs.length);
  const onEnd = (finished: FinishedTrial): void => {
    trials.push(finished);
    tell(finished, trials.length);
  };
  const stop = interruption();
  const ground = await Ground.prepare();
  // What is under way at an interruption is ended together with the ground it stands on.
  await Promise.race([
    runTrials(ground, jobs, { atATime: options.atATime, signal: stop, onEnd }),
    aborted(stop),
  ]);
  await ground.remove();

  const names = tried.map(({ name }) => name);
  const outcome = { faults: names, notRunHere, trials, planned: jobs.length, interrupted: stop.aborted };
  if (live.isTTY) live.write('\r\u001B[K');
  const text = options.json
    ? JSON.stringify(soakJson(outcome), null, 2)
    : `\n${soakLines(outcome, folder).join('\n')}`;
  process.stdout.write(`${text}\n`);
  const failures = failuresOf(trials);
  if (failures.length === 0) rmSync(folder, { recursive: true, force: true });
  return failures.length > 0 || stop.aborted ? 1 : 0;
}

/** One line that is drawn over on a terminal; elsewhere one a minute. A failed run keeps its own. */
function teller(live: NodeJS.WriteStream, planned: number): (finished: FinishedTrial, ended: number) => void {
  const startedMs = performance.now();
  let toldMs = startedMs;
  const clear = live.isTTY ? '\r\u001B[K' : '';
  return (finished, ended) => {
    if (problemsOf(finished).length > 0) live.write(`${clear}✘ ${failureText(finished)}\n`);
    const nowMs = performance.now();
    const progress = `${ended} of ${planned} runs, ${((nowMs - startedMs) / 60_000).toFixed(1)} min`;
    if (live.isTTY) live.write(`${clear}${progress}`);
    else if (nowMs - toldMs > 60_000) {
      live.write(`${progress}\n`);
      toldMs = nowMs;
    }
  };
}

/** Ctrl+C ends in order; a second one does not wait for that. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  const hear = (): void => (stop.signal.aborted ? process.exit(1) : stop.abort());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear);
  return stop.signal;
}

async function aborted(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

let options: SoakOptions;
let wanted: readonly Fault[];
try {
  options = parseSoakOptions(process.argv.slice(2));
  wanted = options.faults?.map(faultNamed) ?? faults;
} catch (error) {
  rmSync(folder, { recursive: true });
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${soakUsage}`);
  process.exit(2);
}
process.exit(await soak(options, wanted));
