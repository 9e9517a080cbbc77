import { problemsOf, type FinishedTrial } from './run-trials.ts';

export interface FaultTally {
  readonly fault: string;
  readonly runs: number;
  readonly completed: number;
  readonly rolledBack: number;
  /** Messages that somebody saw acknowledged and that were written in all runs. */
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Requests that failed for a person in the end. */
  readonly failedRequests: number;
  readonly failedSeeds: readonly number[];
}

export function tallyOf(fault: string, trials: readonly FinishedTrial[]): FaultTally {
  const own = trials.filter((trial) => trial.fault.name === fault);
  const results = own.flatMap(({ result }) => ('error' in result ? [] : [result]));
  const sum = (pick: (result: (typeof results)[number]) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  return {
    fault,
    runs: own.length,
    completed: results.filter(({ ended }) => ended === 'completed' || ended === 'same content').length,
    rolledBack: results.filter(({ ended }) => ended === 'rolled back').length,
    acknowledged: sum((result) => result.acknowledged),
    lost: sum((result) => result.lost),
    duplicated: sum((result) => result.duplicated),
    failedRequests: sum((result) => result.failedRequests),
    failedSeeds: own.filter((trial) => problemsOf(trial).length > 0).map(({ seed }) => seed),
  };
}

interface Column {
  /** Two lines of a heading. */
  readonly heading: readonly [string, string];
  readonly width: number;
  readonly of: (tally: FaultTally) => number;
}

const columns: readonly Column[] = [
  { heading: ['', 'runs'], width: 6, of: ({ runs }) => runs },
  { heading: ['', 'completed'], width: 10, of: ({ completed }) => completed },
  { heading: ['rolled', 'back'], width: 8, of: ({ rolledBack }) => rolledBack },
  { heading: ['', 'lost'], width: 6, of: ({ lost }) => lost },
  { heading: ['', 'doubled'], width: 8, of: ({ duplicated }) => duplicated },
  { heading: ['requests', 'failed'], width: 10, of: ({ failedRequests }) => failedRequests },
  { heading: ['runs', 'failed'], width: 8, of: ({ failedSeeds }) => failedSeeds.length },
];
/** One more than the longest name of a fault has. */
const nameWidth = 24;

/** A table of at most 80 columns. */
export function tallyTable(tallies: readonly FaultTally[]): readonly string[] {
  const row = (name: string, cell: (column: Column) => string | number): string =>
    name.padEnd(nameWidth) + columns.map((column) => String(cell(column)).padStart(column.width)).join('');
  return [
    row('', ({ heading }) => heading[0]),
    row('fault', ({ heading }) => heading[1]),
    ...tallies.map((tally) => row(tally.fault, ({ of }) => of(tally))),
    row('all', ({ of }) => tallies.reduce((sum, tally) => sum + of(tally), 0)),
  ];
}
