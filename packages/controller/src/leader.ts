import {
  decide,
  emptyJournal,
  foldJournal,
  watchesOf,
  type AppendAnswer,
  type Decision,
  type JournalState,
  type RunEvent,
  type RunState,
} from '@crossfade/engine';
import { afterGrace, type Grace } from './after-grace.ts';
import type { ControllerEnd, ControllerOptions, ControllerSnapshot } from './controller-options.ts';
import { createEffectRunner, type EffectRunner } from './effect-runner.ts';
import { endOf, runOf } from './ended-run.ts';
import { createGateMeasurer, type GateMeasurer, type Verdicts } from './gate-measurer.ts';
import { heed, NotWaitedFor } from './heed.ts';
import type { Lease } from './lease.ts';
import { createNoticeKeeper, type NoticeKeeper } from './notice-keeper.ts';
import { defaultEffectRetry } from './perform-with-retries.ts';
import { createSegmentKeeper, type SegmentKeeper } from './segment-keeper.ts';
import { sentenceOf } from './sentence-of.ts';
import { ofStore, StoreTrouble } from './store-trouble.ts';
import { createWaker, type Waker } from './waker.ts';
import { withFlagDocument } from './with-flag-document.ts';

const watchingPauseMs = 250;
const restingPauseMs = 1_000;
/** A step that asks for an hour gone by must not make us spin; what really happens wakes us at once. */
const shortestPauseMs = 25;
const troublePauseMs = 250;
/** Whoever stops us waits so long at most for a store that may be about to answer. */
const storeGraceMs = 750;

