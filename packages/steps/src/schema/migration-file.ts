import type { PlanFiles } from '@crossfade/engine';
import { parseStatements, type ParsedSql, type Statement } from '../sql/parse-statements.ts';
import { runsInTransaction } from './transaction-block.ts';

/** One direction of a migration, as it will be carried out. */
interface MigrationPart {
  readonly statements: readonly Statement[];
  /** All statements in one transaction; else each by itself. */
  readonly together: boolean;
}

export interface MigrationFile {
  readonly apply: MigrationPart;
  readonly revert: MigrationPart;
}

export interface MigrationSections {
  readonly apply: ParsedSql;
  /** Undefined when the file has no line `-- crossfade:undo`. */
  readonly revert: ParsedSql | undefined;
}

const undoMarker = /^[ \t]*--[ \t]*crossfade:undo[ \t]*\r?$/m;

/** Parses both sections; positions are those in the file. */
export function readSections(sql: string): MigrationSections {
  const marker = undoMarker.exec(sql);
  if (!marker) return { apply: parseStatements(sql), revert: undefined };
  const before = sql.slice(0, marker.index);
  const after = sql.slice(marker.index);
  const blankLines = '\n'.repeat(before.split('\n').length - 1);
  return { apply: parseStatements(before), revert: parseStatements(blankLines + after) };
}

/** Whether statements are carried out in one transaction, when nothing is said: wherever Postgres lets them. */
export function areTogether(
  statements: readonly Statement[],
  config: { readonly transaction?: boolean } = {},
): boolean {
  return config.transaction ?? statements.every(runsInTransaction);
}

/** @throws Error for a file that validation would have refused. */
export function readMigrationFile(
  config: { readonly file: string; readonly transaction?: boolean },
  files: PlanFiles,
): MigrationFile {
  const sql = files[config.file];
  if (sql === undefined) throw new Error(`the plan has no file ${config.file}`);
  const { apply, revert } = readSections(sql);
  if (!apply.ok) throw new Error(`${config.file}:${apply.line}:${apply.column}: ${apply.message}`);
  if (!revert?.ok) throw new Error(`${config.file}: the undo section is missing or not SQL`);
  return {
    apply: { statements: apply.statements, together: areTogether(apply.statements, config) },
    revert: { statements: revert.statements, together: areTogether(revert.statements) },
  };
}
