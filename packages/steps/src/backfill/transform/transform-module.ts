/** A row as a transform is given it: its key as text, and the columns that the plan says it reads. */
export interface SourceRow {
  readonly key: string;
  /**
   * Text, numbers and booleans as they are; bytea as bytes; json as what it says, if JavaScript can; what JavaScript cannot hold exactly (bigint,
   * numeric, dates and times) as Postgres writes it.
   */
  readonly columns: Readonly<Record<string, unknown>>;
}

/** New values, for exactly the columns that the plan says are written. */
export type Change = Readonly<Record<string, unknown>>;

/** What a file in `transforms/` exports. Both may also return promises. */
export interface TransformModule {
  /** One change for each row, in their order. It must not depend on anything but the rows: it may be asked twice. */
  transform(this: void, rows: readonly SourceRow[]): readonly Change[] | Promise<readonly Change[]>;
  /**
   * The columns that were read, worked out from what `transform` returned: compared with them before anything is written, so
   * that no row is changed that cannot be read back.
   */
  inverse?(
    this: void,
    changes: readonly (Change & { readonly key: string })[],
  ): readonly Readonly<Record<string, unknown>>[] | Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** A row that is done: what was read of it, and what was written. */
export interface StoredRow extends SourceRow {
  readonly stored: Change;
}

export type TransformRequest =
  | { readonly ask: 'changes'; readonly id: number; readonly rows: readonly SourceRow[] }
  /** Of which rows the inverse of what is stored is not what is read. */
  | { readonly ask: 'check'; readonly id: number; readonly rows: readonly StoredRow[] };

export type TransformAnswer =
  | { readonly answer: 'ready'; readonly hasInverse: boolean }
  /** The file itself is of no use: no row is to blame. */
  | { readonly answer: 'unusable'; readonly reason: string }
  | { readonly answer: 'changes'; readonly id: number; readonly changes: readonly Change[] }
  | { readonly answer: 'checked'; readonly id: number; readonly differing: readonly string[] }
  | { readonly answer: 'failed'; readonly id: number; readonly reason: string };
