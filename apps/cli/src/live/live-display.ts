import type { ControllerSnapshot } from '@crossfade/controller';
import type { BoundPlan, JournalEntry, JournalState } from '@crossfade/engine';
import { createLogUpdate } from 'log-update';
import { fitted, type Output } from '../output.ts';
import { lineWidth } from '../wrap-text.ts';
import { journalLines, stampWidth } from './journal-lines.ts';
import { statusBlock } from './status-block.ts';
import type { TrafficFigures } from './traffic.ts';

/** Journal lines that scroll by, and at a terminal a block below them that is redrawn in place. */
export interface LiveDisplay {
  readonly entries: (entries: readonly JournalEntry[], journal: JournalState) => void;
  readonly snapshot: (snapshot: ControllerSnapshot, traffic: TrafficFigures | undefined) => void;
  /** Wrapped lines are indented by `indent`. */
  readonly line: (text: string, indent?: number) => void;
  readonly end: () => void;
}

export function createLiveDisplay(bound: BoundPlan, output: Output): LiveDisplay {
  if (output.json || output.quiet) return quietDisplay(bound, output);
  return process.stdout.isTTY
    ? redrawing(bound)
    : plainDisplay(bound, (text, indent) => output.line(text, indent));
}

const silent: LiveDisplay = { entries: () => {}, snapshot: () => {}, line: () => {}, end: () => {} };

/** Only what keeps the run from going on, on stderr: stdout is for the one line or document that was asked for. */
function quietDisplay(bound: BoundPlan, output: Output): LiveDisplay {
  const line = (text: string) => {
    if (text.startsWith('! ')) output.problem(text.slice(2));
  };
  return { ...silent, line, snapshot: plainDisplay(bound, line).snapshot };
}

/** For logs and pipes: one line an event, each problem once, however often it is met until it is over, and whom it waits for. */
export function plainDisplay(bound: BoundPlan, line: (text: string, indent?: number) => void): LiveDisplay {
  const problems = new Set<string>();
  const failures = new Set<string>();
  let waits = false;
  return {
    ...silent,
    line,
    entries: (entries, journal) => {
      for (const text of journalLines(entries, journal.run, bound)) line(text, stampWidth);
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
  const line = (text: string, indent = 2) => {
    redraw.clear();
    process.stdout.write(`${fitted(text, indent, lineWidth())}\n`);
    if (block !== '') redraw(block);
  };
  return {
    line,
    entries: (entries, journal) => {
      for (const text of journalLines(entries, journal.run, bound)) line(text, stampWidth);
    },
    snapshot: (snapshot, traffic) => {
      block = fitted(statusBlock(snapshot, bound, traffic), 2, lineWidth());
      redraw(block);
    },
    end: () => redraw.clear(),
  };
}
