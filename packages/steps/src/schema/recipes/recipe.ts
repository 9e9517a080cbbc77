import type { RelationName } from '../../target/lock-holders.ts';
import type { TableFacts } from './table-facts.ts';

/** A change of the schema that a plan asks for by name, and that becomes statements which keep nobody waiting. */
export interface Recipe {
  /** As in the plan: `add_index`. */
  readonly name: string;
  /** "adds an index on messages (person_id)" */
  readonly does: string;
  /** The table that it changes; null for a change of a type. */
  readonly table: RelationName | null;
  /** The type that it changes. */
  readonly type?: RelationName;
  /** What is wrong with its settings whatever the database looks like: `add_check.check: "…" is not an SQL expression`. */
  lint(): readonly string[];
  compile(ground: Ground): Compiled;
  /** A column as ALTER TABLE would add it: the server is asked whether it would write the whole table anew for that. */
  readonly probe?: string;
  /** Rows that stand in its way, to be counted and named when Postgres has refused it for them. */
  violations?(table: TableFacts): Violations | undefined;
  /** What its undo cannot take back, and why that does no harm. */
  readonly stays?: string;
}

/** What the same recipe may need other statements for. */
export interface Ground {
  /** 15 */
  readonly serverMajor: number;
  readonly table: TableFacts;
  /** What came of the probe; null where nobody could be asked. */
  readonly rewrites: boolean | null;
}

export type Compiled =
  | {
      readonly ok: true;
      /** In the order of the way there, each one statement without a semicolon. */
      readonly apply: readonly string[];
      readonly revert: readonly string[];
      /** All in one transaction; else each by itself. */
      readonly together: boolean;
      /** What else there is to know, as sentences. */
      readonly notes: readonly string[];
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** It is refused because it is so already, whoever has done it. */
      readonly isSo: boolean;
    };

export interface Violations {
  /** `messages where body is null` */
  readonly from: string;
  /** What tells one from another, as column names; none where there is no key. */
  readonly keys: readonly string[];
  readonly noun: 'row' | 'value';
}

export function compiled(
  apply: readonly string[],
  revert: readonly string[],
  { together = false, notes = [] }: { together?: boolean; notes?: readonly string[] } = {},
): Compiled {
  return { ok: true, apply, revert, together, notes };
}

export function refused(reason: string): Compiled {
  return { ok: false, reason, isSo: false };
}

export function isSoAlready(reason: string): Compiled {
  return { ok: false, reason, isSo: true };
}
