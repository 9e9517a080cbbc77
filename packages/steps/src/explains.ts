import type { PlanFiles, TargetConnection } from '@crossfade/engine';
import type { KeepsOut } from './target/lock-holders.ts';

/** What a step type has that can tell beforehand what it will do on the server. */
export interface Explains<Config> {
  explain(config: Config, ground: ExplainGround): Promise<readonly Explanation[]>;
}

export interface ExplainGround {
  readonly files: PlanFiles;
  /** The server itself, to be asked and left as it was; else these are imagined, by the number of their version. */
  readonly asked: TargetConnection | readonly number[];
}

/** What is done on one server, or on those of several versions that do the same. */
export interface Explanation {
  /** Of a step that comes in parts: what this one does. */
  readonly title?: string;
  /** "Postgres before 18"; null where they all do the same. */
  readonly servers: string | null;
  readonly apply: ExplainedPart;
  readonly undo: ExplainedPart;
  /** What else there is to know, as sentences. */
  readonly notes: readonly string[];
  /** Why it cannot be done there; null when it can. */
  readonly refused: string | null;
}

export interface ExplainedPart {
  readonly statements: readonly ExplainedStatement[];
  /** All in one transaction; else each by itself. */
  readonly together: boolean;
}

interface ExplainedStatement {
  /** Where messages say it is: line of the file, or number of the statement. */
  readonly line: number;
  readonly sql: string;
  readonly locks: readonly ExplainedLock[];
}

export interface ExplainedLock {
  /** As Postgres calls it: `SHARE UPDATE EXCLUSIVE`. */
  readonly mode: string;
  /** "messages", "messages_idx and its table" */
  readonly on: string;
  readonly keepsOut: KeepsOut;
}
