import { emptyJournal } from '@crossfade/engine';
import type { ControllerEnd, ControllerOptions, ControllerSnapshot } from './controller-options.ts';
import { Leader } from './leader.ts';
import { takeLease } from './lease.ts';
import { sentenceOf } from './sentence-of.ts';

const defaultLeaseTtlMs = 6_000;

/**
 * Carries out the journal's newest run: waits until it may lead, then decides, journals and performs until the run has
 * ended, it is stopped, or it has lost the lease. Whatever point it is cut off at, the next one goes on from the journal.
 * @throws Error when there is no run, the plan is not the run's, or a broken invariant was found: nothing was committed then.
 */
export async function runController(options: ControllerOptions): Promise<ControllerEnd> {
  const { store, clock, holder, signal, leaseTtlMs = defaultLeaseTtlMs } = options;
  let problem: string | null = null;
  let leader: Leader | undefined;
  const observeWaiting = (leadership: ControllerSnapshot['leadership']) => {
    options.observe?.(waitingSnapshot(leadership, problem));
  };
  const lease = await takeLease({
    store,
    clock,
    holder,
    ttlMs: leaseTtlMs,
    signal,
    onHeld: (other, expiresInMs) => {
      problem = null;
      observeWaiting({ status: 'waiting', holder: other, expiresInMs });
    },
    onProblem: (text) => {
      problem = text;
      leader?.report(text);
      if (!leader) observeWaiting({ status: 'asking' });
    },
  });
  if (!lease) return { status: 'stopped', runId: null };
  leader = new Leader(options, lease);
  try {
    return await leader.lead();
  } finally {
    // Whoever leads next would perform the same effect: not while it may still be at work here.
    if (await leader.stop()) await lease.release();
    else lease.letRunOut();
  }
}

function waitingSnapshot(
  leadership: ControllerSnapshot['leadership'],
  problem: string | null,
): ControllerSnapshot {
  const snapshot = {
    leadership,
    journal: emptyJournal,
    nowMs: null,
    verdicts: {},
    waiting: {},
    effects: [],
    problem,
  };
  return { ...snapshot, waitsFor: sentenceOf(snapshot) };
}
