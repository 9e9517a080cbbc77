import type { TrialResult } from './fault.ts';
import { problemsOf, repeatCommand, type FinishedTrial } from './run-trials.ts';
import { tallyOf, tallyTable, type FaultTally } from './tally.ts';

/** What a soak has come to. */
export interface SoakOutcome {
  /** The faults that were tried, by name, in the order of the catalogue. */
  readonly faults: readonly string[];
  /** The ones that this machine cannot stage, with the reason. */
  readonly notRunHere: ReadonlyMap<string, string>;
  readonly trials: readonly FinishedTrial[];
  readonly planned: number;
  readonly interrupted: boolean;
}

export function failuresOf(trials: readonly FinishedTrial[]): readonly FinishedTrial[] {
  return trials.filter((trial) => problemsOf(trial).length > 0);
}

/** For people: lines of at most 80 columns, but for reasons and commands. */
export function soakLines(
  { faults, notRunHere, trials, planned, interrupted }: SoakOutcome,
  logs: string,
): readonly string[] {
  const tallies = faults.map((name) => tallyOf(name, trials));
  const total = (count: (tally: FaultTally) => number): number =>
    tallies.reduce((sum, tally) => sum + count(tally), 0);
  const acknowledged = total((tally) => tally.acknowledged);
  return [
    ...tallyTable(tallies),
    ...[...notRunHere].map(([name, why]) => `${name}: not run here: ${why}`),
    '',
    `${acknowledged} messages were acknowledged to people and looked for in the database:`,
    `${total((tally) => tally.lost)} lost or changed, ${total((tally) => tally.duplicated)} doubled.`,
    ...(interrupted ? [`Interrupted after ${trials.length} of ${planned} runs.`] : []),
    ...verdictLines(trials, logs),
  ];
}

function verdictLines(trials: readonly FinishedTrial[], logs: string): readonly string[] {
  const failures = failuresOf(trials);
  if (failures.length === 0) return [`No run failed, of ${trials.length}.`];
  return [
    `${failures.length} of ${trials.length} runs failed. Each again, alone:`,
    ...failures.map((trial) => `  ${repeatCommand(trial)}`),
    `The logs of all runs are in ${logs}`,
  ];
}

/** For scripts. */
export function soakJson({ faults, notRunHere, trials, planned, interrupted }: SoakOutcome): object {
  return {
    planned,
    interrupted,
    faults: faults.map((name) => tallyOf(name, trials)),
    notRunHere: Object.fromEntries(notRunHere),
    trials: trials.map(({ fault, seed, moments, result, tookMs }) => ({
      fault: fault.name,
      seed,
      moments,
      ...('error' in result ? {} : shownOf(result)),
      tookMs: Math.round(tookMs),
    })),
    failures: failuresOf(trials).map((trial) => ({
      fault: trial.fault.name,
      seed: trial.seed,
      problems: problemsOf(trial),
      repeat: repeatCommand(trial),
    })),
  };
}

function shownOf({ trial, ended, done, failedRequests }: TrialResult): object {
  return { trial, ended, done, failedRequests };
}
