import type { PerformContext, TargetConnection } from '@crossfade/engine';
import type { Statement } from '../sql/parse-statements.ts';
import type { SchemaConfig } from './config.ts';
import type { StatementLedger } from './statement-ledger.ts';

/** What carrying out a migration needs at every turn. */
export interface SchemaWork {
  readonly connection: TargetConnection;
  readonly context: PerformContext;
  readonly config: SchemaConfig;
  readonly ledger: StatementLedger;
}

export type Way = 'apply' | 'revert';

export interface Task {
  readonly statement: Statement;
  /** Position in its section of the file. */
  readonly index: number;
  /** In an undo: it puts back what the migration was to take away, and may not have come to. */
  readonly putsBack?: boolean;
}
