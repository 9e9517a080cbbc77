import type { RelationName } from '../../target/lock-holders.ts';

/** What a recipe must know of the table that it changes. */
export interface TableFacts {
  /** With its schema, once the server has been asked. */
  readonly name: RelationName;
  readonly isPartitioned: boolean;
  /** All below a partitioned table, parents before their children. */
  readonly partitions: readonly Partition[];
  /** By name; undefined where nobody could be asked. */
  readonly columns: ReadonlyMap<string, ColumnFacts> | undefined;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Names that a new index or constraint must not have. */
  readonly takenNames: ReadonlySet<string>;
  readonly pages: number;
}

export interface Partition {
  readonly name: RelationName;
  /** The table that it is a partition of, by its place in the list; null for the table itself. */
  readonly parent: number | null;
  readonly isPartitioned: boolean;
  readonly isForeign: boolean;
}

export interface ColumnFacts {
  /** And proven to be. */
  readonly notNull: boolean;
  /** Whether others may give a value of their own; null for what is no identity. */
  readonly identity: 'always' | 'by default' | null;
  /** As Postgres tells it. */
  readonly default: string | null;
  /** A valid index of the whole table begins with it. */
  readonly leadsIndex: boolean;
}

/** Where nobody can be asked: an ordinary table of that name. */
export function imaginedTable(name: RelationName): TableFacts {
  return {
    name,
    isPartitioned: false,
    partitions: [],
    columns: undefined,
    key: [],
    takenNames: new Set(),
    pages: 0,
  };
}

/** Why nothing can be done with columns that are not there; undefined when they all are, or nobody knows. */
export function missingColumn({ name, columns }: TableFacts, wanted: readonly string[]): string | undefined {
  const missing = columns && wanted.find((column) => !columns.has(column));
  return missing === undefined ? undefined : `${name.name} has no column ${missing}`;
}

/** Why its partitions cannot all have an index or a foreign key; undefined when they can. */
export function foreignPartition({ name, partitions }: TableFacts): string | undefined {
  const foreign = partitions.find(({ isForeign }) => isForeign);
  return (
    foreign &&
    `${name.name} has the partition ${foreign.name.name} on another server: what is not an ordinary table takes none`
  );
}
