import type { PerformContext } from '@crossfade/engine';
import { withTarget } from '../target/with-target.ts';
import type { BackfillJob } from './backfill-job.ts';
import type { Account, Counts } from './backfill-ledger.ts';
import { BatchSize } from './batch-size.ts';
import { batchSizeFor, formatRate, Pacer, rowsPerSecondLimit } from './pace.ts';
import { passSlice, type Overseer } from './pass-slice.ts';
import { claimSlice } from './slice-ledger.ts';
import type { Governor } from './throttle/governor.ts';
import { leading } from './worker/lead.ts';

/** A table in which every row is bad is not bisected to its end: so many beyond what is tolerated show what is wrong. */
export const sampleOfBadRows = 100;
const pollMs = 250;
/** Rates are those of the last seconds, not of the whole. */
const rateWindowMs = 5_000;

/** The leader's own workers: their pace, and what they have done. */
export class Crew implements Overseer {
  readonly mostRowsInBatch: number;
  readonly #job: BackfillJob;
  readonly #governor: Governor;
  readonly #pacer: Pacer;
  #helpers = 0;
  readonly #limit: number | null;
  #account: Account;
  #marks: { readonly atMs: number; readonly passed: number }[] = [];

  constructor(job: BackfillJob, account: Account, governor: Governor) {
    this.#governor = governor;
    const { context, config } = job;
    this.#job = job;
    this.#account = account;
    this.#limit = rowsPerSecondLimit(config.pace, context.speed);
    this.#pacer = new Pacer(context, this.#limit);
    this.mostRowsInBatch = batchSizeFor(config, this.#limit);
  }

  /** So many rows were set aside that the step will fail whatever becomes of the rest. */
  get isHopeless(): boolean {
    return this.#account.quarantined > this.#job.config.tolerate + sampleOfBadRows;
  }

  async waitForTurn(signal: AbortSignal, tookMs: number): Promise<boolean> {
    await this.#governor.waitForTurn(signal, tookMs);
    await this.#pacer.waitForTurn(signal);
    return true;
  }

  passed({ migrated, skipped, quarantined, vanished }: Counts, tookMs: number): void {
    const rows = migrated + skipped + quarantined + vanished;
    const account = this.#account;
    this.#account = {
      ...account,
      passed: account.passed + rows,
      migrated: account.migrated + migrated,
      skipped: account.skipped + skipped,
      quarantined: account.quarantined + quarantined,
      vanished: account.vanished + vanished,
      activeMs: account.activeMs + tookMs,
    };
    this.#pacer.spent(rows);
    this.report();
  }

  /** What others have done, too. What the plan allows is of all together, and each takes an even part. */
  shareWith(helpers: number, account: Account): void {
    this.#account = account;
    const { config } = this.#job;
    if (this.#limit !== null && helpers !== this.#helpers) {
      this.#pacer.limitTo((this.#limit * config.workers) / (config.workers + helpers));
    }
    this.#helpers = helpers;
    this.report();
  }

  report(note?: string): void {
    const { context, estimatedRows } = this.#job;
    const { passed, skipped, quarantined, vanished } = this.#account;
    const paced = this.#limit === null ? '' : `, at most ${formatRate(this.#limit)} by the plan's pace`;
    const asides = [`${skipped} skipped`, `${quarantined} set aside`, `${vanished} gone`].filter(
      (text) => !text.startsWith('0 '),
    );
    context.report({
      done: passed,
      total: estimatedRows === null ? null : Math.max(passed, Math.round(estimatedRows)),
      unit: 'rows',
      note:
        note ??
        [`${this.#rate(context, passed)} rows/s${paced}`, ...asides, ...this.#governor.notes()].join(', '),
    });
  }

  #rate({ clock }: PerformContext, passed: number): number {
    const nowMs = clock.elapsedMs();
    this.#marks = [
      ...this.#marks.filter(({ atMs }) => nowMs - atMs <= rateWindowMs),
      { atMs: nowMs, passed },
    ];
    const [first] = this.#marks;
    if (!first || nowMs - first.atMs < 1) return 0;
    return Math.round(((passed - first.passed) / (nowMs - first.atMs)) * 1_000);
  }
}

/** Passes all rows of a sweep, with as many workers as the plan says, beside those of other processes. */
export async function passAll(job: BackfillJob, account: Account, governor: Governor): Promise<void> {
  const crew = new Crew(job, account, governor);
  const failed = new AbortController();
  const context = { ...job.context, signal: AbortSignal.any([job.context.signal, failed.signal]) };
  const work = async (number: number, connection = job.connection): Promise<void> => {
    try {
      await workAtSlices({ ...job, context, connection }, crew, `controller ${number}`);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const others = Array.from(
    { length: job.config.workers - 1 },
    async (_, at) => await withTarget(context, async (connection) => await work(at + 2, connection)),
  );
  const all = async (): Promise<void> => {
    const ends = await Promise.allSettled([work(1), ...others]);
    job.context.signal.throwIfAborted();
    // What came first is why the others ended.
    if (failed.signal.aborted) throw failed.signal.reason;
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure) throw failure.reason;
  };
  await leading(
    job,
    {
      onBeat: async (connection) => {
        await governor.look(connection);
        if (governor.pace.pausedBecause !== null) crew.report();
        return governor.pace;
      },
      onLost: () => {
        governor.lose();
        return governor.pace;
      },
      onHelp: (helpers, current) => crew.shareWith(helpers, current),
    },
    all,
  );
}

/** One slice after the other, until nothing is left that anybody could do. */
export async function workAtSlices(job: BackfillJob, crew: Overseer, holder: string): Promise<void> {
  const size = new BatchSize(crew.mostRowsInBatch);
  while (!crew.isHopeless) {
    job.context.signal.throwIfAborted();
    if (!(await crew.waitForTurn(job.context.signal, 0))) return;
    const next = await claimSlice(job, holder);
    if (next.claim === 'none') return;
    if (next.claim === 'slice') await passSlice(job, next.slice, crew, size);
    else await job.context.clock.sleep(pollMs, job.context.signal);
  }
}
