import { verifyChain, type ControlStore, type RunState } from '@crossfade/engine';
import { openPostgresStore } from '@crossfade/store';
import { loadJournal, pinnedPlan, type LoadedJournal } from '../control.ts';
import { needsLeader, nobodyLeads, readLeader } from '../leadership.ts';
import { isToBeTakenBack } from '../to-be-taken-back.ts';
import { note, ok, problem, warning, type Check, type Seen } from './finding.ts';

/** The newest run in this database, and the application it works on. */
export function runChecks(url: string, applicationUrls: readonly string[]): Check[] {
  return [
    { area: 'run', topic: 'run', look: () => lookAtRun(url) },
    ...applicationUrls.map((applicationUrl): Check => ({
      area: 'run',
      topic: 'application',
      look: () => lookAtApplication(applicationUrl),
    })),
  ];
}

async function lookAtRun(url: string): Promise<Seen[]> {
  const store = await openPostgresStore({ connectionString: url });
  if (!store) return [note('no plan has been run on this database yet')];
  try {
    return await examineRun(store);
  } finally {
    store.close().catch(() => undefined); // Whatever hangs now has answered before.
  }
}

async function examineRun(store: ControlStore): Promise<Seen[]> {
  const loaded = await loadJournal(store);
  const { run } = loaded.journal;
  if (!run) return [note('no plan has been run on this database yet'), ...checkChain(loaded)];
  return [
    statusOf(run),
    ...(await leadership(store, loaded, run)),
    ...stuckSteps(run),
    ...checkChain(loaded),
    ...(await checkFlags(store, loaded)),
    ...(await checkPlan(store, loaded)),
  ];
}

function statusOf(run: RunState): Seen {
  const name = `the run of ${run.start.plan} (${run.runId})`;
  if (isToBeTakenBack(run)) return note(`${name} was asked to be taken back: ${run.rollback?.reason ?? ''}`);
  if (run.status === 'rollback_failed') {
    const failure = run.rollback?.failure ?? 'see crossfade status';
    return problem(
      `${name} could not be taken back whole: ${failure}`,
      'mend that; then: crossfade rollback',
    );
  }
  const pause = run.pauses.at(-1);
  if (pause && pause.toMs === null && run.status === 'running')
    return note(`${name} is paused: ${pause.reason}`, 'crossfade resume goes on');
  if (run.rollback && run.status !== 'rolled_back')
    return note(`${name} is being taken back: ${run.rollback.reason}`);
  return ok(`${name} is ${run.status.replace('_', ' ')}`);
}

async function leadership(store: ControlStore, loaded: LoadedJournal, run: RunState): Promise<Seen[]> {
  const leader = await readLeader(store, loaded.entries);
  if (leader) return [ok(`${leader.holder} leads`)];
  return needsLeader(run) ? [problem('nobody leads it', nobodyLeads(run))] : [];
}

function stuckSteps(run: RunState): Seen[] {
  const steps = Object.entries(run.steps);
  return steps.flatMap(([id, { status, waitingFor, summary }]) => {
    if (status === 'failed')
      return [problem(`${id} failed: ${summary ?? 'no reason is journalled'}`, 'crossfade status says more')];
    if (status !== 'running' || waitingFor === null) return [];
    if (!waitingFor.startsWith('held')) return [ok(`${id} waits: ${waitingFor}`)];
    const todo = 'mend what its gate measures, or take it back: crossfade rollback';
    return [warning(`${id} is stuck: ${waitingFor}`, todo)];
  });
}

function checkChain({ entries }: LoadedJournal): Seen[] {
  const chain = verifyChain(entries);
  if (chain.ok) return [ok(`the journal's ${chain.entries} entries follow from each other`)];
  const todo = 'somebody changed it past Crossfade: compare it with a backup before you trust it';
  return [problem(`entry ${chain.seq} of the journal was changed: ${chain.reason}`, todo)];
}

/** What applications read must be what the journal says was published. */
async function checkFlags(store: ControlStore, { journal }: LoadedJournal): Promise<Seen[]> {
  const published = await store.readFlagDocument();
  const { flagsRevision: revision, flagsDigest: digest } = journal;
  if ((published?.revision ?? 0) === revision && (published === undefined || published.digest === digest))
    return [ok(`the published flags are those of the journal (revision ${revision})`)];
  const what = `flags of revision ${published?.revision ?? 0} are published, the journal has revision ${revision}`;
  const todo =
    'somebody wrote crossfade.flag_documents past Crossfade; the next change of a flag publishes it anew';
  return [problem(what, todo)];
}

async function checkPlan(store: ControlStore, { journal }: LoadedJournal): Promise<Seen[]> {
  const bound = await pinnedPlan(store, journal);
  return bound ? [ok(`its plan is stored with it (${bound.steps.size} steps)`)] : [];
}

const requestLimitMs = 2_000;

async function lookAtApplication(url: string): Promise<Seen[]> {
  const todo = 'start it, or see its log: gates fail closed while it is silent';
  try {
    const address = new URL('/readyz', url);
    const response = await fetch(address, { signal: AbortSignal.timeout(requestLimitMs) });
    await response.body?.cancel();
    const what = `${address.href} answers ${response.status}`;
    return [response.ok ? ok(what) : problem(what, todo)];
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    return [problem(`${url} does not answer: ${reason}`, todo)];
  }
}
