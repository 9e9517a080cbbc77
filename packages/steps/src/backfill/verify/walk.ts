import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import { isContention, messageOf, sqlStateOf, sqlStates } from '../../target/sql-state.ts';
import { withTarget } from '../../target/with-target.ts';
import type { BackfillJob } from '../backfill-job.ts';
import { cutSlices } from '../cut-slices.ts';
import { isFaultOfRow } from '../quarantine.ts';
import type { Stretch } from '../slice-ledger.ts';
import { nothingExamined, together, type Examined, type Examiner, type Reading } from './examiner.ts';
import { nextRows, spanSql, type Span } from './stretches.ts';
import {
  beginPart,
  bookExamined,
  figuresOf,
  openVerification,
  readPart,
  sumOf,
  type VerificationFigures,
  type VerificationName,
  type VerificationSlice,
} from './verification-ledger.ts';

export interface VerifyOptions {
  readonly askedBy: VerificationName['askedBy'];
  /** Connections that work side by side. */
  readonly workers: number;
  /** Goes on where one that was cut off had come to. */
  readonly resume: boolean;
}

const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 10_000, readOnly: true };
/** What was written since is found by reading the table, which takes as long as it is large. */
const searchLimits = { ...limits, statementTimeoutMs: 600_000 };
/** That a scan of places begins at the first of them, and comes in their order. */
const inPlaces = 'set local synchronize_seqscans = off; set local max_parallel_workers_per_gather = 0';

export interface RowWalk {
  readonly job: BackfillJob;
  readonly examiner: Examiner;
  /** Of what is verified of the step: one side of a shape. */
  readonly part: string;
}

/** One after the other; where that was cut off, it may go on where it had come to. */
export async function walkAll(
  walks: readonly RowWalk[],
  options: VerifyOptions,
): Promise<readonly VerificationFigures[]> {
  const [first] = walks;
  if (!first) return [];
  const { runId, stepId } = first.job.context;
  const name = { runId, stepId, askedBy: options.askedBy };
  const parts = walks.flatMap(({ job, part }) => [part, ...(job.order.kind === 'place' ? [late(part)] : [])]);
  await openVerification(first.job.connection, name, parts, options.resume);
  const found: VerificationFigures[] = [];
  for (const walk of walks) found.push(await walkRows(walk, name, options.workers));
  return found;
}

const late = (part: string): string => `${part} written since`;

/**
 * Looks at all rows of a table, a chunk at a time: each in one statement, and so as of one moment, in a short transaction of its
 * own. Rows that move on disk while they are passed by their place are looked at afterwards, by who wrote them.
 */
async function walkRows(
  { job, examiner, part }: RowWalk,
  step: Omit<VerificationName, 'part'>,
  workers: number,
): Promise<VerificationFigures> {
  const { order, connection } = job;
  const name = { ...step, part };
  const slices = await openSlices(job, name);
  await new Walk(job, examiner, name).pass(slices, workers, null);
  const first = await figuresOf(connection, name);
  const since = slices[0]?.since;
  if (order.kind !== 'place' || since === undefined) return first;
  const later = { ...step, part: late(part) };
  await beginPart(connection, later, [{ lower: null, upper: null }]);
  await new Walk(job, examiner, later).pass(await readPart(connection, later), 1, since);
  const found = await figuresOf(connection, later);
  const anew = found.keys.filter((key) => !first.keys.includes(key));
  // Most of these rows were looked at already: only what is wrong with them is new.
  return sumOf(first, {
    compared: 0,
    notDone: 0,
    different: Math.max(0, found.different - (found.keys.length - anew.length)),
    keys: anew,
  });
}

async function openSlices(job: BackfillJob, name: VerificationName): Promise<readonly VerificationSlice[]> {
  const { connection } = job;
  const known = await readPart(connection, name);
  if (known.length > 0) return known;
  const stretches = await inTransaction(connection, { ...limits, statementTimeoutMs: 60_000 }, async () => {
    await job.prepare?.(connection);
    return await cutSlices(job);
  });
  await beginPart(connection, name, openEnded(stretches));
  return await readPart(connection, name);
}

