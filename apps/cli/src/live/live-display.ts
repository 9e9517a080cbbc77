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
  return process.stdout.isTTY ? redrawing(bound) : plain(bound);
}

const silent: LiveDisplay = { entries: () => {}, snapshot: () => {}, line: () => {}, end: () => {} };

/** For logs and pipes: one line an event, and one about waiting when its reason is new. */
function plain(bound: BoundPlan): LiveDisplay {
  const line = (text: string) => void process.stdout.write(`${text}\n`);
  let problem: string | null = null;
  return {
    ...silent,
    line,
    entries: (entries, journal) => {
      for (const text of journalLines(entries, journal.run, bound)) line(text);
    },
    snapshot: (snapshot) => {
      if (snapshot.problem && snapshot.problem !== problem) line(`! ${snapshot.problem}`);
      problem = snapshot.problem;
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
