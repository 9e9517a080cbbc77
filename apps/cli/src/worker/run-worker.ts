import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, systemRandom } from '@crossfade/controller';
import type { ControlStore, Target } from '@crossfade/engine';
import { backfillsAmong, openBackfills, workAtBackfill } from '@crossfade/steps';
import { loadJournal, pinnedPlan } from '../control.ts';
import { errorText } from '../error-text.ts';

export interface WorkerOptions {
  /** Of the runs; undefined as long as no plan was run on the database. */
  openStore(): Promise<ControlStore | undefined>;
  readonly target: Target;
  readonly signal: AbortSignal;
  /** Connections that work side by side. */
  readonly workers: number;
  /** Ends when no backfill is led any more, instead of waiting for the next. */
  readonly untilIdle: boolean;
  tell(line: string): void;
  problem(line: string): void;
}

/** What it has done, in all. */
export interface WorkerFigures {
  readonly rows: number;
  readonly steps: readonly string[];
}

const lookEveryMs = 1_000;
const longestPauseMs = 30_000;
const tellEveryMs = 5_000;

/** Helps with the backfills of the newest run, whichever is led at the moment, until it is told to stop. */
export async function runWorker(options: WorkerOptions): Promise<WorkerFigures> {
  const tally = new Tally(options);
  let store: ControlStore | undefined;
  const look = async () => {
    store ??= await options.openStore();
    return store ? await helpOnce(options, store, tally) : 'no run';
  };
  try {
    await lookUntilStopped(options, look);
  } finally {
    await store?.close();
  }
  return tally.figures;
}

async function lookUntilStopped(options: WorkerOptions, look: () => Promise<State>): Promise<void> {
  const { signal, untilIdle } = options;
  let failures = 0;
  let idle: State = 'helped';
  while (!signal.aborted) {
    try {
      const state = await look();
      failures = 0;
      if (state !== 'helped' && untilIdle) break;
      if (state !== 'helped' && state !== idle) options.tell(waits[state]);
      idle = state;
      await pause(lookEveryMs, signal);
    } catch (error) {
      if (signal.aborted) break;
      failures += 1;
      // A leader that another has followed, a network that goes away, a table that is being changed: it may pass.
      options.problem(`${errorText(error)}; goes on in a moment`);
      await pause(Math.min(longestPauseMs, lookEveryMs * 2 ** Math.min(failures, 6)), signal);
    }
  }
}

const waits = {
  'no run': 'No plan is being run on this database; waits for one.',
  'no backfill': 'No backfill is at work; waits for one.',
};

type State = 'helped' | keyof typeof waits;

/** Until nothing is left to claim. Others may hold the rest, which may become free. */
async function helpOnce(options: WorkerOptions, store: ControlStore, tally: Tally): Promise<State> {
  const { target, signal } = options;
  const { journal } = await loadJournal(store);
  const bound = await pinnedPlan(store, journal);
  if (!bound || !journal.run) return 'no run';
  const { runId, start } = journal.run;
  const backfills = backfillsAmong(bound.steps);
  const looking = { applicationName: 'crossfade worker', signal };
  const [lead] = await target.withConnection(
    looking,
    async (connection) => await openBackfills(connection, { runId, backfills }),
  );
  if (!lead) return 'no backfill';
  tally.note(lead.stepId, `helps with it, in run ${runId}`);
  const helpers = Array.from({ length: options.workers }, async (_, at) => {
    await workAtBackfill(lead, {
      runId,
      backfills,
      signal,
      target,
      speed: start.speed,
      files: bound.files,
      clock: systemClock,
      random: systemRandom,
      name: `${hostname().slice(0, 24)}:${process.pid}.${at + 1}`,
      onRows: (stepId, { migrated, skipped, quarantined, vanished }) =>
        tally.add(stepId, migrated + skipped + quarantined + vanished),
      onNote: (stepId, note) => tally.note(stepId, note),
    });
  });
  const ends = await Promise.allSettled(helpers);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  return 'helped';
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Told to stop, it has waited long enough.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Counts rows, and says now and then how many. */
class Tally {
  readonly #options: Pick<WorkerOptions, 'tell'>;
  readonly #steps = new Set<string>();
  #rows = 0;
  #toldRows = 0;
  #toldAtMs = systemClock.elapsedMs();
  #lastNote = '';

  constructor(options: Pick<WorkerOptions, 'tell'>) {
    this.#options = options;
  }

  get figures(): WorkerFigures {
    return { rows: this.#rows, steps: [...this.#steps] };
  }

  add(stepId: string, rows: number): void {
    this.#steps.add(stepId);
    this.#rows += rows;
    const nowMs = systemClock.elapsedMs();
    const passedMs = nowMs - this.#toldAtMs;
    if (passedMs < tellEveryMs) return;
    const rate = Math.round(((this.#rows - this.#toldRows) / passedMs) * 1_000);
    this.#options.tell(
      `${stepId}: ${this.#rows.toLocaleString('en-US')} rows here, ${rate.toLocaleString('en-US')} rows/s`,
    );
    [this.#toldRows, this.#toldAtMs] = [this.#rows, nowMs];
  }

  note(stepId: string, note: string): void {
    if (note !== this.#lastNote) this.#options.tell(`${stepId}: ${note}`);
    this.#lastNote = note;
  }
}