/** Also what is written behind the last row while we look. */
function openEnded(stretches: readonly Stretch[]): readonly Stretch[] {
  return [...stretches.slice(0, -1), { lower: stretches.at(-1)?.lower ?? null, upper: null }];
}

const wantedMs = 200;
const longMs = 1_000;
const longestRestMs = 5_000;
const firstRows = 500;
const fewestRows = 10;
const mostContendedAttempts = 40;
const contendedRestMs = 250;
/** What differs because somebody is writing at that moment does not a moment later. */
const looksAgain = 3;
const lookAgainAfterMs = 150;
/** A row that cannot be looked at costs a dozen statements: so many show what is wrong. */
const mostFaults = 100;

class Walk {
  readonly #job: BackfillJob;
  readonly #examiner: Examiner;
  readonly #name: VerificationName;
  #limits = limits;
  #looked = 0;
  #faults = 0;

  constructor(job: BackfillJob, examiner: Examiner, name: VerificationName) {
    this.#job = job;
    this.#examiner = examiner;
    this.#name = name;
  }

  async pass(
    slices: readonly VerificationSlice[],
    workers: number,
    writtenSince: string | null,
  ): Promise<void> {
    this.#limits = writtenSince === null ? limits : searchLimits;
    const { context, connection } = this.#job;
    const open = slices.filter(({ finished }) => !finished);
    this.#looked = (await figuresOf(connection, this.#name)).compared;
    const failed = new AbortController();
    const work = async (own: TargetConnection): Promise<void> => {
      try {
        for (let slice = open.shift(); slice && !failed.signal.aborted; slice = open.shift())
          await this.#passSlice(own, slice, writtenSince, failed.signal);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    };
    const others = Array.from(
      { length: Math.min(workers, open.length) - 1 },
      async () => await withTarget(context, work),
    );
    const ends = await Promise.allSettled([work(connection), ...others]);
    context.signal.throwIfAborted();
    if (failed.signal.aborted) throw failed.signal.reason;
    const end = ends.find(({ status }) => status === 'rejected');
    if (end?.status === 'rejected') throw end.reason;
  }

  async #passSlice(
    connection: TargetConnection,
    slice: VerificationSlice,
    writtenSince: string | null,
    failed: AbortSignal,
  ): Promise<void> {
    const { context, config } = this.#job;
    let after = slice.cursor;
    let size = Math.min(firstRows, this.#examiner.mostRows);
    while (!failed.aborted) {
      context.signal.throwIfAborted();
      const startedMs = context.clock.elapsedMs();
      const span: Span = { after, until: slice.upper, writtenSince };
      const chunk = await this.#examineNext(connection, span, size);
      const tookMs = context.clock.elapsedMs() - startedMs;
      const differing = await this.#lookAgain(connection, chunk.examined.differing);
      await bookExamined(connection, this.#name, slice, { ...chunk.examined, differing }, chunk.position);
      this.#looked += chunk.examined.rows;
      context.report({
        done: this.#looked,
        total: this.#job.estimatedRows,
        unit: 'rows',
        note: `verifies ${config.table}`,
      });
      if (chunk.position === null) return;
      after = chunk.position;
      const { mostRows } = this.#examiner;
      const wanted = Math.round((size * wantedMs) / Math.max(1, tookMs));
      size = Math.min(mostRows, Math.max(Math.min(fewestRows, mostRows), Math.min(wanted, size * 2)));
      // The server has more to do than us.
      if (tookMs > longMs) await context.clock.sleep(Math.min(tookMs, longestRestMs), context.signal);
    }
  }

  /** `position` is null behind the last row. */
  async #examineNext(
    connection: TargetConnection,
    span: Span,
    size: number,
  ): Promise<{ readonly examined: Examined; readonly position: string | null }> {
    const batch = await this.#reading(
      connection,
      async () => await nextRows(this.#job, connection, span, size),
    );
    if (!batch) return { examined: nothingExamined, position: null };
    const examined = await this.#examineSpan(connection, { ...span, until: batch.lastPosition }, batch.rows);
    return { examined, position: batch.lastPosition };
  }

  /** What cannot be looked at as a whole is halved, until the row is found that is to blame. */
  async #examineSpan(connection: TargetConnection, span: Span, rows: number): Promise<Examined> {
    try {
      const range = spanSql(this.#job, span);
      return await this.#examiner.examine(this.#readingOn(connection), range);
    } catch (error) {
      this.#job.context.signal.throwIfAborted();
      if (!isFaultOfRow(error)) throw error;
      if (rows <= 1) return await this.#faultAt(connection, span, error);
      const half = await this.#reading(
        connection,
        async () => await nextRows(this.#job, connection, span, Math.ceil(rows / 2)),
      );
      if (!half) return nothingExamined;
      const lower = await this.#examineSpan(connection, { ...span, until: half.lastPosition }, half.rows);
      if (half.lastPosition === span.until) return lower;
      const upper = await this.#examineSpan(
        connection,
        { ...span, after: half.lastPosition },
        Math.max(1, rows - half.rows),
      );
      return together(lower, upper);
    }
  }

  async #faultAt(connection: TargetConnection, span: Span, cause: unknown): Promise<Examined> {
    // A single row for which there is not time enough says something of the server, and nothing of the row.
    if (sqlStateOf(cause) === sqlStates.queryCanceled) throw cause;
    const row = await this.#reading(connection, async () => await nextRows(this.#job, connection, span, 1));
    if (!row) return nothingExamined;
    if (await this.#isSetAside(connection, row.lastKey)) return { rows: 1, notDone: 1, differing: [] };
    this.#faults += 1;
    if (this.#faults > mostFaults) {
      const { context, config } = this.#job;
      const what = `step ${context.stepId}: more than ${mostFaults} rows of ${config.table} cannot be verified`;
      throw new TerminalError(`${what}; the last, ${row.lastKey}: ${messageOf(cause)}`, { cause });
    }
    return { rows: 1, notDone: 0, differing: [row.lastKey] };
  }

  async #lookAgain(connection: TargetConnection, keys: readonly string[]): Promise<readonly string[]> {
    const { context } = this.#job;
    let left = keys;
    for (let look = 1; look <= looksAgain && left.length > 0; look += 1) {
      await context.clock.sleep(lookAgainAfterMs * look, context.signal);
      const still: string[] = [];
      for (let at = 0; at < left.length; at += this.#examiner.mostRows)
        still.push(...(await this.#examineKeys(connection, left.slice(at, at + this.#examiner.mostRows))));
      left = still;
    }
    return left;
  }

  /** Of a row that was set aside it is known that it is not done, also where its guard fails with it. */
  async #isSetAside(connection: TargetConnection, key: string): Promise<boolean> {
    const { runId, stepId } = this.#job.context;
    const { rowCount } = await eachInTransaction(connection).query(
      'select from crossfade_ledger.quarantine where run_id = $1 and step_id = $2 and row_key = $3',
      [runId, stepId, key],
    );
    return rowCount > 0;
  }

  async #examineKeys(connection: TargetConnection, keys: readonly string[]): Promise<readonly string[]> {
    const range = { condition: this.#job.key.among('$1'), parameters: [keys] };
    try {
      const found = await this.#examiner.examine(this.#readingOn(connection), range);
      return found.differing;
    } catch (error) {
      this.#job.context.signal.throwIfAborted();
      if (!isFaultOfRow(error)) throw error;
      if (keys.length <= 1) return keys;
      const middle = Math.ceil(keys.length / 2);
      const [lower, upper] = [keys.slice(0, middle), keys.slice(middle)];
      return [
        ...(await this.#examineKeys(connection, lower)),
        ...(await this.#examineKeys(connection, upper)),
      ];
    }
  }

  #readingOn(connection: TargetConnection): Reading {
    return async (work) => await this.#reading(connection, async () => await work(connection));
  }

  /** One short transaction that changes nothing; somebody who changes the table is waited for. */
  async #reading<T>(connection: TargetConnection, work: () => Promise<T>): Promise<T> {
    const { context, order } = this.#job;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTransaction(connection, this.#limits, async () => {
          if (order.kind === 'place') await connection.query(inPlaces);
          await this.#job.prepare?.(connection);
          return await work();
        });
      } catch (error) {
        context.signal.throwIfAborted();
        if (!isContention(error) || attempt >= mostContendedAttempts) throw error;
        await context.clock.sleep(contendedRestMs, context.signal);
      }
    }
  }
}
