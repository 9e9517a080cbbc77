import type { EventDraft, JournalEntry } from './events.ts';
import type { FlagUse, FlagUseSpan } from './flag-use.ts';

/** The database that keeps the journal, the lease and the published flags. */
export interface ControlStore {
  /** Database time in ms since 1970: the only clock that two processes share. */
  now(): Promise<number>;
  takeLease(request: LeaseRequest): Promise<LeaseAnswer>;
  /** False when the token is no longer the leader's: step down at once. */
  renewLease(token: number, ttlMs: number): Promise<boolean>;
  releaseLease(token: number): Promise<void>;
  /** Who leads now; null when nobody does. Changes nothing. */
  readLease(): Promise<LeaseHolder | null>;
  /** Entries with a larger number than `afterSeq`, oldest first. The chain is one for all runs. */
  readJournal(afterSeq: number): Promise<readonly JournalEntry[]>;
  /**
   * Appends all or nothing, in one transaction, together with the flag document that these entries lead to.
   * @throws Error when the journal stands where it is expected and the document would still not be the newest: somebody has
   *   published past the journal.
   */
  append(request: AppendRequest): Promise<AppendAnswer>;
  /** Keeps a plan under its digest; the same one twice is one. */
  savePlan(digest: string, files: PlanFiles): Promise<void>;
  loadPlan(digest: string): Promise<PlanFiles | undefined>;
  readFlagDocument(): Promise<FlagDocumentRow | undefined>;
  /** Adds people to a segment. Nobody is ever taken out: who has been let in stays in. Returns the segment's size. */
  addSegmentMembers(segment: string, targetingKeys: readonly string[], token: number): Promise<number>;
  /** Everybody who was ever let into a segment, in no order. */
  readSegmentMembers(segment: string): Promise<readonly string[]>;
  /**
   * What people are told from now on: these and no others. They are forgotten by applications where they are not shown again
   * within half a minute.
   */
  showNotices(notices: readonly Notice[], token: number): Promise<void>;
  /** What applications have reported of their flags in this span. */
  readFlagUse(span: FlagUseSpan): Promise<FlagUse>;
  /** The segments that somebody is in, by name, and since when. */
  readMemberships(targetingKey: string): Promise<readonly Membership[]>;
  /** Calls back soon after the journal has grown, also by another process. Returns how to stop. */
  onJournalGrowth(callback: () => void): () => void;
  close(): Promise<void>;
}

/** What the people who use the application are told while a step is at work. */
export interface Notice {
  readonly step: string;
  readonly title: string;
  readonly text: string;
  /** 0 to 1; null where nobody knows. */
  readonly progress: number | null;
}

export interface Membership {
  readonly segment: string;
  /** Null where an older Crossfade let them in and no run has brought its tables up to date since. */
  readonly sinceMs: number | null;
}

export interface LeaseRequest {
  readonly holder: string;
  readonly ttlMs: number;
}

export type LeaseAnswer =
  | { readonly status: 'taken'; readonly token: number }
  | { readonly status: 'held'; readonly holder: string; readonly expiresInMs: number };

export interface LeaseHolder {
  readonly holder: string;
  readonly token: number;
  /** Unless it is renewed before. */
  readonly expiresInMs: number;
}

export interface AppendRequest {
  readonly entries: readonly EventDraft[];
  /** The journal's newest number when this was decided. 0: empty. */
  readonly expectedSeq: number;
  /** The leader's fencing token; null for an operator's command, which is guarded by `expectedSeq` alone. */
  readonly token: number | null;
  readonly flagDocument: FlagDocumentRow | null;
}

export type AppendAnswer =
  | { readonly status: 'appended'; readonly entries: readonly JournalEntry[] }
  | { readonly status: 'conflict'; readonly headSeq: number }
  | { readonly status: 'fenced' };

export interface FlagDocumentRow {
  readonly revision: number;
  readonly digest: string;
  /** flagd JSON. */
  readonly document: string;
}

/** A plan's files by their path relative to the plan's folder; `plan.yaml` is always there. */
export type PlanFiles = Readonly<Record<string, string>>;

/** The database being migrated. */
export interface Target {
  /** A connection of its own, never from a shared pool, so that its settings cannot leak. Aborting cancels its statement. */
  withConnection<T>(
    options: ConnectionOptions,
    work: (connection: TargetConnection) => Promise<T>,
  ): Promise<T>;
}

export interface ConnectionOptions {
  /** Shows in pg_stat_activity: how a successor finds what a dead leader left running. */
  readonly applicationName: string;
  readonly signal: AbortSignal;
}

export interface TargetConnection {
  /**
   * True when a pooler stands in between: the next transaction may meet another server process, so that nothing outside of one
   * can be limited in time, or be told from what others do there.
   */
  readonly pooled?: boolean;
  /**
   * The name by which a successor finds our work, where each transaction must bear it for its own time: a pooler's server
   * connection keeps the name of its last client for the next one that has none.
   */
  readonly transactionName?: string;
  /** The session has time limits of its own, so that a single statement needs no transaction to be limited by. */
  readonly hasLimits?: boolean;
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<QueryResult<Row>>;
}

export interface QueryResult<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** The application's own measurements, gathered from all its processes. */
export interface Metrics {
  /** Growth of a counter (all series that have these labels) in a window of database time; restarts counted as resets. */
  counterIncrease(query: MetricQuery): Promise<CounterIncrease>;
  /** Growth of a histogram's cumulative buckets in a window of database time. */
  histogramIncrease(query: MetricQuery): Promise<HistogramIncrease>;
  /** Asks each process a question over HTTP: GET path, JSON body. */
  ask(path: string, timeoutMs: number): Promise<readonly EndpointAnswer[]>;
}

export interface MetricQuery {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface CounterIncrease {
  readonly value: number;
  /** The labels that series of this counter have, whatever their values; empty while no series has been seen. */
  readonly labelNames: readonly string[];
  readonly coverage: Coverage;
}

export interface HistogramIncrease {
  /** Cumulative, sorted by upper edge in the metric's unit; the last edge is Infinity. */
  readonly buckets: readonly { readonly upperEdge: number; readonly count: number }[];
  readonly count: number;
  readonly sum: number;
  readonly coverage: Coverage;
}

/** What of the asked window was really seen: a gate must not take silence for health. */
export interface Coverage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly endpoints: number;
  readonly endpointsSilent: number;
}

export interface EndpointAnswer {
  readonly url: string;
  readonly status: number | null;
  readonly body: unknown;
  readonly tookMs: number;
  readonly error: string | null;
}

/** Where messages to people go. */
export interface Notifier {
  /** Delivery is at least once; `key` lets the receiver drop the second. */
  send(message: OutgoingMessage): Promise<void>;
}

export interface OutgoingMessage {
  readonly key: string;
  readonly channel: string;
  readonly subject: string;
  readonly body: string;
}

export interface Clock {
  /** Monotonic, for durations only; never compared between processes. */
  elapsedMs(): number;
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}

export interface Random {
  /** In [0, 1). */
  next(): number;
}