/** One leadership over one run: from the lease taken to the lease lost, given back, or the run's end. */
export class Leader {
  readonly #options: ControllerOptions;
  readonly #lease: Lease;
  readonly #effects: EffectRunner;
  readonly #gates: GateMeasurer;
  readonly #segments: SegmentKeeper;
  readonly #notices: NoticeKeeper;
  readonly #waker: Waker;
  readonly #over: AbortSignal;
  readonly #grace: Grace;
  readonly #storeCutOff: AbortSignal;
  readonly #stopListening: () => void;
  #journal: JournalState = emptyJournal;
  #runId: string | null = null;
  #announced = false;
  #seen: Pick<ControllerSnapshot, 'nowMs' | 'verdicts' | 'waiting'> = {
    nowMs: null,
    verdicts: {},
    waiting: {},
  };

  constructor(options: ControllerOptions, lease: Lease) {
    const { bound, store, target, metrics, notifier, clock, random } = options;
    this.#options = options;
    this.#lease = lease;
    this.#waker = createWaker(clock);
    this.#gates = createGateMeasurer({ bound, metrics, clock });
    this.#effects = createEffectRunner({
      bound,
      token: lease.token,
      ports: { store, target, metrics, notifier, clock, random },
      retry: options.effectRetry ?? defaultEffectRetry,
      onEnd: this.#waker.wake,
    });
    this.#segments = createSegmentKeeper({
      bound,
      token: lease.token,
      ports: { store, target, clock },
      onEnd: this.#waker.wake,
    });
    this.#notices = createNoticeKeeper({
      bound,
      token: lease.token,
      store,
      clock,
      lost: lease.lost,
      onProblem: (problem) => this.#observe(problem),
    });
    this.#over = AbortSignal.any([options.signal, lease.lost]);
    this.#grace = afterGrace(clock, options.signal, storeGraceMs);
    this.#storeCutOff = AbortSignal.any([lease.lost, this.#grace.signal]);
    // At once, and not when the tick under way has ended: its store may be what hangs.
    this.#over.addEventListener('abort', () => this.#effects.abortAll(), { once: true });
    this.#stopListening = store.onJournalGrowth(this.#waker.wake);
  }

  async lead(): Promise<ControllerEnd> {
    for (;;) {
      const ended = this.#cutOff() ?? (await this.#tickOrTrouble());
      if (ended) return { status: ended, runId: this.#runId };
    }
  }

  /** Aborts what is at work and waits, within bounds, until it has let go. Returns whether it has. */
  async stop(): Promise<boolean> {
    this.#stopListening();
    this.#grace.cancel();
    const [effects, segmentsEnded] = await Promise.all([
      this.#effects.stop(),
      this.#segments.stop(),
      this.#notices.stop(),
    ]);
    const deaf = segmentsEnded ? effects : [...effects, 'the segments'];
    if (deaf.length === 0) return true;
    this.#observe(
      `the work of ${deaf.join(', ')} was told to end, and has not yet: the lease runs out by itself`,
    );
    return false;
  }

  /** Shows a problem that was met beside the ticks. */
  report(problem: string): void {
    this.#observe(problem);
  }

  #cutOff(): ControllerEnd['status'] | undefined {
    if (this.#lease.lost.aborted) return 'lost_lease';
    return this.#options.signal.aborted ? 'stopped' : undefined;
  }

  async #tickOrTrouble(): Promise<ControllerEnd['status'] | undefined> {
    try {
      return await this.#tick();
    } catch (error) {
      if (this.#cutOff() && (error instanceof StoreTrouble || error instanceof NotWaitedFor))
        return undefined;
      if (!(error instanceof StoreTrouble)) throw error;
      this.#observe(error.message);
      await this.#waker.sleep(troublePauseMs, this.#over);
      return undefined;
    }
  }

  async #tick(): Promise<ControllerEnd['status'] | undefined> {
    const run = await this.#catchUp();
    const ended = endOf(run);
    if (ended) {
      this.#observe(null);
      return ended;
    }
    const nowMs = await this.#ofStore(async () => await this.#options.store.now());
    if (!this.#announced) return await this.#announce(run, nowMs);
    const watches = watchesOf(this.#options.bound, this.#journal, nowMs);
    const verdicts = await heed(this.#over, 'over', async () => await this.#gates.measure(watches));
    const decision = this.#decide(verdicts, nowMs);
    if (this.#over.aborted) return undefined;
    const answer = await this.#commit(run, decision.transitions, nowMs);
    if (answer.status === 'fenced') return 'lost_lease';
    if (answer.status === 'conflict') return undefined;
    if (this.#journal.run && !this.#over.aborted) {
      this.#effects.sync(this.#journal.run);
      this.#segments.sync(this.#journal);
      this.#notices.sync(this.#journal.run, this.#effects.reports());
    }
    this.#observe(null);
    const endedNow = this.#journal.run && endOf(this.#journal.run);
    if (endedNow) return endedNow;
    await this.#rest(decision, nowMs, watches.length > 0);
    return undefined;
  }

  /** Journalled once per leadership, before anything is decided: what was seen by an earlier one is not seen by this one. */
  async #announce(run: RunState, nowMs: number): Promise<ControllerEnd['status'] | undefined> {
    const { holder } = this.#options;
    const answer = await this.#commit(
      run,
      [{ type: 'controller.started', holder, token: this.#lease.token }],
      nowMs,
    );
    this.#announced = answer.status === 'appended';
    return answer.status === 'fenced' ? 'lost_lease' : undefined;
  }

  async #catchUp(): Promise<RunState> {
    const { store, bound } = this.#options;
    const tail = await this.#ofStore(async () => await store.readJournal(this.#journal.headSeq));
    this.#journal = foldJournal(this.#journal, tail);
    const run = runOf(this.#journal, bound, this.#runId);
    this.#runId = run.runId;
    return run;
  }

  #decide(verdicts: Verdicts, nowMs: number): Decision {
    const effectResults = this.#effects.results();
    const observations = { verdicts, effectResults, segmentLooks: this.#segments.looks() };
    const decision = decide(this.#options.bound, this.#journal, observations, nowMs);
    this.#seen = { nowMs, verdicts, waiting: decision.waiting };
    return decision;
  }

  /** Appends events with the flags that they lead to, and takes up what was appended. */
  async #commit(run: RunState, events: readonly RunEvent[], nowMs: number): Promise<AppendAnswer> {
    const { store, bound } = this.#options;
    const { token } = this.#lease;
    const author = { runId: run.runId, actor: 'controller' };
    const drafts = events.map((event) => ({ ...author, event }));
    const request = withFlagDocument(bound.plan, this.#journal, drafts, author, nowMs);
    const expectedSeq = this.#journal.headSeq;
    if (request.entries.length === 0) return await this.#agreed();
    const answer = await this.#ofStore(async () => await store.append({ ...request, expectedSeq, token }));
    if (answer.status === 'appended') this.#journal = foldJournal(this.#journal, answer.entries);
    return answer;
  }

  /**
   * What appends nothing checks no head: whoever paused the run or took it back while gates were measured must be heard before
   * anything begins on what was decided without them.
   */
  async #agreed(): Promise<AppendAnswer> {
    const { headSeq } = this.#journal;
    await this.#catchUp();
    if (this.#journal.headSeq === headSeq) return { status: 'appended', entries: [] };
    return { status: 'conflict', headSeq: this.#journal.headSeq };
  }

  async #ofStore<T>(call: () => Promise<T>): Promise<T> {
    return await ofStore(call, this.#storeCutOff);
  }

  /** Until the decision's own hour, but not so long that a lost notification or a fresh verdict would go unseen. */
  async #rest(decision: Decision, nowMs: number, watching: boolean): Promise<void> {
    const longestMs = watching ? watchingPauseMs : restingPauseMs;
    const durationMs = Math.max(shortestPauseMs, Math.min(longestMs, decision.wakeAtMs - nowMs));
    await this.#waker.sleep(durationMs, this.#over);
  }

  #observe(problem: string | null): void {
    const snapshot = {
      leadership: { status: 'leading', token: this.#lease.token },
      journal: this.#journal,
      ...this.#seen,
      effects: this.#effects.reports(),
      problem,
    } as const;
    this.#options.observe?.({ ...snapshot, waitsFor: sentenceOf(snapshot) });
  }
}
