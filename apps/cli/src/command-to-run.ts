import { appendOperatorCommand } from '@crossfade/controller';
import {
  emptyJournal,
  foldJournal,
  type BoundPlan,
  type ControlStore,
  type JournalEntry,
  type JournalState,
  type RunEvent,
  type RunState,
} from '@crossfade/engine';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from './control.ts';
import { Refusal } from './exit-codes.ts';
import { readLeader, type Leader } from './leadership.ts';
import { operatorName } from './operator.ts';
import { isToBeTakenBack } from './to-be-taken-back.ts';

/** What an operator's command is decided on. */
export interface CommandView {
  readonly bound: BoundPlan;
  readonly journal: JournalState;
  readonly run: RunState;
  readonly nowMs: number;
}

export interface CommandAnswer {
  /** False: it was so already. */
  readonly changed: boolean;
  readonly bound: BoundPlan;
  readonly run: RunState;
  readonly journal: JournalState;
  readonly entries: readonly JournalEntry[];
  readonly leader: Leader | null;
  readonly nowMs: number;
}

/**
 * Gives a command to the run that is under way, with or without a controller: journalled with who gave it. `decide` sees the
 * newest state, again when that has moved on meanwhile; no event: nothing is to be done.
 * @param deed as in "nothing to pause".
 * @throws Refusal when no run is under way, and whatever `decide` throws: nothing is journalled then.
 */
export async function commandToRun(
  options: DatabaseOptions,
  deed: string,
  decide: (view: CommandView) => RunEvent | undefined,
): Promise<CommandAnswer> {
  return withStore(options, async (store) => {
    const bound = await planUnderWay(store, deed);
    const actor = operatorName();
    const nowMs = await store.now();
    const written = await appendOperatorCommand({ store, plan: bound.plan }, (journal) => {
      const run = runUnderWay(journal, deed);
      const event = decide({ bound, journal, run, nowMs });
      return event ? [{ runId: run.runId, actor, event }] : [];
    });
    const entries = await store.readJournal(0);
    const journal = foldJournal(emptyJournal, entries);
    const run = journal.run ?? runUnderWay(journal, deed);
    const leader = await readLeader(store, entries);
    return { changed: written.length > 0, bound, run, journal, entries, leader, nowMs: await store.now() };
  });
}

async function planUnderWay(store: ControlStore, deed: string): Promise<BoundPlan> {
  const { journal } = await loadJournal(store);
  runUnderWay(journal, deed);
  const bound = await pinnedPlan(store, journal);
  if (!bound) throw new Refusal(`no plan has been run on this database yet: nothing to ${deed}`);
  return bound;
}

const ends: Readonly<Record<Exclude<RunState['status'], 'running'>, string>> = {
  completed: 'is completed',
  rolled_back: 'was taken back',
  rolling_back: 'is being taken back, and that goes on to its end',
  rollback_failed: 'was being taken back and stopped; go on with "crossfade rollback"',
};

function runUnderWay({ run }: JournalState, deed: string): RunState {
  if (!run) throw new Refusal(`no plan has been run on this database yet: nothing to ${deed}`);
  const details = { details: { runId: run.runId, status: run.status } };
  if (run.status !== 'running')
    throw new Refusal(`run ${run.runId} ${ends[run.status]}: nothing to ${deed}`, details);
  if (isToBeTakenBack(run)) {
    throw new Refusal(
      `run ${run.runId} was asked to be taken back (${run.rollback?.reason}): nothing to ${deed}; "crossfade status" says who does it`,
      details,
    );
  }
  return run;
}
