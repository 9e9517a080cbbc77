import type { ControllerSnapshot } from '@crossfade/controller';
import type { BoundPlan, JournalEntry, JournalState } from '@crossfade/engine';
import { createLogUpdate } from 'log-update';
import type { Output } from '../output.ts';
import { journalLines } from './journal-lines.ts';
import { statusBlock } from './status-block.ts';
import type { TrafficFigures } from './traffic.ts';

/** Journal lines that scroll by, and at a terminal a block below them that is redrawn in place. */
export interface LiveDisplay {
  readonly entries: (entries: readonly JournalEntry[], journal: JournalState) => void;
  readonly snapshot: (snapshot: ControllerSnapshot, traffic: TrafficFigures | undefined) => void;
  readonly line: (text: string) => void;
  readonly end: () => void;
}

export function createLiveDisplay(bound: BoundPlan, output: Output): LiveDisplay {
  if (output.json) return silent;
  return process.stdout.isTTY ? redrawing(bound) : plainDisplay(bound, (text) => output.line(text));
}

const silent: LiveDisplay = { entries: () => {}, snapshot: () => {}, line: () => {}, end: () => {} };

/** For logs and pipes: one line an event, each problem once, however often it is met until it is over, and whom it waits for. */
export function plainDisplay(bound: BoundPlan, line: (text: string) => void): LiveDisplay {
  const problems = new Set<string>();
  const failures = new Set<string>();
  let waits = false;
  return {
    ...silent,
    line,
    entries: (entries, journal) => {
      for (const text of journalLines(entries, journal.run, bound)) line(text);
    },
    snapshot: ({ problem, leadership, waitsFor, effects }) => {
      if (leadership.status === 'waiting' && !waits) line(waitsFor);
      waits = leadership.status === 'waiting';
      for (const { step, lastError } of effects) {
        const failure = `! ${step} tries again after: ${lastError}`;
        if (lastError === null || failures.has(failure)) continue;
        failures.add(failure);
        line(failure);
      }
      if (problem !== null && !problems.has(problem)) line(`! ${problem}`);
      if (problem !== null) problems.add(problem);
      else if (problems.size > 0) {
        problems.clear();
        line('✔ That is over.');
      }
    },
  };
}

function redrawing(bound: BoundPlan): LiveDisplay {
  const redraw = createLogUpdate(process.stdout);
  let block = '';
  const line = (text: string) => {
    redraw.clear();
    process.stdout.write(`${text}\n`);
    redraw(block);
  };
  return {
    line,
    entries: (entries, journal) => {
      for (const text of journalLines(entries, journal.run, bound)) line(text);
    },
    snapshot: (snapshot, traffic) => {
      block = statusBlock(snapshot, bound, traffic);
      redraw(block);
    },
    end: () => redraw.clear(),
  };
}
