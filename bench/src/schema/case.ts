import type { BenchDatabase } from './bench-database.ts';
import type { Holds } from './slow-report.ts';

/** A change in both ways: as one would type it, and as a step does it. Both begin with the same table. */
export interface Case {
  /** As its figures are called. */
  readonly name: string;
  /** The slow report that is under way: one that the naive change has to wait for. */
  readonly holds: Holds;
  /** One after the other, each in a transaction of its own, as psql would. */
  readonly naively: readonly string[];
  readonly ours: (url: string) => Promise<{ readonly attempts: number }>;
  /** Takes away what either has made. */
  readonly clean: readonly string[];
  /** What else must be true of the table after our change. */
  readonly check?: (database: BenchDatabase) => Promise<boolean>;
}
