import { TerminalError, type PerformContext, type StepType, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import { theRow } from '../../sql/the-row.ts';
import { withTarget } from '../../target/with-target.ts';
import { openJob, type BackfillJob } from '../backfill-job.ts';
import type { Counts } from '../backfill-ledger.ts';
import type { BackfillConfig } from '../config.ts';
import { backfillStep } from '../definition.ts';
import { sampleOfBadRows, workAtSlices } from '../crew.ts';
import { batchSizeFor, Pacer, rowsPerSecondLimit } from '../pace.ts';
import type { Overseer } from '../pass-slice.ts';
import { withRunner } from '../runner.ts';
import { readLeads, type Lead } from './lead-ledger.ts';

/** What a worker of another process needs of the world: the plan is the one that the run was started with. */
export type WorkerContext = Pick<
  PerformContext,
  'runId' | 'signal' | 'speed' | 'files' | 'target' | 'clock' | 'random'
> & {
  /** By step: those of the plan that are backfills. */
  readonly backfills: ReadonlyMap<string, BackfillConfig>;
  /** Of this worker alone; shows in the ledger, and to the server. */
  readonly name: string;
  /** What has been done of a step. */
  onRows(stepId: string, counts: Counts): void;
  onNote(stepId: string, note: string): void;
};

/** By step, of the steps of a bound plan. */
export function backfillsAmong(
  steps: ReadonlyMap<
    string,
    { readonly step: { readonly config: unknown }; readonly type: StepType<unknown> }
  >,
): ReadonlyMap<string, BackfillConfig> {
  const ours: StepType<unknown> = backfillStep;
  // What a plan binds to a step type was parsed by its schema.
  return new Map(
    [...steps].flatMap(([id, { step, type }]) =>
      type === ours ? [[id, step.config as BackfillConfig] as const] : [],
    ),
  );
}

/** Backfills of this run that somebody leads now, and that the plan knows. */
export async function openBackfills(
  connection: TargetConnection,
  { runId, backfills }: Pick<WorkerContext, 'runId' | 'backfills'>,
): Promise<readonly Lead[]> {
  const leads = await readLeads(connection, runId);
  return leads.filter(({ stepId }) => backfills.has(stepId));
}

/**
 * Helps with a backfill: claims slices and passes them, until there are none, or nobody leads any more.
 * @throws TerminalError when another controller has taken it over, or the table or its columns are not as the plan says.
 */
export async function workAtBackfill(lead: Lead, worker: WorkerContext): Promise<void> {
  const config = worker.backfills.get(lead.stepId);
  if (!config) throw new TerminalError(`step ${lead.stepId} is no backfill of this plan`);
  const context = contextOf(lead, worker);
  await withTarget(context, async (connection) => {
    await withRunner(lead.way, connection, context, config, async (runBatch) => {
      const job = await openJob(lead.way, connection, context, config, runBatch);
      await withTarget(context, async (own) => {
        await workAtSlices(job, new Helper(job, own, worker), `worker ${worker.name}`);
      });
    });
  });
}

/** Under a name of its own: a leader that takes over ends what bears the name of its step. */
function contextOf({ stepId, token }: Lead, worker: WorkerContext): PerformContext {
  const never = (): never => {
    throw new Error('a worker has nothing to do with that');
  };
  const { target } = worker;
  return {
    ...worker,
    // Files that were applied are no business of a worker's.
    planName: '',
    laterSteps: [],
    stepId,
    token,
    segments: {},
    target: {
      withConnection: async (options, work) =>
        await target.withConnection({ ...options, applicationName: `crossfade worker ${worker.name}` }, work),
    },
    store: { addSegmentMembers: never },
    metrics: { counterIncrease: never, histogramIncrease: never, ask: never },
    notifier: { send: never },
    report: ({ note }) => worker.onNote(stepId, note),
  };
}

const lookEveryMs = 1_000;
const pauseMs = 500;

interface Look {
  readonly quarantined: number;
  readonly others: number;
}

/** A worker that is led from elsewhere: it looks every second whether and how fast it may go on. */
class Helper implements Overseer {
  readonly mostRowsInBatch: number;
  readonly #job: BackfillJob;
  readonly #connection: TargetConnection;
  readonly #worker: WorkerContext;
  readonly #limit: number | null;
  readonly #pacer: Pacer;
  #lookedAtMs = -Infinity;
  #isLed = true;
  #duty = 1;
  #quarantined = 0;

  constructor(job: BackfillJob, connection: TargetConnection, worker: WorkerContext) {
    this.#job = job;
    this.#connection = connection;
    this.#worker = worker;
    this.#limit = rowsPerSecondLimit(job.config.pace, worker.speed);
    this.#pacer = new Pacer(job.context, this.#limit);
    this.mostRowsInBatch = batchSizeFor(job.config, this.#limit);
  }

  get isHopeless(): boolean {
    return this.#quarantined > this.#job.config.tolerate + sampleOfBadRows;
  }

  async waitForTurn(signal: AbortSignal, tookMs: number): Promise<boolean> {
    const { clock } = this.#worker;
    while (this.#isLed) {
      if (clock.elapsedMs() - this.#lookedAtMs < lookEveryMs) break;
      const lead = await this.#look();
      this.#isLed = lead !== undefined;
      if (!lead || lead.pausedBecause === null) break;
      this.report(`paused: ${lead.pausedBecause}`);
      await clock.sleep(pauseMs, signal);
      this.#lookedAtMs = -Infinity;
    }
    if (!this.#isLed) return false;
    const restMs = tookMs * (1 / Math.max(0.01, this.#duty) - 1);
    if (restMs >= 1) await clock.sleep(restMs, signal);
    await this.#pacer.waitForTurn(signal);
    return true;
  }

  passed(counts: Counts): void {
    this.#quarantined += counts.quarantined;
    this.#pacer.spent(counts.migrated + counts.skipped + counts.quarantined + counts.vanished);
    this.#worker.onRows(this.#job.context.stepId, counts);
  }

  report(note: string): void {
    this.#worker.onNote(this.#job.context.stepId, note);
  }

  /** Whether this backfill is still led, under the same leader. */
  async #look(): Promise<Lead | undefined> {
    const { context, way } = this.#job;
    const leads = await readLeads(this.#connection, context.runId);
    const { rows } = await eachInTransaction(this.#connection).query<Look>(
      `select coalesce(sum(quarantined), 0)::float8 as quarantined,
              (count(*) filter (where holder is not null and lease_until > clock_timestamp()))::float8 as others
         from crossfade_ledger.slices where run_id = $1 and step_id = $2 and direction = $3`,
      [context.runId, context.stepId, way],
    );
    const { quarantined, others } = theRow(rows);
    this.#quarantined = quarantined;
    // What the plan allows is of all together, and each takes an even part.
    if (this.#limit !== null) this.#pacer.limitTo(this.#limit / Math.max(1, others));
    this.#lookedAtMs = this.#worker.clock.elapsedMs();
    const lead = leads.find(
      (one) => one.stepId === context.stepId && one.way === way && one.token === context.token,
    );
    this.#duty = lead?.duty ?? 0;
    return lead;
  }
}
