import type { PlanFiles } from '@crossfade/engine';
import type { Node } from 'libpg-query';
import type { ParsedSql, Statement } from '../sql/parse-statements.ts';
import type { SchemaConfig } from './config.ts';
import { readSections } from './migration-file.ts';
import { runsInTransaction } from './statement-facts.ts';

/** All that can be known to be wrong with a migration before it runs. A missing file is found by its reference. */
export function lintSchema(config: SchemaConfig, files: PlanFiles): readonly string[] {
  const sql = files[config.file];
  if (sql === undefined) return [];
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
  return [
    ...findings,
    ...[...applied, ...reverted].flatMap((statement) => lintStatement(config.file, statement)),
    ...applied.flatMap((statement) => lintApplied(config, statement)),
    ...reverted.flatMap((statement) => lintReverted(config.file, statement)),
  ];
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

function lintApplied(config: SchemaConfig, statement: Statement): readonly string[] {
  const findings: string[] = [];
  const where = `${config.file}:${statement.line}`;
  if (config.transaction === true && !runsInTransaction(statement)) {
    findings.push(`${where}: cannot run inside a transaction: remove "transaction: true"`);
  }
  if (hidesWhoseItIs(statement.node)) {
    findings.push(
      `${where}: IF NOT EXISTS passes over what was there before, and the undo would drop it: leave it out`,
    );
  }
  if (losesData(statement.node)) {
    findings.push(
      `${where}: loses data that no undo brings back: that is the point of no return, and no work for a step of type schema`,
    );
  }
  return findings;
}

function losesData(node: Node): boolean {
  if ('DropStmt' in node) return node.DropStmt.removeType === 'OBJECT_TABLE';
  if ('TruncateStmt' in node || 'DeleteStmt' in node) return true;
  return commandsOf(node, ['AT_DropColumn']).length > 0;
}

function hidesWhoseItIs(node: Node): boolean {
  if ('CreateStmt' in node) return node.CreateStmt.if_not_exists === true;
  if ('IndexStmt' in node) return node.IndexStmt.if_not_exists === true;
  return commandsOf(node, ['AT_AddColumn']).some(({ missing_ok }) => missing_ok === true);
}

type AlterCommand = Extract<Node, { AlterTableCmd: unknown }>['AlterTableCmd'];

function commandsOf(node: Node, subtypes: readonly string[]): readonly AlterCommand[] {
  if (!('AlterTableStmt' in node)) return [];
  return (node.AlterTableStmt.cmds ?? []).flatMap((command) =>
    'AlterTableCmd' in command && subtypes.includes(command.AlterTableCmd.subtype ?? '')
      ? [command.AlterTableCmd]
      : [],
  );
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
