import type { PlanFiles } from '@crossfade/engine';
import type { Node } from 'libpg-query';
import type { ParsedSql, Statement } from '../sql/parse-statements.ts';
import type { SchemaConfig } from './config.ts';
import { alterCommandsOf, type AlterCommand } from './alter-commands.ts';
import { lintAlone } from './lint-alone.ts';
import { lintHalfDone } from './lint-half-done.ts';
import { lintSession } from './lint-session.ts';
import { areTogether, readSections } from './migration-file.ts';
import { createdBy, droppedBy } from './created-and-dropped.ts';
import { lintRecipe } from './recipes/lint-recipe.ts';
import { runsInTransaction } from './transaction-block.ts';

/** All that can be known to be wrong with a migration before it runs. A missing file is found by its reference. */
export function lintSchema(config: SchemaConfig, files: PlanFiles): readonly string[] {
  if (config.change) return lintRecipe(config.change);
  const sql = files[config.file];
  return sql === undefined ? [] : lintFile(config, sql);
}

/** All that can be known to be wrong with the text of a file. */
export function lintFile(config: LintedFile, sql: string): readonly string[] {
  const { apply, revert } = readSections(sql);
  const findings = [...syntax(config.file, apply), ...(revert ? syntax(config.file, revert) : [])];
  if (apply.ok && apply.statements.length === 0) findings.push(`${config.file}: has no statement to apply`);
  if (!revert) {
    findings.push(
      `${config.file}: has no undo: expected a line "-- crossfade:undo" and what takes it back after it`,
    );
  } else if (revert.ok && revert.statements.length === 0) {
    findings.push(`${config.file}: has no statement after "-- crossfade:undo"`);
  }
  const applied = apply.ok ? apply.statements : [];
  const reverted = revert?.ok ? revert.statements : [];
  const appliedTogether = areTogether(applied, config);
  const revertedTogether = areTogether(reverted);
  return [
    ...findings,
    ...[...applied, ...reverted].flatMap((statement) => [
      ...lintStatement(config.file, statement),
      ...lintAlone(config.file, statement),
    ]),
    ...applied.flatMap((statement) => lintSession(config.file, statement, appliedTogether)),
    ...reverted.flatMap((statement) => lintSession(config.file, statement, revertedTogether)),
    ...applied.flatMap((statement) => lintApplied(config, statement)),
    ...lintOwnership(config.file, applied, reverted),
    ...reverted.flatMap((statement) => lintReverted(config.file, statement)),
    ...(appliedTogether || !apply.ok ? [] : lintHalfDone(config.file, applied, reverted)),
  ];
}

interface LintedFile {
  readonly file: string;
  readonly transaction?: boolean;
}

function syntax(file: string, parsed: ParsedSql): string[] {
  return parsed.ok ? [] : [`${file}:${parsed.line}:${parsed.column}: ${parsed.message}`];
}

function lintStatement(file: string, { node, line }: Statement): readonly string[] {
  if ('TransactionStmt' in node) {
    return [`${file}:${line}: begins or ends a transaction: Crossfade does that, set "transaction" instead`];
  }
  if ('IndexStmt' in node && node.IndexStmt.concurrent && !node.IndexStmt.idxname) {
    return [
      `${file}:${line}: a concurrent index needs a name, so that a build that was cut off can be found`,
    ];
  }
  return [];
}

function lintApplied(config: LintedFile, statement: Statement): readonly string[] {
  const findings: string[] = [];
  const where = `${config.file}:${statement.line}`;
  if (config.transaction === true && !runsInTransaction(statement)) {
    findings.push(`${where}: cannot run inside a transaction: remove "transaction: true"`);
  }
  if (losesData(statement.node)) {
    findings.push(
      `${where}: loses data that no undo brings back: that is the point of no return, and no work for a step of type schema`,
    );
  }
  return findings;
}

function losesData(node: Node): boolean {
  if ('DropStmt' in node) {
    const { removeType = '', behavior } = node.DropStmt;
    return removeType === 'OBJECT_TABLE' || (holdsData.has(removeType) && behavior === 'DROP_CASCADE');
  }
  if ('TruncateStmt' in node || 'DeleteStmt' in node || 'DropOwnedStmt' in node) return true;
  return commandsOf(node, ['AT_DropColumn']).length > 0;
}

/** Dropped with CASCADE, they take tables or columns with them. */
const holdsData = new Set(['OBJECT_SCHEMA', 'OBJECT_TYPE', 'OBJECT_DOMAIN', 'OBJECT_EXTENSION']);

/** What the undo drops must be ours: not something that was there before, and that the migration only passed over or replaced. */
function lintOwnership(
  file: string,
  applied: readonly Statement[],
  reverted: readonly Statement[],
): readonly string[] {
  const dropped = new Set(reverted.flatMap(droppedBy));
  return applied.flatMap((statement) => {
    const { node, line } = statement;
    const undone = createdBy(statement).some((name) => dropped.has(name));
    if (passesOver(node) || (undone && passesOverLess(node))) {
      return [
        `${file}:${line}: IF NOT EXISTS passes over what was there before, and the undo would drop it: leave it out`,
      ];
    }
    if (undone && replaces(node)) {
      return [
        `${file}:${line}: OR REPLACE takes the place of what was there before, and the undo would drop it: leave it out, ` +
          'or let the undo bring the former one back',
      ];
    }
    return [];
  });
}

function passesOver(node: Node): boolean {
  if ('CreateStmt' in node) return node.CreateStmt.if_not_exists === true;
  if ('IndexStmt' in node) return node.IndexStmt.if_not_exists === true;
  return commandsOf(node, ['AT_AddColumn']).some(({ missing_ok }) => missing_ok === true);
}

/** Often shared with others, and then left alone by the undo: that is fine. */
function passesOverLess(node: Node): boolean {
  if ('CreateSchemaStmt' in node) return node.CreateSchemaStmt.if_not_exists === true;
  if ('CreateExtensionStmt' in node) return node.CreateExtensionStmt.if_not_exists === true;
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.if_not_exists === true;
  return 'CreateTableAsStmt' in node && node.CreateTableAsStmt.if_not_exists === true;
}

function replaces(node: Node): boolean {
  if ('CreateFunctionStmt' in node) return node.CreateFunctionStmt.replace === true;
  if ('ViewStmt' in node) return node.ViewStmt.replace === true;
  return 'CreateTrigStmt' in node && node.CreateTrigStmt.replace === true;
}

function commandsOf(node: Node, wanted: readonly string[]): readonly AlterCommand[] {
  return alterCommandsOf(node).filter(({ subtype }) => wanted.some((name) => name === subtype));
}

/** The forward part may have been cut off half-way: what it did not come to create cannot be dropped. */
function lintReverted(file: string, { node, line }: Statement): readonly string[] {
  const strict =
    'DropStmt' in node
      ? node.DropStmt.missing_ok !== true
      : commandsOf(node, ['AT_DropColumn', 'AT_DropConstraint']).some(
          ({ missing_ok }) => missing_ok !== true,
        );
  return strict
    ? [`${file}:${line}: a DROP in the undo needs IF EXISTS: it may have to take back half a migration`]
    : [];
}
